"""Every point at which a worker can be killed while it makes a change, and what must hold afterwards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from bot.policy.actions import event_name
from bot.remediation.catalogue import remediation
from bot.remediation.plan import Plan, compared
from bot.store.ledger import canonical
from bot.store.tables.plans import PlanRow
from tests.e2e.kill_points.ward import Ward
from tests.remediation.rows.cases import Case

#: For each call of the plan.
AROUND_A_CALL = ("before intent", "after intent", "after call", "after outcome")
#: Once for a plan.
AT_THE_END = ("before the end", "after the end", "before the card edit", "after the card edit")
#: Seconds in which a worker comes to its point.
PATIENCE = 60.0


@dataclass(frozen=True)
class Point:
    """Where a worker dies: `position` counts the calls of the plan."""

    name: str
    position: int = 0

    def __str__(self) -> str:
        return f"{self.name} {self.position + 1}" if self.name in AROUND_A_CALL else self.name


@dataclass(frozen=True)
class Verdict:
    """What was found after one kill; empty: nothing wrong. `undone` is empty too where the undo is refused
    as the card had said."""

    case: str
    point: Point
    once: str
    undone: str


def points(calls: int) -> Iterator[Point]:
    for position in range(calls):
        yield from (Point(name, position) for name in AROUND_A_CALL)
    yield from map(Point, AT_THE_END)


def calls_of(case: Case) -> int:
    """How many calls the plan from the case's first example has."""
    return len(next(case.plans("acme-some-name")).calls)


def killed_at(ward: Ward, case: Case, point: Point) -> Verdict:
    """Kills a worker there, starts another, asks what came of it, and undoes it."""
    row = ward.approved(case)
    plan = Plan.model_validate(row.body)
    before = ward.effects(plan)
    ward.start(point.name, point.position, f"plan:{row.id}")
    if not ward.kill(wait=PATIENCE):
        return Verdict(case.row, point, "the worker never came to this point", "not tried")
    ward.time_passes()
    ward.start()
    try:
        once = _once(ward, row, plan, before)
        return Verdict(case.row, point, once, _undone(ward, case, row, plan))
    finally:
        ward.kill()
        ward.close_account_again()


def _once(ward: Ward, row: PlanRow, plan: Plan, before: dict[str, int]) -> str:
    """Why this is not 'each call's effect exactly once, and everybody told so'; empty when it is."""
    if not ward.settled(row.id, "verified"):
        return f"the plan ended {ward.plan(row.id).state}"
    made = Counter(ward.effects(plan)) - Counter(before)
    if made != wanted(plan):
        return f"AWS carried out {dict(made)} instead of {dict(wanted(plan))}"
    if canonical(compared(ward.live(plan))) != canonical(compared(plan.after)):
        return "AWS shows another state"
    if not ward.ledger_is_whole():
        return "the ledger is broken"
    cards = ward.cards(row.id)
    if len(cards) != 1 or "Done and verified" not in cards[0]:
        return f"the card says: {cards}"
    return ""


def _undone(ward: Ward, case: Case, row: PlanRow, plan: Plan) -> str:
    kind = remediation(case.row)
    if not kind.reversible:
        return "" if plan.irreversible and not plan.undo else "the card promised an undo"
    undo = ward.undo_of(row)
    if undo is None:
        return "no undo was proposed"
    ward.approve(undo)
    if not ward.settled(undo.id, "verified") or not ward.settled(row.id, "undone"):
        return f"the undo ended {ward.plan(undo.id).state}"
    found, promised = canonical(ward.live(plan)), canonical(kind.undone(plan.before))
    if found != promised:
        return f"AWS shows {found!r} instead of {promised!r}"
    cards = ward.cards(row.id)
    return "" if len(cards) == 1 and "Undone" in cards[0] else f"the card says: {cards}"


def wanted(plan: Plan) -> Counter[str]:
    """Each call of the plan once."""
    names = ("".join(word.title() for word in call.operation.split("_")) for call in plan.calls)
    return Counter(event_name(call.service, name) for call, name in zip(plan.calls, names, strict=True))
