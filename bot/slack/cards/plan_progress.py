"""Where a plan stands, as one sentence for its card."""

from __future__ import annotations

from bot.incidents.plan_states import IN_FORCE, PlanState
from bot.incidents.policies import needed
from bot.incidents.watch import LOOKS
from bot.remediation.sentences import verified
from bot.remediation.words.sweeping import how_far
from bot.slack.cards import plan_further
from bot.slack.cards.text import inline, moment, nearby, person, told
from bot.store import incidents, plans
from bot.store.tables.plans import Approval, PlanRow
from bot.store.types import Tx


def sentence(tx: Tx, row: PlanRow) -> str:
    """State first, then who and when, then what came of it."""
    if row.state == PlanState.PROPOSED:
        return _proposed(tx, row)
    if row.state == PlanState.REJECTED:
        return f"*Rejected* by {_decider(row)}. Nothing was called. {_why(tx, row)}"
    if broken := broken_because(tx, row):
        return f"*No longer holds.* {told(broken, 900)}"
    words = STATES[PlanState(row.state)].format(
        by=_approvers(tx, row), in_time=_in_time(tx, row), ended=_ended(tx, row)
    )
    more = _MORE.get(PlanState(row.state), _outcome)
    return f"{words} {more(tx, row)}".strip()


STATES = {
    PlanState.APPROVED: "*Approved* by {by}.",
    PlanState.RUNNING: "*Running*, approved by {by}.",
    PlanState.VERIFIED: "*Done and verified*{ended}, approved by {by}.",
    PlanState.HELD: "*Done and verified*{ended}, and held since. Approved by {by}.",
    PlanState.FAILED: "*Failed*{ended}, approved by {by}.",
    PlanState.STOPPED: "*Stopped half way; a person must look at AWS now.* Approved by {by}.",
    PlanState.STALE: "*Stale:* AWS changed after this was planned, so nothing was called.",
    PlanState.EXPIRED: "*Paused:* nobody decided {in_time}. Nothing was called; it is not refused.",
    PlanState.REPLACED: "*Replaced* by a newer plan. Nothing more happens here.",
    PlanState.UNDONE: "*Undone.* It had been approved by {by}.",
    PlanState.HALTED: "*Halted half way*{ended}, approved by {by}.",
    PlanState.WAITING: "*Waiting for somebody to do it by hand,* approved by {by}. Nothing was called.",
}


def line(tx: Tx, row: PlanRow) -> str:
    """The same for the control card: number, title, state, when and by whom."""
    return f"*{row.number}* {told(nearby(str(row.body['title']), row.account_id), 140)}: {_in_short(tx, row)}"


def _in_short(tx: Tx, row: PlanRow) -> str:
    if broken_because(tx, row):
        return "*no longer holds*, see its card"
    return SHORT[PlanState(row.state)].format(
        have=_so_far(tx, row),
        by=_approvers(tx, row),
        expiry=moment(row.expires_at),
        in_time=_in_time(tx, row),
        decider=_decider(row),
        ended=_ended(tx, row),
    )


SHORT = {
    PlanState.PROPOSED: "*waits for approval*{have} until {expiry}",
    PlanState.APPROVED: "*about to start*, approved by {by}",
    PlanState.RUNNING: "*under way*, approved by {by}",
    PlanState.VERIFIED: "done and verified{ended}, approved by {by}",
    PlanState.HELD: "done{ended} and held since, approved by {by}",
    PlanState.FAILED: "*failed*{ended}, approved by {by}",
    PlanState.STOPPED: "*stopped half way*{ended}, a person must look at AWS now",
    PlanState.STALE: "*out of date*, AWS changed before it ran; nothing was called",
    PlanState.REJECTED: "rejected by {decider}",
    PlanState.EXPIRED: "paused, nobody decided {in_time}",
    PlanState.REPLACED: "replaced by a newer plan",
    PlanState.UNDONE: "undone, it had been approved by {by}",
    PlanState.HALTED: "*halted half way*{ended}, somebody must continue it or undo what ran",
    PlanState.WAITING: "*waits for somebody to do it by hand*, approved by {by}",
}


