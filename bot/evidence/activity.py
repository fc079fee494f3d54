"""How busy everybody was and when: what the timeline picture is drawn from."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from bot.evidence.actors.labels import Assessment
from bot.evidence.collect import Tally
from bot.evidence.pulse import MOST_BINS, Pulse
from bot.evidence.report import Activity, Label

#: So many actors have rows of their own; everybody else is one row.
MOST_ROWS = 12

_IMPORTANCE: Mapping[Label, int] = {"suspect": 0, "unclear": 1, "known": 2, "service": 3}


@dataclass
class Row:
    """What one actor did from the places that are held against it (`suspicious`), or from all others."""

    actor: str
    label: Label
    suspicious: bool
    bucket_events: int
    pulse: Pulse = field(default_factory=Pulse)


def activity(tallies: Mapping[str, Tally], assessed: Mapping[str, Assessment]) -> tuple[Activity, ...]:
    """Everybody's requests in bins of one width, at most MOST_BINS from first to last; who matters first."""
    rows = sorted((row for row in _rows(tallies, assessed) if row.pulse), key=_rank)
    shown, rest = rows[:MOST_ROWS], Pulse()
    for row in rows[MOST_ROWS:]:
        rest.update(row.pulse)
    minutes = _width([*(row.pulse for row in shown), rest])
    return (
        *(one for row in shown for one in _told(row.pulse, minutes, row.actor, row.label, row.suspicious)),
        *_told(rest, minutes, None, None, False),
    )


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
    return not row.suspicious, _IMPORTANCE[row.label], -row.bucket_events, row.actor


def _width(pulses: Sequence[Pulse]) -> int:
    """The smallest width at which all the time from the first to the last request has MOST_BINS bins."""
    starts = [start for pulse in pulses for start, *_ in pulse.bins()]
    minutes = max(pulse.minutes for pulse in pulses)
    while starts and (max(starts) - min(starts)) / timedelta(minutes=minutes) >= MOST_BINS - 1:
        minutes *= 2
    return minutes


def _told(
    pulse: Pulse, minutes: int, actor: str | None, label: Label | None, suspicious: bool
) -> Iterable[Activity]:
    pulse.widen(minutes)
    for start, ok, denied in pulse.bins():
        yield Activity(
            actor=actor,
            label=label,
            suspicious=suspicious,
            start=start,
            minutes=minutes,
            ok=ok,
            denied=denied,
        )
