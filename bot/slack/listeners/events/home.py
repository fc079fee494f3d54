"""App Home was opened: draw it for this person."""

from __future__ import annotations

from bot.config import Settings
from bot.slack.answers import Answer, Nothing
from bot.slack.registry import Registry
from bot.slack.requests import Event
from bot.store import outbox
from bot.store.types import Tx

HOME_OPENED = "app_home_opened"


def register(registry: Registry) -> None:
    registry.event(HOME_OPENED, opened)


def opened(tx: Tx, settings: Settings, event: Event) -> Answer:  # noqa: ARG001
    if event.detail.get("tab") == "home":
        place = outbox.Place(f"home:{event.user_id}", user_id=event.user_id)
        outbox.show(tx, f"home:{event.user_id}", place, "home", {"user_id": event.user_id})
    return Nothing()