def broken_because(tx: Tx, row: PlanRow) -> str:
    """Why a change that is in force does not keep the attacker out (the watch saw it); empty when it does."""
    execution = plans.execution_of(tx, row.id)
    in_force = execution is not None and row.state in IN_FORCE
    return str(execution.result.get("broken") or "") if execution and in_force else ""


def _proposed(tx: Tx, row: PlanRow) -> str:
    have = plans.approvals(tx, row.id)
    if not have:
        so_far = plan_further.half_way(tx, row) or "Nothing has been changed."
        return f"*Waiting for approval* until {moment(row.expires_at)}. {so_far}"
    missing = needed(row) - len(have)
    return f"*Approved by {_approvers(tx, row)}*, {missing} more needed until {moment(row.expires_at)}."


def _so_far(tx: Tx, row: PlanRow) -> str:
    """How many have said yes, where one does not do and somebody has."""
    have = len(plans.approvals(tx, row.id))
    return f" ({have} of {needed(row)} given)" if have else ""


def _approvers(tx: Tx, row: PlanRow) -> str:
    return ", ".join(_yes(one) for one in plans.approvals(tx, row.id)) or "nobody"


def _yes(approval: Approval) -> str:
    return f"{person(approval.user_id)}{' (break-glass)' if approval.break_glass else ''}"


def _decider(row: PlanRow) -> str:
    when = f" {moment(row.decided_at)}" if row.decided_at else ""
    return f"{person(row.decided_by or '')}{when}"


def _call_of(tx: Tx, row: PlanRow) -> str:
    execution = plans.execution_of(tx, row.id)
    total = len(row.body["calls"])
    if execution is None:
        return f"{total} calls to make."
    begun = [entry for entry in plans.journal(tx, execution.id) if entry.state != "failed"]
    walked = begun[-1].progress if begun else None
    so_far = f" {how_far(walked['walked'], walked['items'])}." if walked else ""
    return f"Call {max(1, len(begun))} of {total}.{so_far}"


def _watched(tx: Tx, row: PlanRow) -> str:
    """How far the watch is; an undo is not watched."""
    if row.undoes:
        return _outcome(tx, row)
    execution = plans.execution_of(tx, row.id)
    clean = int(execution.result.get("clean_looks", 0)) if execution else 0
    after = f" {clean} of {LOOKS} looks found nothing wrong." if clean else ""
    return f"It is still being watched, and not called held yet.{after} {_outcome(tx, row)}".strip()


def _outcome(tx: Tx, row: PlanRow) -> str:
    """What the run came to, unless the state says it already."""
    execution = plans.execution_of(tx, row.id)
    said = str(execution.result.get("sentence", "")) if execution else ""
    known = row.state == PlanState.UNDONE or said == verified(str(row.body["title"]))
    return "" if known else told(said, 600)


def _in_time(tx: Tx, row: PlanRow) -> str:
    """Until when somebody could have decided: the end of the incident comes before any expiry."""
    incident = incidents.get(tx, row.incident_id)
    closed = incident.closed_at if incident else None
    return (
        "before the incident was closed"
        if closed and closed < row.expires_at
        else f"by {moment(row.expires_at)}"
    )


def _ended(tx: Tx, row: PlanRow) -> str:
    execution = plans.execution_of(tx, row.id)
    return f" {moment(execution.finished_at)}" if execution and execution.finished_at else ""


def _why(tx: Tx, row: PlanRow) -> str:
    """The reason that was given, as the timeline has it."""
    for entry in reversed(incidents.timeline(tx, row.incident_id)):
        if entry.kind == "plan.rejected" and entry.detail.get("plan_id") == row.id:
            return inline(entry.text.removeprefix(f"Rejected: {row.body['title']}. "), 600)
    return ""


#: What is said after the state; of all others, what the run came to.
_MORE = {
    PlanState.APPROVED: plan_further.turn,
    PlanState.RUNNING: _call_of,
    PlanState.WAITING: plan_further.looked,
    PlanState.VERIFIED: _watched,
}
