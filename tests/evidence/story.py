"""Runs an investigation of a story's records."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from bot.evidence.coverage.trails import TrailFacts
from bot.evidence.events import Event, event_from
from bot.evidence.investigate import investigate
from bot.evidence.questions import Question
from bot.evidence.report import Investigation
from bot.evidence.scan.files import FileProblem
from bot.evidence.sources.base import SourceCoverage
from tests.evidence.records import ACCOUNT, BUCKET, Log, Record


@dataclass
class Records:
    """A source that has its records in hand."""

    records: Iterable[Record]
    problems: list[FileProblem] = field(default_factory=list)

    def coverage(self) -> SourceCoverage:
        return SourceCoverage("trail files", "records in a test", None, files=1)

    def events(self) -> Iterable[Event]:
        return (event_from(record) for record in self.records)


def ask(log: Log | Iterable[Record], *, trails: TrailFacts | None = None, **question: Any) -> Investigation:
    records = log.records if isinstance(log, Log) else list(log)
    asked = Question(**({"bucket": BUCKET, "account_id": ACCOUNT} | question))
    return investigate(asked, [Records(records)], trails=trails)


def labels(result: Investigation) -> dict[str, str]:
    return {actor.principal.rsplit("/", 1)[-1]: actor.label for actor in result.actors}


def steps(result: Investigation) -> list[tuple[str, dict[str, str]]]:
    return [(step.remediation, step.target) for step in result.proposals]
