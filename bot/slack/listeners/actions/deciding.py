"""Buttons that open a form in which people decide: several changes together, and breaking the glass."""

from __future__ import annotations

from bot.config import Settings
from bot.incidents.plan_states import PlanState
from bot.incidents.sentences import GLASS_IS_THE_REQUESTERS, TOO_LATE
from bot.slack import glass_form, names, sentences
from bot.slack.answers import Answer, OpenModal, ReplaceModal, Say
from bot.slack.cards import details, together
from bot.slack.cards.text import escape
from bot.slack.listeners.actions.plan import answered_in
from bot.slack.registry import Registry
from bot.slack.requests import Click
from bot.store import incidents, plans
from bot.store.types import Tx


def register(registry: Registry) -> None:
    registry.action(names.DECIDE_TOGETHER, decide_together)
    registry.action(names.BREAK_GLASS, break_glass)
    registry.action(names.TURN_PAGE, turn_page)
    # A tick in the form is no click: what counts is the form as it is sent in.


def decide_together(tx: Tx, settings: Settings, click: Click) -> Answer:  # noqa: ARG001
    incident = incidents.get(tx, int(click.value))
    rows = together.waiting(tx, incident.id, click.user_id) if incident else []
    if incident is None or not rows:
        return Say(sentences.NOTHING_TO_DECIDE)
    return OpenModal(together.draw(tx, incident, rows, click.channel_id or incident.channel_id or ""))


def break_glass(tx: Tx, settings: Settings, click: Click) -> Answer:
    """Asks for the reason, of the requester alone; whether the policy lets this person is checked later."""
    plan_id, _, digest = click.value.partition(":")
    plan = plans.get(tx, plan_id)
    if plan is None:
        return Say(sentences.PLAN_GONE)
    if plan.state != PlanState.PROPOSED:
        return Say(escape(TOO_LATE[plan.state]))
    if plan.requested_by != click.user_id:
        return Say(escape(GLASS_IS_THE_REQUESTERS))
    return OpenModal(glass_form.draw(plan, digest, answered_in(tx, click, plan_id), settings))


def turn_page(tx: Tx, settings: Settings, click: Click) -> Answer:
    plan_id, _, number = click.value.split(":")
    plan = plans.get(tx, plan_id)
    if plan is None:
        return Say(sentences.PLAN_GONE)
    incident = incidents.get(tx, plan.incident_id)
    channel_id = (incident.channel_id if incident else None) or ""
    return ReplaceModal(details.draw(tx, plan, settings, int(number), channel_id))
