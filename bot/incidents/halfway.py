"""A change whose calls ran in part: what it becomes when nobody lets it go on."""

from __future__ import annotations

from bot.incidents.plan_states import PlanState
from bot.store import plans
from bot.store.tables.plans import PlanRow
from bot.store.types import Tx


def calls_made(tx: Tx, plan_id: str) -> int:
    """How many calls of a plan are known to have taken effect."""
    execution = plans.execution_of(tx, plan_id)
    return sum(one.state == "done" for one in plans.journal(tx, execution.id)) if execution else 0


def execution_key(tx: Tx, plan_id: str) -> str:
    """The dedupe key of the next job that carries the plan out: a new one for each time it is let go on."""
    execution = plans.execution_of(tx, plan_id)
    return f"execute:{plan_id}:{execution.taken_up}" if execution else f"execute:{plan_id}"


def ends_as(tx: Tx, plan: PlanRow, state: PlanState) -> PlanState:
    """That state; but `halted` for a plan that has begun: what ran of it must stay undoable."""
    return PlanState.HALTED if plans.execution_of(tx, plan.id) else state
