"""The forms that are sent in: open, reject, close."""

from __future__ import annotations

from bot.config import Settings
from bot.incidents.closing import close
from bot.slack import names
from bot.slack.answers import Answer, Say
from bot.slack.cards.text import escape
from bot.slack.listeners import opening
from bot.slack.listeners.actions.plan import note_decision
from bot.slack.registry import Registry
from bot.slack.requests import Submission
from bot.store.types import Tx


def register(registry: Registry) -> None:
    registry.view(names.OPEN_FORM, opening.submitted)
    registry.view(names.REJECT_FORM, rejected)
    registry.view(names.CLOSE_FORM, closed)


def rejected(tx: Tx, settings: Settings, form: Submission) -> Answer:  # noqa: ARG001
    about = form.metadata
    reason = form.values[names.REASON]
    return note_decision(tx, form, about["plan_id"], about["digest"], "reject", about["channel_id"], reason)


def closed(tx: Tx, settings: Settings, form: Submission) -> Answer:  # noqa: ARG001
    note = form.values.get(names.NOTE, "")
    return Say(escape(close(tx, form.metadata["incident_id"], form.user_id, note).sentence))
