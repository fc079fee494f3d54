"""What became of every plan: who asked, who agreed, what was called, what AWS answered, the way back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from pydantic import ValidationError

from bot.incidents.plan_states import IN_FORCE
from bot.incidents.policies import needed
from bot.remediation.diff import diff
from bot.remediation.plan import Call, Plan
from bot.reports import sentences
from bot.reports.data import Change, Made, Run, Yes
from bot.store import incidents, plans
from bot.store.tables.incidents import TimelineEntry
from bot.store.tables.plans import Execution, JournalEntry, PlanRow
from bot.store.types import JsonObject, Tx

#: Timeline entries that tell what was seen after the calls.
_VERIFICATION = frozenset({"plan.verified", "plan.held", "plan.broken"})
#: Timeline entries that tell why a plan ended without calls.
_ENDINGS = frozenset({"plan.rejected", "plan.expired"})


def changes(tx: Tx, incident_id: int) -> tuple[Change, ...]:
    """Every plan of the incident by its number, also those that never ran."""
    rows = plans.of_incident(tx, incident_id)
    told = incidents.timeline(tx, incident_id)
    return tuple(_change(tx, row, rows, _about(told, row)) for row in rows)


def _about(told: Sequence[TimelineEntry], row: PlanRow) -> list[TimelineEntry]:
    return [entry for entry in told if entry.detail.get("plan_id") == row.id]


def _change(tx: Tx, row: PlanRow, rows: Sequence[PlanRow], told: Sequence[TimelineEntry]) -> Change:
    plan = _plan(row)
    execution = plans.execution_of(tx, row.id)
    numbers = {one.id: one.number for one in rows}
    yeses = plans.approvals(tx, row.id)
    return Change(
        number=row.number,
        title=str(row.body.get("title", row.remediation)),
        remediation=row.remediation,
        target=plan.target.id if plan else _compact(row.target),
        account_id=row.account_id,
        region=row.region,
        state=row.state,
        outcome=sentences.OUTCOMES[row.state],
        because=_because(told),
        reason=row.reason,
        requested_by=row.requested_by,
        created_at=row.created_at,
        expires_at=row.expires_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        required=needed(row),
        approvals=tuple(Yes(one.user_id, one.at, one.digest == row.digest, one.break_glass) for one in yeses),
        digest=row.digest,
        base_hash=row.base_hash,
        digest_holds=plan is not None and plan.digest == row.digest,
        plan=plan,
        diff=tuple(diff(plan.before, plan.after).splitlines()) if plan else (),
        calls=tuple(_calls(tx, plan, execution)),
        run=_run(execution) if execution else None,
        verification=tuple(entry.text for entry in told if entry.kind in _VERIFICATION),
        undo=_undo(row, plan, rows),
        undoes=numbers.get(row.undoes or ""),
        undone_by=tuple(one.number for one in rows if one.undoes == row.id),
        replaces=numbers.get(row.replaces or ""),
    )


def _plan(row: PlanRow) -> Plan | None:
    try:
        return Plan.model_validate(row.body)
    except ValidationError:
        return None


def _because(told: Sequence[TimelineEntry]) -> str:
    """Why a plan ended without calls, as it was told then."""
    return next((entry.text for entry in reversed(told) if entry.kind in _ENDINGS), "")


def _run(execution: Execution) -> Run:
    return Run(
        session_name=execution.session_name,
        source_identity=execution.source_identity,
        started_at=execution.started_at,
        finished_at=execution.finished_at,
        sentence=str(execution.result.get("sentence", "")),
        broken=execution.result.get("broken"),
    )


def _calls(tx: Tx, plan: Plan | None, execution: Execution | None) -> Iterator[Made]:
    """The planned calls, each with its journal; without a readable plan, the journal alone."""
    journal = {entry.position: entry for entry in plans.journal(tx, execution.id)} if execution else {}
    if plan is None:
        yield from map(_made, journal.values())
        return
    for position, call in enumerate(plan.calls):
        yield _made(journal[position]) if position in journal else _planned(call)


def _made(entry: JournalEntry) -> Made:
    return Made(
        operation=f"{entry.service}:{entry.operation}",
        params=_pretty(entry.params),
        state=entry.state,
        attempts=entry.attempts,
        at=entry.outcome_at or entry.intent_at,
        request_id=entry.request_id,
        error=entry.error,
    )


def _planned(call: Call) -> Made:
    return Made(f"{call.service}:{call.operation}", _pretty(call.params), "not made", 0, None, None, None)


def _undo(row: PlanRow, plan: Plan | None, rows: Sequence[PlanRow]) -> str:
    done = [one.number for one in rows if one.undoes == row.id and one.state in IN_FORCE]
    if done:
        return sentences.undo_done(done)
    if row.undoes:
        return sentences.UNDO_IS_ONE
    if row.state not in IN_FORCE or plan is None:
        return sentences.UNDO_NOT_NEEDED
    return sentences.undo_ready(len(plan.undo)) if plan.undo else sentences.UNDO_NONE


def _pretty(value: JsonObject) -> str:
    return json.dumps({name: _opened(one) for name, one in value.items()}, indent=2, ensure_ascii=False)


def _opened(value: object) -> object:
    """A policy is sent as JSON inside a string; people read it as JSON."""
    if not (isinstance(value, str) and value.startswith("{")):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _compact(value: JsonObject) -> str:
    return ", ".join(f"{name} {one}" for name, one in value.items())
