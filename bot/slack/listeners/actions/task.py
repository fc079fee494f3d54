"""The Done button of a task."""

from __future__ import annotations

from bot.config import Settings
from bot.incidents import tasks
from bot.slack import names
from bot.slack.answers import Answer, Say
from bot.slack.cards.text import escape
from bot.slack.registry import Registry
from bot.slack.requests import Click
from bot.store.types import Tx


def register(registry: Registry) -> None:
    registry.action(names.TASK_DONE, done)


def done(tx: Tx, settings: Settings, click: Click) -> Answer:  # noqa: ARG001
    return Say(escape(tasks.complete(tx, int(click.value), click.user_id)))
