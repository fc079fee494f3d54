"""App Home was opened: a job finds out what waits for this person, and draws it."""

from __future__ import annotations

from bot.config import Settings
from bot.incidents.jobs import INBOX_SHOW
from bot.slack.answers import Answer, Nothing
from bot.slack.registry import Registry
from bot.slack.requests import Event
from bot.store.jobs import enqueue
from bot.store.types import Tx

HOME_OPENED = "app_home_opened"


def register(registry: Registry) -> None:
    registry.event(HOME_OPENED, opened)


def opened(tx: Tx, settings: Settings, event: Event) -> Answer:  # noqa: ARG001
    if event.detail.get("tab") == "home":
        enqueue(tx, INBOX_SHOW, priority=5, user_id=event.user_id, channel_id=None, key="")
    return Nothing()
