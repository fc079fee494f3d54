"""Runs an investigation of a story's records."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.evidence.collect import Collected, collect
from bot.evidence.coverage.trails import TrailFacts
from bot.evidence.events import event_from
from bot.evidence.investigate import investigate
from bot.evidence.questions import Question
from bot.evidence.report import Investigation
from bot.evidence.scan.files import FileProblem, event_in
from bot.evidence.sources.base import Cost, Done, Part, SourceCoverage
from bot.evidence.wanted import Wanted
from tests.evidence.records import ACCOUNT, BUCKET, Log, Record


def received(record: Record) -> bytes:
    """The record as CloudTrail writes it."""
    return json.dumps(record, separators=(",", ":")).encode()


@dataclass
class Records:
    """A source that has its records in hand: one trail file, or several by name."""

    records: Iterable[Record] = ()
    problems: Sequence[FileProblem] = ()
    files: Mapping[str, Sequence[Record]] = field(default_factory=dict)
    read: list[str] = field(default_factory=list)

    def coverage(self) -> SourceCoverage:
        return SourceCoverage("trail files", "records in a test", None, files=1)

    def cost(self, wanted: Wanted) -> Cost:
        return Cost()

    def search(self, wanted: Wanted, done: Done) -> Iterator[Part]:
        for name, records in (self.files or {"": list(self.records)}).items():
            raws = [received(record) for record in records]
            state = f"{name} {hashlib.sha256(b'|'.join(raws)).hexdigest()}"
            if not done(state):
                self.read.append(name)
                yield self._part(name, state, raws, wanted)

    def _part(self, name: str, state: str, raws: Sequence[bytes], wanted: Wanted) -> Part:
        events = [event_in(raw) for raw in raws]
        return Part(
            state,
            [event.raw for event in events if wanted.holds(event)],
            records=len(raws),
            size=sum(map(len, raws)),
            regions=frozenset(e.region for e in events if e.category != "Data"),
            problems=tuple(self.problems),
            name=name,
            time=events[0].time if events else None,
        )


def ask(log: Log | Iterable[Record], *, trails: TrailFacts | None = None, **question: Any) -> Investigation:
    records = log.records if isinstance(log, Log) else list(log)
    asked = Question(**({"bucket": BUCKET, "account_id": ACCOUNT} | question))
    return investigate(asked, [Records(records)], trails=trails)


def collected(log: Log | Iterable[Record], **question: Any) -> Collected:
    """Everything in the log, collected without a search."""
    records = log.records if isinstance(log, Log) else list(log)
    events = sorted(map(event_from, records), key=lambda event: (event.time, event.event_id))
    return collect(Question(**({"bucket": BUCKET} | question)), events)


def labels(result: Investigation) -> dict[str, str]:
    return {actor.principal.rsplit("/", 1)[-1]: actor.label for actor in result.actors}


def steps(result: Investigation) -> list[tuple[str, dict[str, str]]]:
    return [(step.remediation, step.target) for step in result.proposals]
