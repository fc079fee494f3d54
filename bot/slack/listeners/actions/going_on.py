"""The buttons of a change that goes on later: Continue, and Check now."""

from __future__ import annotations

from bot.config import Settings
from bot.incidents import guided
from bot.slack import names
from bot.slack.answers import Answer, Say
from bot.slack.cards.text import escape
from bot.slack.listeners.actions.plan import note_decision
from bot.slack.registry import Registry
from bot.slack.requests import Click
from bot.store.types import Tx


def register(registry: Registry) -> None:
    registry.action(names.CONTINUE, go_on)
    registry.action(names.CHECK_NOW, check_now)


def go_on(tx: Tx, settings: Settings, click: Click) -> Answer:  # noqa: ARG001
    """Noted here, decided by a job that looks up who clicked, as with an approval."""
    plan_id, _, digest = click.value.partition(":")
    return note_decision(tx, click, plan_id, digest, "continue", click.channel_id or "")


def check_now(tx: Tx, settings: Settings, click: Click) -> Answer:  # noqa: ARG001
    return Say(escape(guided.check_now(tx, click.value.partition(":")[0])))
