"""What happened in order: the acts of suspects, and changes to the bucket by anybody."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from bot.evidence import names
from bot.evidence.actors.actors import proven_bytes
from bot.evidence.answers.case import Case
from bot.evidence.collect import actor_key, origin_key, reads_content, set_apart
from bot.evidence.events import Event
from bot.evidence.report import MOST_EVENT_IDS, TimelineEntry
from bot.evidence.touching import touches
from bot.evidence.wording import short, some, target_of

_CHANGES = names.EXPOSURE | names.EXITS | names.SAFETY_NETS | names.DELETES


def timeline(case: Case) -> tuple[TimelineEntry, ...]:
    """Runs of the same act by the same actor with the same outcome are one entry."""
    suspects = set(case.suspects)
    shown = [event for event in case.collected.kept if _belongs(event, case, suspects)]
    shown += [event for event in case.collected.minting if _issued(event, case) and event not in shown]
    shown.sort(key=lambda event: (event.time, event.event_id))
    return tuple(_entry(list(run), case) for run in _runs(shown))


def _belongs(event: Event, case: Case, suspects: set[str]) -> bool:
    actor = actor_key(event)
    if actor in suspects:
        return origin_key(event) in case.assessed[actor].origins or not case.assessed[actor].origins
    if set_apart(event.who, case.collected.question):
        return False
    return event.name in _CHANGES and event.succeeded and touches(event, case.scene.bucket)


def _issued(event: Event, case: Case) -> bool:
    return event.event_id in {hop.event_id for hop in case.hops}


def _runs(events: Sequence[Event]) -> Iterator[Iterable[Event]]:
    def same(event: Event) -> tuple[object, ...]:
        return actor_key(event), event.name, _outcome(event), "" if event.key else target_of(event)

    return (run for _, run in groupby(events, key=same))


def _outcome(event: Event) -> str:
    if event.succeeded:
        return "ok"
    return "denied" if event.denied else "failed"


def _entry(run: Sequence[Event], case: Case) -> TimelineEntry:
    first = run[0]
    actor = actor_key(first)
    assessment = case.assessed.get(actor)
    return TimelineEntry.model_validate(
        {
            "time": first.time,
            "until": max(event.time for event in run),
            "principal": actor,
            "label": assessment.label if assessment else "unclear",
            "action": f"{first.service}:{first.name}",
            "outcome": _outcome(first),
            "text": _text(run),
            "events": len(run),
            "event_ids": tuple(event.event_id for event in run[:MOST_EVENT_IDS]),
        }
    )


def _text(run: Sequence[Event]) -> str:
    first = run[0]
    refused = {"ok": "", "denied": " (refused)", "failed": f" (failed: {short(first.error_code or '')})"}
    return f"{_act(run)}{refused[_outcome(first)]}"


def _act(run: Sequence[Event]) -> str:
    first, times = run[0], f", {len(run)} times" if len(run) > 1 else ""
    keys = {event.key for event in run if event.key}
    if reads_content(first):
        what = short(first.key or "") if len(keys) == 1 else some(len(keys), "object")
        return f"Read {what}{times}: {proven_bytes(run)}"
    if len(keys) > 1:
        return f"{first.name} on {some(len(keys), 'object')}{times}"
    target = short(first.key or "") if keys else target_of(first)
    made = f", which issued {short(first.minted_key)}" if first.minted_key else ""
    return f"{first.name}{f' {target}' if target else ''}{times}{made}"
