"""Actors for the report: who they are, from where they came, what they got."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from bot.evidence.actors import score
from bot.evidence.actors.assessment import Assessment
from bot.evidence.actors.haul import haul_from
from bot.evidence.actors.people import Joined
from bot.evidence.collect import Collected, OriginKey, OriginTally
from bot.evidence.events import Event
from bot.evidence.report import Actor, Origin
from bot.evidence.wording import size

_ORDER = {"suspect": 0, "unclear": 1, "known": 2, "service": 3}


def actors(
    collected: Collected,
    assessed: Mapping[str, Assessment],
    joined: Joined,
    new: Mapping[str, bool | None],
) -> tuple[Actor, ...]:
    """All actors: suspects first, by score; then by what they had to do with the bucket, then by time."""
    made = [_actor(key, collected, assessed[key], joined, new) for key in collected.tallies]
    return tuple(
        sorted(
            made,
            key=lambda actor: (
                _ORDER[actor.label],
                -actor.score if actor.label == "suspect" else 0,
                -actor.distinct_objects,
                -actor.bucket_events,
                actor.first_seen,
                actor.principal,
                actor.source_ips,
            ),
        )
    )


def _actor(
    key: str,
    collected: Collected,
    assessment: Assessment,
    joined: Joined,
    new: Mapping[str, bool | None],
) -> Actor:
    tally = collected.tallies[key]
    places = sorted(tally.origins.items(), key=lambda item: item[0] not in assessment.origins)
    counts = [one for _, one in places]
    calls: Counter[str] = sum((one.calls for one in counts), Counter())
    taken = [place for place in tally.origins if place in assessment.origins] or list(tally.origins)
    read = haul_from(collected, [(key, place) for place in taken])
    return Actor(
        principal=tally.who.principal,
        type=tally.who.type,
        label=assessment.label,
        reasons=assessment.reasons,
        access_key_ids=_distinct(place[0] for place, _ in places),
        source_ips=_distinct(place[1] for place, _ in places),
        user_agents=_distinct(place[2] for place, _ in places),
        first_seen=min(one.first for one in counts),
        last_seen=max(one.last for one in counts),
        events=sum(one.events for one in counts),
        denied=sum(one.denied for one in counts),
        bucket_events=tally.bucket_events,
        objects_read=read.keys,
        get_object_calls=read.calls,
        bytes_out=read.size,
        bytes_exact=read.exact,
        calls=dict(sorted(calls.items())),
        origins=tuple(_origin(place, one, assessment) for place, one in places),
        person=joined.name_of[key],
        score=score.total(joined.reasons[key]),
        distinct_objects=read.objects,
        new=new.get(key),
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
        objects_read=counts.distinct,
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
