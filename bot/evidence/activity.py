"""How busy everybody was and when: what the timeline picture is drawn from."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.evidence.actors.assessment import Assessment
from bot.evidence.collect import Tally
from bot.evidence.pulse import Pulse
from bot.evidence.report import Activity, Label

#: So many actors have rows of their own; everybody else is one row.
MOST_ROWS = 12
#: At most so many bins of time for each row.
MOST_BINS = 300
#: Shown before and after the suspicious requests: half of their time, and not less than this.
MARGIN = timedelta(minutes=20)

_IMPORTANCE: Mapping[Label, int] = {"suspect": 0, "unclear": 1, "known": 2, "service": 3}
Span = tuple[datetime, datetime]


@dataclass
class Row:
    """What one actor did from the places that are held against it (`suspicious`), or from all others."""

    actor: str | None = None
    label: Label | None = None
    suspicious: bool = False
    bucket_events: int = 0
    pulse: Pulse = field(default_factory=Pulse)


def activity(tallies: Mapping[str, Tally], assessed: Mapping[str, Assessment]) -> tuple[Activity, ...]:
    """Requests over time around the suspicious ones, who matters most first, at most MOST_BINS a row."""
    rows = sorted((row for row in _rows(tallies, assessed) if row.pulse), key=_rank)
    if not rows:
        return ()
    focus = _focus(rows)
    minutes = _width(focus)
    others = Row()
    for row in rows[MOST_ROWS:]:
        others.pulse.update(row.pulse)
    return tuple(one for row in (*rows[:MOST_ROWS], others) for one in _told(row, focus, minutes))


def _rows(tallies: Mapping[str, Tally], assessed: Mapping[str, Assessment]) -> Iterator[Row]:
    for actor, tally in tallies.items():
        found = assessed[actor]
        for suspicious in (True, False):
            row = Row(actor, found.label, suspicious, tally.bucket_events)
            for place, counts in tally.origins.items():
                if (place in found.origins) == suspicious:
                    row.pulse.update(counts.pulse)
            yield row


def _rank(row: Row) -> tuple[bool, int, int, str]:
    return not row.suspicious, _IMPORTANCE[row.label or "unclear"], -row.bucket_events, row.actor or ""


def _focus(rows: Sequence[Row]) -> Span:
    """From before the first to after the last suspicious request, within the time of all requests."""
    first, last = _span(rows)
    if suspicious := [row for row in rows if row.suspicious]:
        start, end = _span(suspicious)
        margin = max((end - start) / 2, MARGIN)
        first, last = max(first, start - margin), min(last, end + margin)
    return first, last


def _span(rows: Sequence[Row]) -> Span:
    starts = [start for row in rows for start, *_ in row.pulse.bins()]
    return min(starts), max(starts)


def _width(focus: Span) -> int:
    """The smallest width in minutes at which the focus has at most MOST_BINS bins."""
    minutes = 1
    while (focus[1] - focus[0]) / timedelta(minutes=minutes) >= MOST_BINS - 1:
        minutes *= 2
    return minutes


def _told(row: Row, focus: Span, minutes: int) -> Iterator[Activity]:
    row.pulse.widen(minutes)
    width = timedelta(minutes=row.pulse.minutes)
    for start, ok, denied in row.pulse.bins():
        if start + width > focus[0] and start <= focus[1]:
            yield Activity(
                actor=row.actor,
                label=row.label,
                suspicious=row.suspicious,
                start=start,
                minutes=row.pulse.minutes,
                ok=ok,
                denied=denied,
            )
