"""What was recorded when: trails were started, stopped and told to record less, and the log says so itself.

Today's settings tell of the past only where nothing changed them since. Every change in the window
(PutEventSelectors, StopLogging, StartLogging, DeleteTrail, CreateTrail, UpdateTrail) parts the window into
stretches, and each stretch is judged by the settings that held in it.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.evidence.coverage import selectors as selecting
from bot.evidence.coverage.trails import TrailFacts
from bot.evidence.events import Event
from bot.evidence.report import Verdict

#: Events that change what a trail records.
CHANGES = frozenset(
    {"CreateTrail", "DeleteTrail", "PutEventSelectors", "StartLogging", "StopLogging", "UpdateTrail"}
)


@dataclass(frozen=True)
class Change:
    """What one event did to one trail; None: nothing known about that side."""

    event: Event
    trail: str
    logging: bool | None = None
    selectors: Mapping[str, Any] | None = None
    lost: bool = False


@dataclass(frozen=True)
class Stretch:
    """A part of the window and whether a kind of event was recorded in it. None: from or to wherever."""

    start: datetime | None
    end: datetime | None
    recorded: Verdict
    opened_by: Event | None = None


def changes(events: Iterable[Event]) -> list[Change]:
    """Every successful change to a trail, in order of time."""
    found = (_change(event) for event in events if event.name in CHANGES and event.succeeded)
    return sorted(found, key=lambda change: (change.event.time, change.event.event_id))


def _change(event: Event) -> Change:
    named = event.parameters.get("trailName") or event.parameters.get("name")
    trail = str(named or "").rsplit("/", 1)[-1]
    if event.name == "PutEventSelectors":
        told = {"eventSelectors", "advancedEventSelectors"} & set(event.parameters)
        return Change(event, trail, selectors=selecting.as_answered(event.parameters), lost=not told)
    if event.name == "CreateTrail":
        # A new trail records management events, and nothing before StartLogging.
        return Change(event, trail, logging=False, selectors={})
    if event.name == "UpdateTrail":
        return Change(event, trail, lost="s3BucketName" in event.parameters)
    return Change(event, trail, logging=event.name == "StartLogging")


@dataclass(frozen=True)
class Past:
    """All that is known of the trails in a window: AWS's answers of today, and the changes in between."""

    facts: TrailFacts | None
    changes: Sequence[Change]

    def stretches(self, bucket: str, wanted: Iterable[str]) -> list[Stretch]:
        """Whether events with these names about the bucket were recorded, stretch by stretch."""
        return joined(self.parts(bucket, wanted))

    def parts(self, bucket: str, wanted: Iterable[str]) -> list[Stretch]:
        """The same, parted wherever a trail was blinded or switched on, also where nothing shows for it.

        What was seen before a trail was blinded says nothing about the time after it.
        """
        names = tuple(wanted)
        apart = {id(change.event) for change in self.changes if _parts(change, bucket, names)}
        cuts = [None, *(change.event.time for change in self.changes), None]
        openers = [None, *(change.event for change in self.changes)]
        parts = zip(cuts, cuts[1:], openers, strict=False)
        found = [
            Stretch(start, end, self._recorded(start, bucket, names), event)
            for start, end, event in parts
            if start is None or start != end
        ]
        return joined(found, apart)

    def _recorded(self, start: datetime | None, bucket: str, wanted: Sequence[str]) -> Verdict:
        """In the stretch that begins at `start`."""
        verdicts = {self._by(trail, start, bucket, wanted) for trail in self._trails()}
        if "yes" in verdicts:
            return "yes"
        # Without AWS's answers there may be trails of which no event tells.
        return "no" if verdicts == {"no"} and self.facts is not None else "cannot_know"

    def _trails(self) -> list[str]:
        known = [trail.name for trail in self.facts.trails] if self.facts else []
        return list(dict.fromkeys([*known, *(change.trail for change in self.changes)]))

    def _by(self, trail: str, start: datetime | None, bucket: str, wanted: Sequence[str]) -> Verdict:
        on, selectors = self._logging(trail, start), self._selectors(trail, start)
        if on is False:
            return "no"
        share = selecting.shares(selectors, bucket, wanted) if selectors is not None else None
        if share == "none":
            return "no"
        return "yes" if share == "all" and on else "cannot_know"

    def _logging(self, trail: str, start: datetime | None) -> bool | None:
        mine = [one for one in self.changes if one.trail == trail and (one.logging is not None or one.lost)]
        before = [one for one in mine if start is not None and one.event.time <= start]
        if before:
            return before[-1].logging
        if mine:
            # What was stopped was on before; what was started or created was off.
            return None if mine[0].logging is None else not mine[0].logging and _stops(mine[0])
        fact = self._fact(trail)
        return fact.logging if fact else None

    def _selectors(self, trail: str, start: datetime | None) -> Mapping[str, Any] | None:
        mine = [one for one in self.changes if one.trail == trail and one.selectors is not None]
        before = [one for one in mine if start is not None and one.event.time <= start]
        if before:
            return None if before[-1].lost else before[-1].selectors
        if mine:
            return None
        fact = self._fact(trail)
        return fact.selectors if fact else None

    def _fact(self, trail: str) -> Any:
        return next((one for one in self.facts.trails if one.name == trail), None) if self.facts else None


def _stops(change: Change) -> bool:
    return change.event.name in ("StopLogging", "DeleteTrail")


def _parts(change: Change, bucket: str, wanted: Sequence[str]) -> bool:
    """Whether from then on the trail records nothing about the bucket, or is on again."""
    if change.event.name == "CreateTrail":
        return False
    if change.selectors is not None:
        return not change.lost and selecting.shares(change.selectors, bucket, wanted) == "none"
    return change.logging is not None


def joined(found: Sequence[Stretch], apart: Set[int] = frozenset()) -> list[Stretch]:
    """Neighbours with the same verdict are one stretch, unless an event in `apart` parts them."""
    told: list[Stretch] = []
    for one in found:
        if told and told[-1].recorded == one.recorded and id(one.opened_by) not in apart:
            told[-1] = Stretch(told[-1].start, one.end, one.recorded, told[-1].opened_by)
        else:
            told.append(one)
    return told
