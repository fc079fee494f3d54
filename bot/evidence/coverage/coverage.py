"""What could have been seen, before anything is said about what was (rule 7, E1).

What the logs themselves hold proves that it was recorded; its absence proves nothing, unless AWS's own
answers about the trails say that it would have been recorded.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from bot.evidence.collect import Collected, actor_key, is_data
from bot.evidence.coverage.access_logs import access_logs
from bot.evidence.coverage.history import Past, changes
from bot.evidence.coverage.objects import Objects, View, objects
from bot.evidence.coverage.trails import TrailFacts
from bot.evidence.events import Event
from bot.evidence.report import Coverage
from bot.evidence.scan.files import FileProblem
from bot.evidence.sources.base import EVENT_HISTORY, TRAIL_FILES, Reading, SourceCoverage
from bot.evidence.wording import at, called, short, some

#: Where IAM and the other global services log, in each partition.
GLOBAL_REGIONS = frozenset({"us-east-1", "us-gov-west-1", "cn-north-1"})

TURN_ON_MANAGEMENT = (
    "Read the trail files of every Region, us-east-1 included (IAM logs there), or ask CloudTrail event "
    "history, which keeps 90 days of management events even where no trail is on."
)

#: What a trail still writes after it was stopped belongs to the time before.
_STRAGGLERS = timedelta(minutes=15)

Recorded = Literal["management", "any_call", "iam", "reads", "writes"]


@dataclass(frozen=True)
class Covered:
    """What may be answered with "no".

    `proven`: recording and reading are proven for management changes, for every management call, for IAM, for
    object reads, for object writes. `until`: for kinds that are not, the moment up to which they are. `where`
    says what was read. `lost` names what was there and could not be read: nothing may be called absent then.
    `trails` is what AWS itself says about the trails, where it was asked.
    """

    proven: frozenset[Recorded]
    where: str
    lost: str | None
    rows: tuple[Coverage, ...]
    until: Mapping[Recorded, datetime] = field(default_factory=dict)
    trails: TrailFacts | None = None

    @property
    def all_reads(self) -> bool:
        """Whether the reads that were found are all there were; else counts of them are lower bounds."""
        return "reads" in self.proven and self.lost is None


def cover(
    collected: Collected,
    readings: Sequence[Reading],
    trails: TrailFacts | None,
    facts: Sequence[Coverage] = (),
) -> Covered:
    """Decide what was recorded in the window, from the events, the sources and the trails' settings.

    `facts` are the rows of other AWS services (GuardDuty and the like), told as they are.
    """
    read = [reading.covered for reading in readings]
    regions = frozenset().union(*(one.regions for one in readings if one.covered.kind == TRAIL_FILES))
    history = next((one for one in read if one.kind == EVENT_HISTORY), None)
    files = sum(one.files for one in read if one.kind == TRAIL_FILES)
    past = Past(trails, changes(collected.kept))
    view = View(collected, trails, past, files)
    reads, writes = objects(view, reads=True), objects(view, reads=False)
    management = _management(collected, regions, history, past)
    logs = access_logs(collected, trails, read)
    return Covered(
        proven=frozenset(_proven(regions, history, management, reads, writes)),
        where=_where(collected, read),
        lost=_lost([problem for reading in readings for problem in reading.problems]),
        rows=(management.row, reads.row, writes.row, logs, *facts),
        until=dict(_until(management, reads, writes)),
        trails=trails,
    )


def _proven(
    recorded: frozenset[str],
    history: SourceCoverage | None,
    management: Objects,
    reads: Objects,
    writes: Objects,
) -> Iterator[Recorded]:
    asked = history is not None and history.complete and history.management is True
    regions = recorded if management.until is None else frozenset()
    if asked or regions:
        yield "management"
    if regions:
        yield "any_call"
    if asked or regions & GLOBAL_REGIONS:
        yield "iam"
    if reads.row.answer == "yes":
        yield "reads"
    if writes.row.answer == "yes":
        yield "writes"


def _until(management: Objects, reads: Objects, writes: Objects) -> Iterator[tuple[Recorded, datetime]]:
    if management.until:
        yield "management", management.until
        yield "any_call", management.until
        yield "iam", management.until
    if reads.until:
        yield "reads", reads.until
    if writes.until:
        yield "writes", writes.until


def _where(collected: Collected, read: Sequence[SourceCoverage]) -> str:
    files = sum(one.files for one in read)
    lookups = sum(one.lookups for one in read)
    parts = [some(files, "log file")] if files else []
    parts += [f"{some(lookups, 'look-up')} in event history"] if lookups else []
    seen = collected.seen
    span = f", events from {at(seen.first)} to {at(seen.last)}" if seen.first and seen.last else ""
    return f"{' and '.join(parts) or 'nothing'} read{span}"


def _lost(problems: Sequence[FileProblem]) -> str | None:
    paths = list(dict.fromkeys(problem.path for problem in problems if problem.lost))
    if not paths:
        return None
    named = ", ".join(short(path) for path in paths[:3])
    more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
    return f"{some(len(paths), 'file')} could not be read in full ({named}{more}): get them again"


def _management(
    collected: Collected, recorded: frozenset[str], history: SourceCoverage | None, past: Past
) -> Objects:
    regions = ", ".join(sorted(recorded))
    asked = history is not None and history.complete and history.management is True
    gap = None if asked else _gap(collected, past)
    if regions and gap:
        stopped = gap.opened_by
        again = f"until it was started again at {at(gap.until)}" if gap.until else "since"
        because = (
            f"Management events were recorded in {regions} until {at(stopped.time)}, when "
            f"{called(actor_key(stopped))} called {stopped.name}; nothing shows them {again}."
        )
    elif regions:
        because = f"Management events were recorded in {regions}; a missing file would not show."
    elif asked:
        because = "CloudTrail event history was asked for changes, and for all that the keys it met did."
    elif history:
        note = f" ({history.note})" if history.note else ""
        because = f"CloudTrail event history was asked in part{note}."
    else:
        because = "No management event is in these logs: they may not have been recorded, or not copied."
    proven = asked or (bool(regions) and gap is None)
    row = Coverage(
        subject="management events",
        answer="yes" if proven else "cannot_know",
        because=because,
        turn_on=None if proven else TURN_ON_MANAGEMENT,
    )
    return Objects(row, gap.opened_by.time if gap and regions else None)


@dataclass(frozen=True)
class _Gap:
    """From the call that switched a trail off until it was switched on again (None: it was not)."""

    opened_by: Event
    until: datetime | None


def _gap(collected: Collected, past: Past) -> _Gap | None:
    """The first time in which a trail was off, unless events in it show that another one went on."""
    for number, change in enumerate(past.changes):
        if change.event.name not in ("StopLogging", "DeleteTrail"):
            continue
        later = (one for one in past.changes[number + 1 :] if one.trail == change.trail and one.logging)
        start, end = change.event.time + _STRAGGLERS, next((one.event.time for one in later), None)
        within = (e for e in collected.kept if e.time > start and (end is None or e.time < end))
        if (end is None or end > start) and not any(not is_data(event) for event in within):
            return _Gap(change.event, end)
    return None
