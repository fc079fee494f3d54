"""How answers are given: yes with event ids, no with what shows it, cannot-know with how to learn."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from bot.evidence.answers.case import Case, Gate
from bot.evidence.collect import actor_key
from bot.evidence.coverage.coverage import Recorded
from bot.evidence.events import Event
from bot.evidence.report import Verdict
from bot.evidence.wording import called

#: (answer, because, event ids)
Asked = tuple[Verdict, str, Sequence[str]]
Ask = Callable[[Case], Asked]


def found(events: Sequence[Event], yes: str, gate: Gate, no: str) -> Asked:
    """Yes with the events; no where recording is proven; otherwise cannot-know."""
    if events:
        return "yes", yes, ids_of(events)
    return nothing(gate, no)


def nothing(gate: Gate, no: str) -> Asked:
    """No where recording is proven and all could be read; otherwise cannot-know."""
    if gate.missing:
        return "cannot_know", gate.missing, ()
    if gate.lost:
        return "cannot_know", f"{no} in what could be read ({gate.where}), but {gate.lost}.", ()
    return "no", f"{no} ({gate.where}).", ()


def ids_of(events: Iterable[Event]) -> list[str]:
    """The event ids, in the order of the events."""
    return [event.event_id for event in events]


def listed(events: Iterable[Event], most: int = 6) -> str:
    """Who did what, for sentences: `PutBucketPolicy by user x, GetObject by user y (2 times)`."""
    counts = Counter((event.name, actor_key(event)) for event in events)
    shown = [
        f"{name} by {called(actor)}" + (f" ({count} times)" if count > 1 else "")
        for (name, actor), count in counts.most_common(most)
    ]
    return ", ".join(shown) + (f" and {len(counts) - most} more" if len(counts) > most else "")


def named(wanted: Iterable[str], no: str, *needed: Recorded, here: bool = False) -> Ask:
    """Did anybody make one of these calls (on this bucket, if `here`)?"""

    def ask(case: Case) -> Asked:
        events = case.others(wanted, here=here)
        return found(events, f"{listed(events)}.", case.gate(*needed), no)

    return ask


def ruled(rules: Iterable[str], no: str, *needed: Recorded, here: bool = True) -> Ask:
    """Does any successful call (on this bucket, if `here`) satisfy one of these rules?"""

    def ask(case: Case) -> Asked:
        events = case.by_rules(rules, here=here)
        return found(events, f"{listed(events)}.", case.gate(*needed), no)

    return ask


def needs(how: str) -> Ask:
    """What no CloudTrail event can tell."""

    def ask(_: Case) -> Asked:
        return "cannot_know", how, ()

    return ask
