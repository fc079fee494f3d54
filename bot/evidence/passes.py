"""Passes over the sources: search, judge, follow who turned out to matter, until nothing new turns up.

What is judged depends only on the records that the sources hold: an earlier run's matches spare the reading,
and change nothing. Each pass takes from them only what is looked for by then.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

from bot.evidence.actors.assessment import Assessment
from bot.evidence.actors.lineage import Mints
from bot.evidence.collect import Collected, Collecting, OrderMattersError
from bot.evidence.events import within
from bot.evidence.following import first, follow
from bot.evidence.matches import Matches
from bot.evidence.questions import Question
from bot.evidence.scan.files import FileProblem
from bot.evidence.scan.pool import FEW_BYTES, get_ready
from bot.evidence.sources.base import TRAIL_FILES, Cost, Progress, Reading, Source
from bot.evidence.wanted import Wanted
from bot.evidence.wording import short, size, some

#: Two are usual: the second finds the rest about those whom the first found. Chains of roles take more.
MOST_PASSES = 8


class Judged(Protocol):
    """What following needs to know of a case."""

    @property
    def assessed(self) -> Mapping[str, Assessment]: ...

    @property
    def mints(self) -> Mints: ...


CaseT = TypeVar("CaseT", bound=Judged)


@dataclass(frozen=True)
class Found(Generic[CaseT]):
    """The end of the last pass: the case, what came of each source, and what was looked for."""

    case: CaseT
    collected: Collected
    readings: tuple[Reading, ...]
    wanted: Wanted


def search_all(
    question: Question,
    sources: Sequence[Source],
    matches: Matches,
    judge: Callable[[Collected, Sequence[Reading]], CaseT],
    progress: Progress,
    event_names: frozenset[str] = frozenset(),
) -> Found[CaseT]:
    """All passes; `judge` makes a case of what was collected and read, `event_names` are what rules ask for.

    What is not followed because it is too much is told among the first source's problems. Raises what the
    sources raise: OSError, and the errors of AWS.
    """
    wanted = first(question, event_names)
    costs = [source.cost(wanted) for source in sources]
    if sum(cost.size for cost in costs) >= FEW_BYTES:
        get_ready(wanted)
    for source, cost in zip(sources, costs, strict=True):
        progress(_estimate(source.coverage().kind, cost))
    gathering = _Gathering(question, matches, event_names)
    left = 0
    for number in range(1, MOST_PASSES + 1):
        known = matches.added
        _search(sources, matches, wanted)
        if number == 1 or matches.added > known or not matches.began_empty:
            progress(f"working out who did what (pass {number})")
            gathering.gather(wanted)
        collected = gathering.collected
        readings = _readings(sources, matches, collected)
        case = judge(collected, readings)
        leads = follow(collected, case.assessed, case.mints, wanted)
        left = leads.left + (len(leads.wanted.keys) if number == MOST_PASSES else 0)
        if not leads.wanted or number == MOST_PASSES:
            break
        wanted |= leads.wanted
    if left:
        readings = _with_problem(readings, FileProblem("not followed", _too_many(left)))
        case = judge(collected, readings)
    return Found(case, collected, readings, wanted)


class _Gathering:
    """What is collected of the matches: of all at first, and later of those that are new if that will do."""

    def __init__(self, question: Question, matches: Matches, event_names: frozenset[str]) -> None:
        self.collected = Collected(question)
        self._question, self._matches, self._event_names = question, matches, event_names
        self._collecting: Collecting | None = None

    def gather(self, wanted: Wanted) -> None:
        """Of all matches that are wanted by now."""
        late = self._matches.new_events()
        if self._collecting is not None and late is not None:
            with suppress(OrderMattersError):
                self.collected = self._collecting.with_late(late, wanted.keys)
                return
        told_of = self._matches.tells_of_request
        self._collecting = Collecting(self._question, told_of=told_of, event_names=self._event_names)
        self.collected = self._collecting.all_of(self._matches.bare_events(wanted), wanted.keys)


def _search(sources: Sequence[Source], matches: Matches, wanted: Wanted) -> None:
    for values, generations in matches.searches(wanted):
        for number, source in enumerate(sources):
            for part in source.search(values, matches.done(generations, number)):
                matches.add(part, generations, number)


def _readings(sources: Sequence[Source], matches: Matches, collected: Collected) -> tuple[Reading, ...]:
    """What came of each source by now; what it tells beside records is added to what was collected."""
    collected.events, collected.duplicates = matches.looked_through(), matches.duplicates()
    readings = tuple(matches.reading(number, source.coverage()) for number, source in enumerate(sources))
    for reading in readings:
        if reading.covered.kind == TRAIL_FILES:
            collected.seen.management_regions |= reading.regions
    times = (moment for reading in readings for moment in reading.times)
    collected.seen.anything |= any(within(moment, collected.question.window) for moment in times)
    return _with_gone(readings, matches.gone())


def _with_gone(readings: tuple[Reading, ...], gone: Sequence[str]) -> tuple[Reading, ...]:
    if not gone:
        return readings
    named = ", ".join(short(name) for name in gone[:3]) + (
        f" and {len(gone) - 3:,} more" if len(gone) > 3 else ""
    )
    reason = "read by an earlier run and no longer there; what was found in it still counts"
    return _with_problem(readings, FileProblem(named, reason))


def _too_many(left: int) -> str:
    leads = some(left, "key, principal or address", "keys, principals and addresses")
    return f"{leads} beyond what is followed in one investigation; the gravest went first"


def _with_problem(readings: tuple[Reading, ...], problem: FileProblem) -> tuple[Reading, ...]:
    if not readings:
        return readings
    head = replace(readings[0], problems=(*readings[0].problems, problem))
    return head, *readings[1:]


def _estimate(kind: str, cost: Cost) -> str:
    parts = [some(cost.calls, "call") if cost.calls else "", size(cost.size) if cost.size else ""]
    parts += [
        f"about {cost.seconds:.0f} s" if cost.seconds else "",
        f"${cost.dollars:.2f}" if cost.dollars else "",
    ]
    told = ", ".join(part for part in parts if part)
    return f"{kind}: {told} to read" if told else f"{kind}: reading"
