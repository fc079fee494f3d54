"""What happened in order: the acts of suspects, and changes to the bucket by anybody."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from bot.evidence import names
from bot.evidence.actors.actors import proven_bytes
from bot.evidence.actors.haul import haul_from
from bot.evidence.answers.case import Case
from bot.evidence.collect import OriginKey, actor_key, origin_key, reads_content
from bot.evidence.events import Event
from bot.evidence.report import MOST_EVENT_IDS, TimelineEntry
from bot.evidence.touching import touches
from bot.evidence.wording import short, some, target_of

#: Changes to the bucket that are told of anybody, and all that counts as a change when a suspect did it.
_CHANGES = names.EXPOSURE | names.EXITS | names.SAFETY_NETS | names.DELETES
_MARKED = _CHANGES | names.PERSISTENCE | names.EVASION | names.GRANTS | names.DATA_WRITES

#: The same act after a longer pause is told again.
PAUSE = timedelta(hours=1)

Outcome = Literal["ok", "denied", "failed"]
#: (actor, place, event name, outcome)
_Alike = tuple[str, OriginKey, str, str]


@dataclass
class _Run:
    """The same act by the same actor with the same outcome, again and again."""

    key: tuple[object, ...]
    events: list[Event]
    total: int
    until: datetime


def timeline(case: Case) -> tuple[TimelineEntry, ...]:
    """Runs of the same act by the same actor with the same outcome are one entry."""
    shown = {event.event_id: event for event in case.collected.kept if _belongs(event, case)}
    issuing = {hop.event_id for hop in case.hops}
    shown |= {event.event_id: event for event in case.collected.minting if event.event_id in issuing}
    ordered = sorted(shown.values(), key=lambda event: (event.time, event.event_id))
    return tuple(_entry(run, case) for run in _whole(_runs(ordered), case))


def _belongs(event: Event, case: Case) -> bool:
    if case.assessed[actor_key(event)].label == "suspect":
        return event.event_id in case.suspicious
    if case.collected.set_apart(event.who):
        return False
    return event.name in _CHANGES and event.succeeded and touches(event, case.scene.bucket)


def _runs(events: Sequence[Event]) -> list[_Run]:
    """In order of their first act; what others do in between does not part a run."""
    runs: list[_Run] = []
    last: dict[str, _Run] = {}
    for event in events:
        actor, same = actor_key(event), _same(event)
        run = last.get(actor)
        if run and run.key == same and event.time <= run.until + PAUSE:
            run.events.append(event)
            run.total += 1
            run.until = event.time
        else:
            last[actor] = _Run(same, [event], 1, event.time)
            runs.append(last[actor])
    return runs


def _same(event: Event) -> tuple[object, ...]:
    return event.service, event.name, outcome_of(event), "" if event.key else target_of(event)


def outcome_of(event: Event) -> Outcome:
    """ "ok", "denied" or "failed"."""
    if event.succeeded:
        return "ok"
    return "denied" if event.denied else "failed"


def _whole(runs: Sequence[_Run], case: Case) -> Iterator[_Run]:
    """Acts that were too many to be kept singly are one entry with their true number."""
    counted = _only_counted(runs, case)
    told: dict[_Alike, _Run] = {}
    for run in runs:
        alike = _alike(run.events[0])
        if alike not in counted:
            yield run
        elif alike not in told:
            total, last = counted[alike]
            told[alike] = _Run(run.key, [*run.events], total, last)
            yield told[alike]


def _only_counted(runs: Sequence[_Run], case: Case) -> dict[_Alike, tuple[int, datetime]]:
    """(true number, last moment) of acts about the bucket of which more were counted than kept."""
    kept: Counter[_Alike] = Counter(_alike(event) for run in runs for event in run.events)
    found: dict[_Alike, tuple[int, datetime]] = {}
    for alike, number in kept.items():
        actor, place, name, outcome = alike
        tally = case.collected.tallies.get(actor)
        counts = tally.origins.get(place) if tally else None
        if counts and counts.outcomes[name, outcome] > number:
            found[alike] = counts.outcomes[name, outcome], counts.last
    return found


def _alike(event: Event) -> _Alike:
    return actor_key(event), origin_key(event), event.name, outcome_of(event)


def _entry(run: _Run, case: Case) -> TimelineEntry:
    first = run.events[0]
    assessment = case.assessed.get(actor_key(first))
    return TimelineEntry(
        time=first.time,
        until=run.until,
        principal=actor_key(first),
        label=assessment.label if assessment else "unclear",
        action=f"{first.service}:{first.name}",
        outcome=outcome_of(first),
        text=_text(run, case),
        events=run.total,
        event_ids=tuple(event.event_id for event in run.events[:MOST_EVENT_IDS]),
        change=first.succeeded and names.plain(first.name) in _MARKED,
    )


def _text(run: _Run, case: Case) -> str:
    first = run.events[0]
    refused = {"ok": "", "denied": " (refused)", "failed": f" (failed: {short(first.error_code or '')})"}
    return f"{_act(run, case)}{refused[outcome_of(first)]}"


def _act(run: _Run, case: Case) -> str:
    first, times = run.events[0], f", {run.total:,} times" if run.total > 1 else ""
    keys = {event.key for event in run.events if event.key}
    if reads_content(first):
        return _read(run, keys, times, case)
    if len(keys) > 1:
        more = "more than " if run.total > len(run.events) else ""
        return f"{first.name} on {more}{some(len(keys), 'object')}{times}"
    target = short(first.key or "") if keys else target_of(first)
    made = f", which issued {short(first.minted_key)}" if first.minted_key else ""
    return f"{first.name}{f' {target}' if target else ''}{times}{made}"


def _read(run: _Run, keys: set[str], times: str, case: Case) -> str:
    first = run.events[0]
    if run.total > len(run.events):
        haul = haul_from(case.collected, [(actor_key(first), origin_key(first))])
        return f"Read {some(haul.objects, 'object')}{times}: {haul.amount}"
    what = short(first.key or "") if len(keys) == 1 else some(len(keys), "object")
    return f"Read {what}{times}: {proven_bytes(run.events)}"
