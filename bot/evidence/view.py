"""An investigation put in words for one reader, complete, before anybody decides how it looks.

All text may hold what an attacker wrote; whoever shows it escapes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.evidence.report import Actor, Investigation, Person, Proposal, Reason
from bot.evidence.view_words import (
    NOTHING_YET,
    OUTSIDE,
    READ_AGAIN,
    UNCLEAR,
    UNKNOWN_SIZE,
    UNSIGNED,
)
from bot.evidence.wording import called, size, some


@dataclass(frozen=True)
class Suspect:
    """One person under suspicion; or a principal that was not joined to any, then `score` is None.

    `usual` are addresses from which nothing suspicious came.
    """

    name: str
    kind: str
    score: int | None
    reasons: tuple[Reason, ...]
    joined: tuple[str, ...]
    principals: tuple[str, ...]
    keys: tuple[str, ...]
    addresses: tuple[str, ...]
    usual: tuple[str, ...]
    clients: tuple[str, ...]
    first_seen: datetime
    last_seen: datetime
    events: int
    denied: int
    bucket_events: int
    elsewhere: dict[str, int]
    actors: tuple[Actor, ...]


@dataclass(frozen=True)
class Got:
    """What one suspect was handed: a sentence, and the keys that are listed (`more` are not)."""

    name: str
    sentence: str
    keys: tuple[str, ...]
    more: int


@dataclass(frozen=True)
class Change:
    """A proposal: what on what, why, and its row in the catalogue."""

    text: str
    why: str
    row: str


def name_of(actor: Actor) -> str:
    """What people call it; unsigned requests by their address, because that is all there is."""
    if actor.principal == "anonymous":
        return f"anonymous ({', '.join(actor.source_ips)})"
    return called(actor.principal)


def suspects(found: Investigation) -> tuple[Suspect, ...]:
    """The people under suspicion, most suspicious first, each principal in one of them or by itself."""
    people = [_person(one, found) for one in found.people if one.label == "suspect"]
    told = {id(actor) for one in people for actor in one.actors}
    return (*people, *(_actor(actor) for actor in found.suspects if id(actor) not in told))


def _person(person: Person, found: Investigation) -> Suspect:
    actors = tuple(one for one in found.actors if one.person == person.name)
    addresses, usual = _addresses(actors)
    return Suspect(
        name=person.name,
        kind=person.kind,
        score=person.score,
        reasons=person.reasons,
        joined=person.joined,
        principals=person.principals,
        keys=person.access_key_ids,
        addresses=addresses or person.source_ips,
        usual=usual,
        clients=tuple(dict.fromkeys(agent for actor in actors for agent in actor.user_agents)),
        first_seen=person.first_seen,
        last_seen=person.last_seen,
        events=person.events,
        denied=person.denied,
        bucket_events=person.bucket_events,
        elsewhere=person.elsewhere,
        actors=actors,
    )


def _actor(actor: Actor) -> Suspect:
    addresses, usual = _addresses([actor])
    return Suspect(
        name=name_of(actor),
        kind=actor.type,
        score=None,
        reasons=tuple(Reason(points=0, text=reason) for reason in actor.reasons),
        joined=(),
        principals=(actor.principal,),
        keys=actor.access_key_ids,
        addresses=addresses,
        usual=usual,
        clients=actor.user_agents,
        first_seen=actor.first_seen,
        last_seen=actor.last_seen,
        events=actor.events,
        denied=actor.denied,
        bucket_events=actor.bucket_events,
        elsewhere={},
        actors=(actor,),
    )


def _addresses(actors: Sequence[Actor]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The suspicious ones and the others; all of them where no place is held against anybody."""
    suspicious = {one.source_ip for actor in actors for one in actor.origins if one.suspicious}
    every = dict.fromkeys(address for actor in actors for address in actor.source_ips)
    if not suspicious:
        return tuple(every), ()
    return tuple(one for one in every if one in suspicious), tuple(
        one for one in every if one not in suspicious
    )


def everybody_else(found: Investigation) -> dict[str, list[str]]:
    """The names of all others by label, those who touched the bucket first."""
    groups: dict[str, list[str]] = {"unclear": [], "known": [], "service": []}
    for actor in sorted(found.actors, key=lambda one: not one.bucket_events):
        if actor.label != "suspect":
            groups[actor.label].append(name_of(actor))
    return {label: list(dict.fromkeys(names)) for label, names in groups.items() if names}


def got(found: Investigation) -> tuple[Got, ...]:
    """What each suspect was handed from the bucket: exact, at least, or unknown."""
    whole = reads_recorded(found)
    return tuple(_got(actor, whole=whole) for actor in found.suspects if actor.get_object_calls)


def reads_recorded(found: Investigation) -> bool:
    """Whether every read of the window is known to have been recorded, and every log could be read."""
    return found.lost is None and any(
        one.subject == "object reads" and one.answer == "yes" for one in found.coverage
    )


def _got(actor: Actor, *, whole: bool) -> Got:
    objects = max(actor.distinct_objects, len(actor.objects_read))
    least = "" if whole else "at least "
    exactly = "exactly" if actor.bytes_exact and whole else "at least"
    amount = UNKNOWN_SIZE if actor.bytes_out is None else f"{exactly} {size(actor.bytes_out)}"
    sentence = f"{least}{some(objects, 'object')} by {some(actor.get_object_calls, 'call')}, {amount}"
    return Got(name_of(actor), sentence, actor.objects_read, objects - len(actor.objects_read))


def unknown(found: Investigation) -> tuple[str, ...]:
    """What is not known, in sentences, each with how to find out."""
    if found.unknown:
        return found.unknown
    return tuple(f"{one.question} {one.because}" for one in found.answers if one.answer == "cannot_know")


def next_steps(found: Investigation) -> tuple[str, ...]:
    """What to do next, in sentences, most important first."""
    return found.next_steps or tuple(dict.fromkeys(_by_hand(found)))


def changes(found: Investigation) -> tuple[Change, ...]:
    """The proposals in the order to carry them out."""
    return tuple(map(_change, found.proposals))


def _change(one: Proposal) -> Change:
    what = one.title or f"Carry out {one.remediation}"
    target = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in one.target.items())
    return Change(f"{what}: {target}" if target else what, one.why, one.remediation)


def _by_hand(found: Investigation) -> Iterator[str]:
    if found.suspects and not found.proposals:
        yield OUTSIDE if _outsiders(found) else UNCLEAR
    if not found.suspects:
        yield NOTHING_YET
    if any(one.id == "E10" and one.answer == "yes" for one in found.answers):
        yield UNSIGNED
    if any(source.problems for source in found.sources):
        yield READ_AGAIN
    yield from (row.turn_on for row in found.coverage if row.turn_on)


def _outsiders(found: Investigation) -> bool:
    """Whether every suspect is of another account, or unsigned."""
    owner = f":{found.account_id}:"
    return found.account_id is not None and all(owner not in one.principal for one in found.suspects)
