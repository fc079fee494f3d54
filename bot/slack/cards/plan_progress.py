"""Where a plan stands, as one sentence for its card."""

from __future__ import annotations

from bot.incidents.plan_states import IN_FORCE, PlanState
from bot.slack.cards.text import inline, moment, person
from bot.store import incidents, plans
from bot.store.tables.plans import Execution, PlanRow
from bot.store.types import Tx


def sentence(tx: Tx, row: PlanRow) -> str:
    """State first, then who and when, then what came of it."""
    if row.state == PlanState.PROPOSED:
        return _proposed(tx, row)
    if row.state == PlanState.REJECTED:
        return f"*Rejected* by {_decider(row)}. Nothing was called. {_why(tx, row)}"
    if broken := broken_because(tx, row):
        return f"*No longer holds.* {inline(broken, 900)}"
    words = STATES[PlanState(row.state)].format(by=_approvers(tx, row), expiry=moment(row.expires_at))
    if row.state == PlanState.RUNNING:
        return f"{words} {_call_of(tx, row)}"
    return f"{words} {_outcome(tx, row)}".strip()


STATES = {
    PlanState.APPROVED: "*Approved* by {by}. It starts in a moment.",
    PlanState.RUNNING: "*Running*, approved by {by}.",
    PlanState.VERIFIED: "*Done and verified*, approved by {by}. It is still being watched.",
    PlanState.HELD: "*Done, verified and held*, approved by {by}.",
    PlanState.FAILED: "*Failed*, approved by {by}.",
    PlanState.STOPPED: "*Stopped half way; a person must look at AWS now.* Approved by {by}.",
    PlanState.STALE: "*Stale:* AWS changed after this was planned, so nothing was called.",
    PlanState.EXPIRED: "*Paused:* nobody decided by {expiry}. Nothing was called; it is not refused.",
    PlanState.REPLACED: "*Replaced* by a newer plan. Nothing more happens here.",
    PlanState.UNDONE: "*Undone.* It had been approved by {by}.",
}


def broken_because(tx: Tx, row: PlanRow) -> str:
    """Why a change that is in force does not keep the attacker out (the watch saw it); empty when it does."""
    execution = plans.execution_of(tx, row.id)
    in_force = execution is not None and row.state in IN_FORCE
    return str(execution.result.get("broken") or "") if execution and in_force else ""


def _proposed(tx: Tx, row: PlanRow) -> str:
    have = plans.approvals(tx, row.id)
    if not have:
        return f"*Waiting for approval* until {moment(row.expires_at)}. Nothing has been changed."
    missing = row.required_approvals - len(have)
    return f"*Approved by {_approvers(tx, row)}*, {missing} more needed until {moment(row.expires_at)}."


def _approvers(tx: Tx, row: PlanRow) -> str:
    return ", ".join(person(one.user_id) for one in plans.approvals(tx, row.id)) or "nobody"


def _decider(row: PlanRow) -> str:
    when = f" at {moment(row.decided_at)}" if row.decided_at else ""
    return f"{person(row.decided_by or '')}{when}"


def _call_of(tx: Tx, row: PlanRow) -> str:
    execution = plans.execution_of(tx, row.id)
    total = len(row.body["calls"])
    if execution is None:
        return f"{total} calls to make."
    begun = [entry for entry in plans.journal(tx, execution.id) if entry.state != "failed"]
    return f"Call {max(1, len(begun))} of {total}."


def _outcome(tx: Tx, row: PlanRow) -> str:
    execution = plans.execution_of(tx, row.id)
    return _said(execution) if execution else ""


def _said(execution: Execution) -> str:
    text = inline(str(execution.result.get("sentence", "")), 600)
    when = f" ({moment(execution.finished_at)})" if execution.finished_at else ""
    return f"{text}{when}"


def _why(tx: Tx, row: PlanRow) -> str:
    """The reason that was given, as the timeline has it."""
    for entry in reversed(incidents.timeline(tx, row.incident_id)):
        if entry.kind == "plan.rejected" and entry.detail.get("plan_id") == row.id:
            return inline(entry.text, 600)
    return ""
