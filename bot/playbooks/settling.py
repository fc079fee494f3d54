"""Where a step that is under way stands, read from its plans or its task."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bot.incidents.plan_states import PlanState
from bot.incidents.planning import NO_PLAN
from bot.store import incidents, plans
from bot.store.tables.incidents import TimelineEntry
from bot.store.tables.plans import PlanRow
from bot.store.tables.playbooks import Step
from bot.store.types import Tx

Standing = Literal["running", "done", "failed"]

_DONE = frozenset({PlanState.VERIFIED, PlanState.HELD, PlanState.UNDONE})
_FAILED = frozenset({PlanState.FAILED, PlanState.STOPPED, PlanState.REJECTED})


@dataclass(frozen=True)
class _Orders:
    """What came of a step's orders: plans by id and by the plan they replace, and orders without a plan."""

    by_id: Mapping[str, PlanRow]
    successors: Mapping[str, PlanRow]
    without: Mapping[str, TimelineEntry]
    ended: Mapping[str, TimelineEntry]

    def standing(self, order: str) -> Standing:
        """Of one order, or of the newest plan that stands for it. Expired and stale plans wait for people."""
        plan = self.by_id.get(order)
        if plan is None:
            return _without(self.without.get(order))
        if plan.state == PlanState.REPLACED:
            successor = self.successors.get(plan.id)
            return self.standing(successor.id) if successor else _without(self.ended.get(plan.id))
        if plan.state in _DONE:
            return "done"
        return "failed" if plan.state in _FAILED else "running"


def standing_of_remediation(tx: Tx, incident_id: int, step: Step) -> Standing:
    """running while a change waits or runs; failed when one will not be made; done when all are."""
    made = plans.of_step(tx, step.id)
    none = [entry for entry in incidents.timeline(tx, incident_id) if _is_none_of(entry, step)]
    orders = _Orders(
        by_id={plan.id: plan for plan in made},
        successors={plan.replaces: plan for plan in made if plan.replaces},
        without={entry.detail["order"]: entry for entry in none},
        ended={entry.detail["replaces"]: entry for entry in none if entry.detail["replaces"]},
    )
    return _worst(orders.standing(order) for order in step.result["orders"])


def standing_of_task(tx: Tx, incident_id: int, step: Step) -> Standing:
    """done once a person said so."""
    tasks = [task for task in incidents.tasks(tx, incident_id) if task.step_id == step.id]
    return "done" if tasks and all(task.state == "done" for task in tasks) else "running"


def _worst(standings: Iterable[Standing]) -> Standing:
    found: set[Any] = set(standings)
    if "running" in found:
        return "running"
    return "failed" if "failed" in found else "done"


def _without(entry: TimelineEntry | None) -> Standing:
    if entry is None:
        return "running"
    return "done" if entry.detail["done"] else "failed"


def _is_none_of(entry: TimelineEntry, step: Step) -> bool:
    return entry.kind == NO_PLAN and entry.detail["step_id"] == step.id
