"""Changes that are proposed together: which of them must have ended before another one may start.

Two rules. What was approved together runs in the order in which it was listed. And some changes must not
overtake others even when those are still undecided (domain 2.0): a key is switched off after its user was
denied everything, sessions are revoked after that, and ACLs are taken out before Block Public Access hides
them. Whoever wants the later one alone rejects the earlier one first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from bot.incidents import jobs
from bot.incidents.plan_states import UNDER_WAY, PlanState
from bot.remediation.plan import Plan
from bot.store import plans
from bot.store.jobs import waiting
from bot.store.tables.plans import PlanRow
from bot.store.types import Tx

_DENIES = frozenset({"R2", "R3", "R4"})
#: Sweeps over objects, hours long: what they need was read when they were planned, so nothing waits for them.
_LONG = frozenset({"R22", "R44"})

#: For each row, the rows that must not come after it.
COMES_AFTER: Mapping[str, frozenset[str]] = {
    "R1": _DENIES,
    "R8": _DENIES,
    "R10": _DENIES | {"R1"},
    "R5": _DENIES | {"R1", "R8"},
    "R23": frozenset({"R21"}),
    "R19": frozenset({"R21"}),
    "R20": frozenset({"R21", "R19"}),
}

#: Decided yes, and not ended.
_STARTING = frozenset({PlanState.APPROVED, PlanState.RUNNING})


def must_wait_for(row: str, earlier: Iterable[tuple[str, str]]) -> list[str]:
    """The ids of the earlier ones, given as (row, id), that a change of this row must never overtake."""
    return [plan_id for other, plan_id in earlier if other in COMES_AFTER.get(row, ())]


def ahead_of(tx: Tx, plan: PlanRow) -> list[PlanRow]:
    """The plans that must end before this approved one may start; empty: it may start now.

    Call it in the transaction that would take the plan from approved to running, and again when one of the
    plans it named has ended: rejected, expired and failed are ends too.
    """
    found = {one.id: one for one in (*_undecided_too(tx, plan), *_listed_before(tx, plan))}
    return sorted(found.values(), key=lambda one: one.number)


def still_being_planned(tx: Tx, ids: Iterable[str]) -> bool:
    """Whether an order for one of these plans is still in the queue."""
    open_ = {payload.get("order") for payload in waiting(tx, jobs.PLAN_PREPARE)}
    return not open_.isdisjoint(ids)


def first_from(tx: Tx, incident_id: int, plan: Plan) -> PlanRow | None:
    """A plan under way that was made from the same state of the same thing, such as one bucket policy.

    Carried out, it would make this one stale: so this one is to be made from what it leaves behind.
    """
    for one in plans.of_incident(tx, incident_id):
        same = (one.account_id, one.base_hash) == (plan.account_id, plan.base_hash)
        if same and one.state in UNDER_WAY and one.body["target"]["id"] == plan.target.id:
            return one
    return None


def _undecided_too(tx: Tx, plan: PlanRow) -> Iterator[PlanRow]:
    for plan_id in plan.must_wait_for:
        newest = _newest(tx, plan_id)
        if newest is not None and newest.state in _STARTING | {PlanState.PROPOSED}:
            yield newest


def _listed_before(tx: Tx, plan: PlanRow) -> Sequence[PlanRow]:
    if plan.batch_id is None:
        return ()
    return [
        one
        for one in plans.of_batch(tx, plan.batch_id)
        if one.batch_position < plan.batch_position
        and one.state in _STARTING
        and one.remediation not in _LONG
    ]


def _newest(tx: Tx, plan_id: str) -> PlanRow | None:
    """The plan, or the one that stands for it now."""
    found = plans.get(tx, plan_id)
    while found is not None and found.state == PlanState.REPLACED:
        found = plans.successor_of(tx, found.id)
    return found
