"""A change that goes on later: halted half way, waiting for a person, or for another change to run first."""

from __future__ import annotations

from datetime import datetime

from slack_sdk.models.blocks import Block, ButtonElement

from bot.incidents.halfway import calls_made
from bot.incidents.ordering import must_wait_for
from bot.incidents.plan_states import UNDER_WAY, PlanState
from bot.remediation.plan import Plan
from bot.slack import names
from bot.slack.cards import kit
from bot.slack.cards.text import count, moment, told
from bot.store import plans
from bot.store.tables.plans import PlanRow
from bot.store.types import Tx


def buttons(tx: Tx, row: PlanRow, plan: Plan, value: str) -> list[ButtonElement]:
    """What people can do with it now."""
    if row.state == PlanState.WAITING:
        return [kit.button("Check now", names.CHECK_NOW, value, label=f"Check now: {plan.title}")]
    if row.state != PlanState.HALTED or _undo_under_way(tx, row):
        return []
    found = [_go_on(tx, row, plan, value)]
    if plan.undo and not row.undoes and calls_made(tx, row.id):
        found.append(_undo_part(plan, value))
    return found


def guide(row: PlanRow, plan: Plan) -> list[Block]:
    """The steps for whoever does it by hand; nothing once AWS shows it done, or where the bot does it."""
    if not plan.guide or row.state not in UNDER_WAY | {PlanState.WAITING}:
        return []
    title = kit.section("*What a person does, step by step* (AWS lets no program do it)")
    return [title, *(kit.preformatted(step) for step in plan.guide)]


def turn(tx: Tx, row: PlanRow) -> str:
    """When an approved change starts."""
    return waits_for(tx, row) or "It starts in a moment."


def waits_for(tx: Tx, row: PlanRow) -> str:
    """The change that must run before this one, if there is one that has not ended."""
    first = must_wait_for(tx, row)
    if first is None:
        return ""
    return f"It waits for plan {first.number}, which must run first: {told(str(first.body['title']), 160)}."


def half_way(tx: Tx, row: PlanRow) -> str:
    """For a halted plan that asks for approval again: what of it stands in AWS already."""
    if plans.execution_of(tx, row.id) is None:
        return ""
    made = calls_made(tx, row.id)
    return (
        f"{made} of its {count(len(row.body['calls']), 'call')} ran already and stay; this is about the rest."
    )


def looked(tx: Tx, row: PlanRow) -> str:
    """What the looks at a guided change came to."""
    execution = plans.execution_of(tx, row.id)
    seen = dict(execution.result) if execution else {}
    if "looked_at" not in seen:
        return ""
    at = moment(datetime.fromisoformat(str(seen["looked_at"])))
    more = " I stopped looking by myself; 'Check now' looks again." if seen.get("stopped_looking") else ""
    return f"Last look {at}: {_SEEN.get(str(seen['seen'])) or told(str(seen['seen']), 300)}{more}"


_SEEN = {
    "before": "AWS still shows the state from before.",
    "other": "AWS shows neither the state from before nor the goal: somebody is at it, or did other things.",
}


def _go_on(tx: Tx, row: PlanRow, plan: Plan, value: str) -> ButtonElement:
    left = len(plan.calls) - calls_made(tx, row.id)
    dialog = kit.confirm(
        "Continue this change?",
        f"AWS is read first. If it still shows what the last made call left, the other {left} of"
        f" {len(plan.calls)} calls run; if the approval has expired, it is asked for again.",
        "Continue",
        "Back",
    )
    return kit.button(
        "Continue", names.CONTINUE, value, style="primary", confirm=dialog, label=f"Continue {plan.title}"
    )


def _undo_part(plan: Plan, value: str) -> ButtonElement:
    text = (
        "This proposes to take back the calls that ran, the last one first. Another person must approve it."
    )
    dialog = kit.confirm("Ask for the undo?", text, "Ask for it", "Back")
    return kit.button("Undo what ran…", names.UNDO, value, confirm=dialog, label=f"Undo part of {plan.title}")


def _undo_under_way(tx: Tx, row: PlanRow) -> bool:
    return any(undo.state in UNDER_WAY for undo in plans.undo_of(tx, row.id))
