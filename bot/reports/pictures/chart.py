"""What the timeline picture shows, before it is drawn: lanes of requests over time, and numbered changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from bot.evidence.report import Activity, Investigation, TimelineEntry
from bot.evidence.wording import called

#: More lanes cannot be read on a phone; the others are summed up in one.
MOST_LANES = 6
MOST_MARKS = 9


@dataclass(frozen=True)
class Bar:
    """Requests a minute, averaged over `minutes` from `start` on."""

    start: datetime
    minutes: int
    ok: float
    denied: float


@dataclass(frozen=True)
class Lane:
    """One actor's requests over time; `suspicious` when they are held against it."""

    name: str
    suspicious: bool
    bars: tuple[Bar, ...]
    requests: int
    denied: int

    @property
    def peak(self) -> float:
        """The most requests a minute."""
        return max(max(bar.ok, bar.denied) for bar in self.bars)


@dataclass(frozen=True)
class Mark:
    """A change, numbered in order of time."""

    number: int
    time: datetime
    who: str
    text: str
    suspicious: bool


@dataclass(frozen=True)
class Chart:
    """`more_marks` changes have no number because there are too many. `whole`: nothing lies outside it."""

    bucket: str
    start: datetime
    end: datetime
    lanes: tuple[Lane, ...]
    marks: tuple[Mark, ...]
    more_marks: int
    whole: bool

    def stamp(self, moment: datetime) -> str:
        """The time of a mark, with its day where the picture shows several."""
        form = "%H:%M:%S" if self.start.date() == self.end.date() else "%Y-%m-%d %H:%M"
        return f"{moment:{form}}"


def chart(found: Investigation) -> Chart | None:
    """None when no request's time is known."""
    if not found.activity:
        return None
    start = min(one.start for one in found.activity)
    end = max(one.start + timedelta(minutes=one.minutes) for one in found.activity)
    marks = [one for one in found.timeline if one.change and start <= one.time <= end]
    first, last = found.window.first_event, found.window.last_event
    return Chart(
        bucket=found.bucket,
        start=start,
        end=end,
        lanes=tuple(_lanes(found.activity)),
        marks=_marks(marks),
        more_marks=max(0, len(marks) - MOST_MARKS),
        whole=first is not None and last is not None and start <= first and last <= end,
    )


def _marks(changes: Sequence[TimelineEntry]) -> tuple[Mark, ...]:
    """Those of suspects before those of others, all in order of time."""
    worst = sorted(changes, key=lambda one: (one.label != "suspect", one.time))[:MOST_MARKS]
    return tuple(
        Mark(number, one.time, called(one.principal), one.text, one.label == "suspect")
        for number, one in enumerate(sorted(worst, key=lambda one: one.time), start=1)
    )


def _lanes(activity: Sequence[Activity]) -> Iterable[Lane]:
    groups = [list(those) for _, those in groupby(activity, key=lambda one: (one.actor, one.suspicious))]
    shown = groups if len(groups) <= MOST_LANES else groups[: MOST_LANES - 1]
    yield from (_lane(_name(group[0]), group) for group in shown)
    if rest := [one for group in groups[len(shown) :] for one in group]:
        yield _lane("everybody else", rest)


def _name(one: Activity) -> str:
    if one.actor is None:
        return "everybody else"
    elsewhere = one.label == "suspect" and not one.suspicious
    return called(one.actor) + (", from its usual places" if elsewhere else "")


def _lane(name: str, group: Sequence[Activity]) -> Lane:
    ordered = sorted(group, key=lambda one: (one.start, one.minutes))
    runs = groupby(ordered, key=lambda one: (one.start, one.minutes))
    bars = tuple(_bar(*moment, list(those)) for moment, those in runs)
    denied = sum(one.denied for one in group)
    return Lane(
        name, any(one.suspicious for one in group), bars, denied + sum(one.ok for one in group), denied
    )


def _bar(start: datetime, minutes: int, those: Sequence[Activity]) -> Bar:
    ok, denied = sum(one.ok for one in those), sum(one.denied for one in those)
    return Bar(start, minutes, ok / minutes, denied / minutes)
