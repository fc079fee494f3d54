"""The buttons of a plan card. Deciding is only noted here: who clicked is looked up afterwards, by a job."""

from __future__ import annotations

from bot.config import Settings
from bot.evidence.redact import redact
from bot.incidents import approvals
from bot.incidents.jobs import APPROVAL_DECIDE
from bot.incidents.plan_states import PlanState
from bot.incidents.sentences import TOO_LATE
from bot.slack import modals, names, sentences
from bot.slack.answers import Answer, Nothing, OpenModal, Say
from bot.slack.cards import details
from bot.slack.cards.text import escape
from bot.slack.registry import Registry
from bot.slack.requests import Click, Request
from bot.store import incidents, plans
from bot.store.jobs import enqueue, waiting
from bot.store.types import JsonObject, Tx


def register(registry: Registry) -> None:
    registry.action(names.APPROVE, approve)
    registry.action(names.REJECT, reject)
    registry.action(names.DETAILS, show_details)
    registry.action(names.UNDO, undo)
    registry.action(names.PLAN_AGAIN, plan_again)


def value(plan_id: str, digest: str) -> str:
    """What a deciding button carries: the plan and the hash of exactly what was shown."""
    return f"{plan_id}:{digest}"


def approve(tx: Tx, settings: Settings, click: Click) -> Answer:  # noqa: ARG001
    plan_id, _, digest = click.value.partition(":")
    return note_decision(tx, click, plan_id, digest, "approve", answered_in(tx, click, plan_id))


def answered_in(tx: Tx, click: Click, plan_id: str) -> str:
    """Where the person reads what came of the click: the channel, or empty for a direct message.

    The inbox shows changes of every incident, wherever it was asked for; a card of a plan stands in its own
    incident's channel alone, and a click on it elsewhere is refused.
    """
    here, plan = incidents.by_channel(tx, click.channel_id or ""), plans.get(tx, plan_id)
    elsewhere = here is not None and plan is not None and here.id != plan.incident_id
    return "" if click.only_for_me and elsewhere else click.channel_id or ""


def note_decision(
    tx: Tx, request: Request, plan_id: str, digest: str, verdict: str, channel_id: str, reason: str = ""
) -> Answer:
    """Queues the decision; a second click while the first is still being looked at adds nothing."""
    known: JsonObject = {
        "plan_id": plan_id,
        "user_id": request.user_id,
        "verdict": verdict,
        "digest": digest,
    }
    if any(known.items() <= payload.items() for payload in waiting(tx, APPROVAL_DECIDE)):
        return Say(sentences.ALREADY_NOTED)
    enqueue(
        tx,
        APPROVAL_DECIDE,
        dedupe_key=f"decide:{request.delivery_id}",
        priority=10,
        team_id=request.team_id,
        channel_id=channel_id,
        reason=redact(reason),
        **known,
    )
    return Nothing()


def reject(tx: Tx, settings: Settings, click: Click) -> Answer:  # noqa: ARG001
    """Asks for the reason, unless the plan is decided already."""
    plan_id, _, digest = click.value.partition(":")
    plan = plans.get(tx, plan_id)
    if plan is None:
        return Say(sentences.PLAN_GONE)
    if plan.state != PlanState.PROPOSED:
        return Say(escape(TOO_LATE[plan.state]))
    return OpenModal(modals.reject_form(plan, digest, answered_in(tx, click, plan_id)))


def show_details(tx: Tx, settings: Settings, click: Click) -> Answer:
    plan = plans.get(tx, click.value.partition(":")[0])
    if plan is None:
        return Say(sentences.PLAN_GONE)
    incident = incidents.get(tx, plan.incident_id)
    its = (incident.channel_id if incident else None) or ""
    channel_id = answered_in(tx, click, plan.id) if click.channel_id else its
    return OpenModal(details.draw(tx, plan, settings, channel_id=channel_id))


def undo(tx: Tx, settings: Settings, click: Click) -> Answer:  # noqa: ARG001
    return Say(escape(approvals.request_undo(tx, click.value.partition(":")[0], click.user_id).sentence))


def plan_again(tx: Tx, settings: Settings, click: Click) -> Answer:  # noqa: ARG001
    return Say(escape(approvals.ask_again(tx, click.value.partition(":")[0], click.user_id).sentence))
