"""What speaks about an actor."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.evidence.collect import OriginKey, origin_key
from bot.evidence.detections.rule import Kind, Weight
from bot.evidence.events import Event
from bot.evidence.report import Severity

#: (rule, kind, severity, weight)
Head = tuple[str, Kind, Severity, Weight]


@dataclass(frozen=True)
class Sign:
    """Something that speaks about one actor, with the events that prove it and the origins they came from."""

    rule: str
    kind: Kind
    severity: Severity
    weight: Weight
    title: str
    mitre: tuple[str, ...]
    actor: str
    first: datetime
    last: datetime
    event_ids: tuple[str, ...]
    origins: frozenset[OriginKey]


def sign_of(actor: str, rule: Head, title: str, mitre: str, events: Sequence[Event]) -> Sign:
    """A sign whose times, ids and origins are those of its events."""
    return Sign(
        *rule,
        title,
        tuple(mitre.split()),
        actor,
        min(event.time for event in events),
        max(event.time for event in events),
        tuple(event.event_id for event in events),
        frozenset(map(origin_key, events)),
    )
