"""Keys that turn up where they do not belong: off their instance, out of their function, in two places at
once.

All of it rests on addresses and user agents, and user agents can be forged: their absence proves nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from bot.evidence import wording
from bot.evidence.clients import family, is_console, is_private, is_service_name, platform, runtime
from bot.evidence.collect import OriginKey, OriginTally, Tally, origin_key
from bot.evidence.detections.sign import Head, Sign
from bot.evidence.events import Event

Place = tuple[OriginKey, OriginTally]

_OFF_INSTANCE: Head = ("D25", "origin", "critical", "decides")
_SECOND_PLACE: Head = ("D20", "origin", "medium", "adds")
_AT_ONCE: Head = ("D20", "origin", "high", "adds")


def signs(actor: str, tally: Tally, events: Sequence[Event]) -> Iterator[Sign]:
    """At most one sign for each origin, the strongest."""
    for places in _by_key(tally).values():
        for place, head, title in _away(tally, places):
            yield _sign(actor, head, title, place, events)


def _by_key(tally: Tally) -> dict[str, list[Place]]:
    """Where programs used each key, earliest first.

    Consoles and services show many places; a presigned URL is used wherever somebody has it, and tells
    nothing about where its signer's key is.
    """
    keys: dict[str, list[Place]] = defaultdict(list)
    for origin, counts in tally.origins.items():
        by_url = counts.presigned == counts.events
        if origin[0] and not (by_url or is_service_name(origin[1]) or is_console(origin[2])):
            keys[origin[0]].append((origin, counts))
    return dict(sorted(keys.items()))


def _away(tally: Tally, places: Sequence[Place]) -> Iterator[tuple[Place, Head, str]]:
    """The first place seen counts as home. Address alone, or client alone, changes in everyday use.

    So a place is foreign when neither its address nor its client was seen at home before.
    """
    home = places[0]
    addresses, clients = {home[0][1]}, {family(home[0][2])}
    for place in places:
        origin = place[0]
        if theft := _stolen(tally, origin, [one[0] for one in places]):
            yield place, _OFF_INSTANCE, theft
        elif origin[1] in addresses or family(origin[2]) in clients:
            addresses.add(origin[1])
            clients.add(family(origin[2]))
        else:
            yield place, *_second(place, home)


def _second(place: Place, home: Place) -> tuple[Head, str]:
    """Used elsewhere after it was used at home, or while it was in use there."""
    (origin, counts), (first, at_home) = place, home
    told = origin[0] or "", origin[1], family(origin[2]), first[1], family(first[2])
    if at_home.first < counts.first < at_home.last:
        return _AT_ONCE, wording.second_place_at_once(*told)
    return _SECOND_PLACE, wording.second_place(*told)


def _stolen(tally: Tally, origin: OriginKey, all_of_key: Sequence[OriginKey]) -> str | None:
    """Credentials of an instance or a function, used by a client that is not there (D25).

    EC2 and Lambda hand a role's credentials to that instance or function only. So one without the runtime's
    mark is elsewhere when the same key also shows the mark at another address.
    """
    if tally.who.is_instance:
        return _off_instance(tally.who.session_name or "", origin, all_of_key[0])
    marks = {runtime(agent) for _, address, agent in all_of_key if address != origin[1]} - {None}
    if runtime(origin[2]) is None and marks:
        return wording.out_of_runtime(min(filter(None, marks)), origin[1])
    return None


def _off_instance(instance: str, origin: OriginKey, home: OriginKey) -> str | None:
    """A session named after an instance that speaks from macOS, or from a second public address otherwise."""
    if (system := platform(origin[2])) == "macOS":
        return wording.off_instance(instance, system)
    inside = is_private(origin[1]) or is_private(home[1])
    if inside or origin[1] == home[1] or family(origin[2]) == family(home[2]):
        return None
    return wording.instance_in_two_places(instance, origin[1], home[1])


def _sign(actor: str, head: Head, title: str, place: Place, events: Iterable[Event]) -> Sign:
    origin, counts = place
    mitre = ("T1552.005", "T1078.004") if head == _OFF_INSTANCE else ("T1078.004",)
    ids = dict.fromkeys([counts.first_id, *(e.event_id for e in events if origin_key(e) == origin)])
    return Sign(*head, title, mitre, actor, counts.first, counts.last, tuple(ids), frozenset({origin}))
