"""Approving several plans in one transaction: each checked by itself, a refused one holds up no other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.incidents.approvals import Decision, approve, hold_undecided
from bot.incidents.people import Person
from bot.store import plans
from bot.store.types import Tx


def approve_together(
    tx: Tx, wanted: Sequence[tuple[str, str]], people: Mapping[str, Person]
) -> list[tuple[int, Decision]]:
    """For each (plan id, digest), as given: the plan's number (0: no such plan) and what came of it.

    `people` is the one who approves, by plan id: how somebody stands to a plan differs from plan to plan.
    """
    found = [plan for plan_id, _ in wanted if (plan := plans.get(tx, plan_id)) is not None]
    numbers = {plan.id: plan.number for plan in found}
    # All of them, in the order in which everybody takes them, before the first writes to the ledger: who
    # holds the ledger must never wait for somebody who holds a plan and waits for the ledger.
    for plan in sorted(found, key=lambda one: (one.incident_id, one.number)):
        hold_undecided(tx, plan.id)
    return [
        (numbers.get(plan_id, 0), approve(tx, plan_id, people[plan_id], digest)) for plan_id, digest in wanted
    ]
