"""How answers are given: yes with event ids, no with what shows it, cannot-know with how to learn."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from bot.evidence.answers.case import Case, Gate
from bot.evidence.collect import actor_key
from bot.evidence.events import Event
from bot.evidence.keeping import MOST_ALIKE
from bot.evidence.report import Verdict
from bot.evidence.wording import at, called, short, target_of


class Asked(NamedTuple):
    """An answer: its events by id, and how many where more were counted than kept (None: as many)."""

    answer: Verdict
    because: str
    ids: Sequence[str] = ()
    events: int | None = None


Ask = Callable[[Case], Asked]


def found(events: Sequence[Event], yes: str, gate: Gate, no: str) -> Asked:
    """Yes with the events; no where recording is proven; otherwise cannot-know."""
    return Asked("yes", yes, ids_of(events)) if events else nothing(gate, no)


def nothing(gate: Gate, no: str) -> Asked:
    """No where recording is proven and all could be read; otherwise cannot-know."""
    if gate.missing and gate.until:
        then = "After that it cannot be known, because recording changed"
        return Asked("cannot_know", f"{no} until {at(gate.until)} ({gate.where}). {then}. {gate.missing}")
    if gate.missing:
        return Asked("cannot_know", gate.missing)
    if gate.lost:
        return Asked("cannot_know", f"{no} in what could be read ({gate.where}), but {gate.lost}.")
    return Asked("no", f"{no} ({gate.where}).")


def ids_of(events: Iterable[Event]) -> list[str]:
    """The event ids, in the order of the events."""
    return [event.event_id for event in events]


def listed(events: Iterable[Event], most: int = 6) -> str:
    """Who did what to what: `CreateUser helpdesk by user x, GetObject by user y (2 times)`."""
    counts = Counter((event.name, _target(event), actor_key(event)) for event in events)
    shown = [
        f"{name}{target} by {called(actor)}" + (f" ({count} times)" if count > 1 else "")
        for (name, target, actor), count in counts.most_common(most)
    ]
    return ", ".join(shown) + (f" and {len(counts) - most} more" if len(counts) > most else "")


def by_whom(case: Case, events: Sequence[Event]) -> str:
    """What was done, by suspects first where others did the like too."""
    theirs = [event for event in events if event.event_id in case.suspicious]
    others = [event for event in events if event.event_id not in case.suspicious]
    if not theirs or not others:
        return listed(events)
    return f"By suspects: {listed(theirs)}; by others: {listed(others, 4)}"


def _target(event: Event) -> str:
    """What a change was aimed at; the bucket asked about goes without saying, and so do objects."""
    aimed = target_of(event)
    return f" {short(aimed, 60)}" if aimed and event.bucket is None else ""


def in_all(case: Case, asked: Asked, wanted: Iterable[str]) -> Asked:
    """With the true number of these calls where more of them were counted than kept singly."""
    total = case.total(wanted)
    if asked.answer != "yes" or total <= len(asked.ids):
        return asked
    because = f"{total:,} calls in all; of the first {len(asked.ids):,}: {asked.because}"
    return asked._replace(because=because, events=total)


def at_least(case: Case, asked: Asked) -> Asked:
    """Says that there may be more of the same: beyond MOST_ALIKE they were only counted with others."""
    if asked.answer != "yes" or not case.collected.aggregated or len(asked.ids) < MOST_ALIKE:
        return asked
    return asked._replace(
        because=f"At least the following, of which only the first were kept. {asked.because}"
    )
