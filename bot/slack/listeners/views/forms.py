"""The forms that are sent in: open, reject, close."""

from __future__ import annotations

from bot.config import Settings
from bot.incidents.break_glass import SHORTEST_REASON
from bot.incidents.closing import close
from bot.incidents.jobs import APPROVAL_TOGETHER
from bot.slack import names, sentences
from bot.slack.answers import Answer, FieldErrors, Nothing, Say
from bot.slack.cards.text import escape
from bot.slack.listeners import opening
from bot.slack.listeners.actions.plan import note_decision
from bot.slack.registry import Registry
from bot.slack.requests import Submission
from bot.store.jobs import enqueue
from bot.store.types import Tx


def register(registry: Registry) -> None:
    registry.view(names.OPEN_FORM, opening.submitted)
    registry.view(names.REJECT_FORM, rejected)
    registry.view(names.CLOSE_FORM, closed)
    registry.view(names.APPROVE_FORM, approved)
    registry.view(names.GLASS_FORM, glass_broken)
    registry.view(names.TOGETHER_FORM, approved_together)


def rejected(tx: Tx, settings: Settings, form: Submission) -> Answer:  # noqa: ARG001
    about = form.metadata
    reason = form.values[names.REASON]
    return note_decision(tx, form, about["plan_id"], about["digest"], "reject", about["channel_id"], reason)


def approved(tx: Tx, settings: Settings, form: Submission) -> Answer:  # noqa: ARG001
    """The page with everything on it was sent in: the same as its Approve button."""
    about = form.metadata
    return note_decision(tx, form, about["plan_id"], about["digest"], "approve", about["channel_id"])


def glass_broken(tx: Tx, settings: Settings, form: Submission) -> Answer:  # noqa: ARG001
    about, reason = form.metadata, form.values.get(names.REASON, "")
    errors = {}
    if len(reason) < SHORTEST_REASON:
        errors[names.REASON] = sentences.GLASS_SAY_WHY
    if form.values.get(names.NUMBER) != str(about["number"]):
        errors[names.NUMBER] = sentences.type_the_number(about["number"])
    if errors:
        return FieldErrors(errors)
    plan_id, digest, channel_id = about["plan_id"], about["digest"], about["channel_id"]
    return note_decision(tx, form, plan_id, digest, "break_glass", channel_id, reason)


def approved_together(tx: Tx, settings: Settings, form: Submission) -> Answer:  # noqa: ARG001
    """One job for all that is ticked, in the order in which the form lists them."""
    ticked = [form.values[name] for name in sorted(form.values) if name.startswith(f"{names.CHOSEN}.")]
    chosen = [one.split(":", 1) for one in ticked if one]
    if not chosen:
        return FieldErrors({f"{names.CHOSEN}.00": sentences.CHOOSE_ONE})
    enqueue(
        tx,
        APPROVAL_TOGETHER,
        dedupe_key=f"together:{form.delivery_id}",
        priority=10,
        plans=chosen,
        user_id=form.user_id,
        team_id=form.team_id,
        channel_id=form.metadata["channel_id"],
    )
    return Nothing()


def closed(tx: Tx, settings: Settings, form: Submission) -> Answer:  # noqa: ARG001
    note = form.values.get(names.NOTE, "")
    return Say(escape(close(tx, form.metadata["incident_id"], form.user_id, note).sentence))
