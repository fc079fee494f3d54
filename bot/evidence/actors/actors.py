"""Actors for the report: who they are, from where they came, what they got."""

from collections import Counter
from collections.abc import Iterable, Sequence

from bot.evidence.actors.labels import Assessment
from bot.evidence.collect import Collected, OriginKey, OriginTally, Tally
from bot.evidence.events import Event
from bot.evidence.report import Actor, Origin
from bot.evidence.wording import size

_ORDER = {"suspect": 0, "unclear": 1, "known": 2, "service": 3}


def actors(collected: Collected, assessed: dict[str, Assessment]) -> tuple[Actor, ...]:
    """All actors: suspects first, then by what they had to do with the bucket, then by time."""
    made = [_actor(tally, assessed[key]) for key, tally in collected.tallies.items()]
    return tuple(
        sorted(
            made,
            key=lambda actor: (
                _ORDER[actor.label],
                -len(actor.objects_read),
                -actor.bucket_events,
                actor.first_seen,
                actor.principal,
                actor.source_ips,
            ),
        )
    )


def _actor(tally: Tally, assessment: Assessment) -> Actor:
    places = tally.origins.items()
    counts = [one for _, one in places]
    calls: Counter[str] = sum((one.calls for one in counts), Counter())
    known, reads = sum(one.calls_with_bytes for one in counts), sum(one.get_calls for one in counts)
    return Actor(
        principal=tally.who.principal,
        type=tally.who.type,
        label=assessment.label,
        reasons=assessment.reasons,
        access_key_ids=_distinct(key[0] for key, _ in places),
        source_ips=_distinct(key[1] for key, _ in places),
        user_agents=_distinct(key[2] for key, _ in places),
        first_seen=min(one.first for one in counts),
        last_seen=max(one.last for one in counts),
        events=sum(one.events for one in counts),
        denied=sum(one.denied for one in counts),
        bucket_events=tally.bucket_events,
        objects_read=tuple(sorted(set().union(*(one.objects for one in counts)))),
        get_object_calls=reads,
        bytes_out=sum(one.bytes_out for one in counts) if known else None,
        bytes_exact=known == reads,
        calls=dict(sorted(calls.items())),
        origins=tuple(_origin(key, one, assessment) for key, one in places),
    )


def _origin(key: OriginKey, counts: OriginTally, assessment: Assessment) -> Origin:
    return Origin(
        access_key_id=key[0],
        source_ip=key[1],
        user_agent=key[2],
        first_seen=counts.first,
        last_seen=counts.last,
        events=counts.events,
        denied=counts.denied,
        objects_read=len(counts.objects),
        bytes_out=counts.bytes_out if counts.calls_with_bytes else None,
        suspicious=key in assessment.origins,
    )


def _distinct(values: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))


def proven_bytes(reads: Sequence[Event]) -> str:
    """What reads sent, in words: exact, at least, or unknown."""
    sizes = [event.bytes_out for event in reads]
    known = [one for one in sizes if one is not None]
    if not known:
        return "an unknown number of bytes"
    return size(sum(known)) if len(known) == len(sizes) else f"at least {size(sum(known))}"
