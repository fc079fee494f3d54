"""CloudTrail event history (LookupEvents)."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from bot.evidence.events import BadRecordError, Event
from bot.evidence.scan.files import FileProblem, event_in
from bot.evidence.sources.base import (
    EVENT_HISTORY,
    LATE,
    SESSION_LIFE,
    Cost,
    Done,
    Part,
    Progress,
    SourceCoverage,
    Window,
    ignore,
)
from bot.evidence.sources.plan import Lookup, LookupPlan
from bot.evidence.wanted import Wanted

#: Seconds that one look-up takes under the quota of 2 a second.
PACE = 0.5


class LookupEvents(Protocol):
    """CloudTrail event history, one attribute a call; paging, pacing and retries happen behind it."""

    def __call__(
        self, *, region: str, attribute: tuple[str, str], start: datetime, end: datetime
    ) -> Iterator[Mapping[str, Any]]:
        """The decoded CloudTrailEvent documents that match, all pages."""
        ...


#: What a short plan asked, said wherever the source is named.
BESIDE_FILES = (
    "asked only for the bucket, the keys it met and changes of trails: the trail's files tell the rest"
)


@dataclass
class EventHistory:
    """CloudTrail event history: 90 days of management events, trail or no trail; never an object read.

    One look-up gives one part for each stretch of time that later runs need not ask for again. `former` are
    the ends of the windows of earlier runs: up to 15 minutes before those, what they noted is settled.
    """

    lookup: LookupEvents
    plan: LookupPlan
    window: Window
    progress: Progress = ignore
    former: Sequence[datetime] = ()
    _asked: set[Lookup] = field(default_factory=set)
    _left: set[Lookup] = field(default_factory=set)
    _made: int = 0

    def coverage(self) -> SourceCoverage:
        """Complete when every look-up was made; beside a trail's files it proves nothing alone."""
        note = BESIDE_FILES if self.plan.beside_files else ""
        if self._left and not self.plan.beside_files:
            note = f"partial: {len(self._asked)} of {len(self._asked | self._left)} look-ups were made"
        return SourceCoverage(
            EVENT_HISTORY,
            "CloudTrail event history",
            self.window,
            regions=self.plan.regions,
            management=None if self.plan.beside_files else True,
            data=False,
            lookups=len(self._asked),
            complete=self.plan.beside_files or not self._left,
            note=note,
            calls=self._made,
        )

    def cost(self, wanted: Wanted) -> Cost:
        """One call and half a second for each look-up, if its answer fits one page."""
        calls = min(len(set(self.plan.lookups(wanted))), self.plan.bound)
        return Cost(calls=calls, seconds=calls * PACE)

    def search(self, wanted: Wanted, done: Done) -> Iterator[Part]:
        """The plan's look-ups in order, as many as the plan allows for all searches together."""
        lookups = [one for one in dict.fromkeys(self.plan.lookups(wanted)) if one not in self._asked]
        settled = min(self.window[1], datetime.now(UTC) - LATE)
        for number, lookup in enumerate(lookups, start=1):
            missing = self._missing(lookup, settled, done)
            if missing and self._made >= self.plan.bound:
                self._left.add(lookup)
                continue
            self._asked.add(lookup)
            if missing:
                self._made += 1
                yield from self._ask(lookup, missing, wanted)
            self.progress(f"{number} of {len(lookups)} look-ups done")

    def _missing(self, lookup: Lookup, settled: datetime, done: Done) -> list["Stretch"]:
        """From the first stretch that is not done to the end."""
        back = SESSION_LIFE if lookup.attribute[0] == "ResourceName" else timedelta()
        stretches = list(_stretches(lookup, self.window[0] - back, self.window[1], settled, self.former))
        undone = [number for number, one in enumerate(stretches) if not done(one.id)]
        return stretches[min(undone) :] if undone else []

    def _ask(self, lookup: Lookup, stretches: Sequence["Stretch"], wanted: Wanted) -> Iterator[Part]:
        start, end = stretches[0].start, stretches[-1].end
        answers = self.lookup(region=lookup.region, attribute=lookup.attribute, start=start, end=end)
        for record in answers:
            raw = json.dumps(record, separators=(",", ":")).encode()
            try:
                event = event_in(raw)
            except BadRecordError as problem:
                stretches[-1].problems.append(FileProblem(f"event history {lookup}", str(problem)))
                continue
            stretch = next((one for one in stretches if event.time <= one.end), stretches[-1])
            stretch.take(event, wanted)
        yield from (stretch.part() for stretch in stretches)


@dataclass
class Stretch:
    """What one look-up gave of a stretch of time, both ends included; `final` when nothing can come late."""

    id: str
    start: datetime
    end: datetime
    final: bool
    found: list[bytes] = field(default_factory=list)
    problems: list[FileProblem] = field(default_factory=list)
    records: int = 0
    size: int = 0

    def take(self, event: Event, wanted: Wanted) -> None:
        """One record of this stretch."""
        self.records += 1
        self.size += len(event.raw)
        if wanted.holds(event):
            self.found.append(event.raw)

    def part(self) -> Part:
        """The stretch as a part of the source."""
        return Part(
            self.id,
            self.found,
            records=self.records,
            size=self.size,
            problems=tuple(self.problems),
            final=self.final,
        )


def _stretches(
    lookup: Lookup, start: datetime, end: datetime, settled: datetime, former: Sequence[datetime]
) -> Iterator[Stretch]:
    """The window, cut where earlier runs had settled what they asked, and where this one has."""
    cuts = sorted({one - LATE for one in former if start < one - LATE < settled} | ({settled} - {start}))
    begin = start
    for cut in (one for one in cuts if start < one < end):
        yield _stretch(lookup, begin, cut, final=True)
        begin = cut
    yield _stretch(lookup, begin, end, final=settled >= end)


def _stretch(lookup: Lookup, start: datetime, end: datetime, *, final: bool) -> Stretch:
    return Stretch(f"event history {lookup} {start.isoformat()} {end.isoformat()}", start, end, final)
