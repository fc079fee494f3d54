"""Counts of what everybody did: exact however many events there are, where single events are not kept."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from bot.evidence import names
from bot.evidence.events import Event
from bot.evidence.identity import Identity
from bot.evidence.objects import Distinct
from bot.evidence.pulse import Pulse
from bot.evidence.report import MOST_OBJECTS

#: (access key id, source address, user agent)
OriginKey = tuple[str | None, str, str]

#: So many callers are remembered at once.
_MOST_CALLERS = 10_000

#: So many places of one actor are told apart; who comes from more is told of as one more place.
MOST_ORIGINS = 5_000
MORE_PLACES = "(more addresses)", "(more clients)"


@dataclass
class OriginTally:
    """Counts for one key, address and client of an actor.

    `calls` by `service:name`; `outcomes` those about the bucket by (name, "ok" | "denied" | "failed"). Of the
    reads that handed over content of the bucket: `get_calls`, `calls_with_bytes` (those that say how many
    bytes they sent), `bytes_out`, and `distinct` different keys. `pulse` is all its requests over time.
    """

    first: datetime
    last: datetime
    first_id: str
    events: int = 0
    denied: int = 0
    get_calls: int = 0
    bytes_out: int = 0
    calls_with_bytes: int = 0
    distinct: int = 0
    presigned: int = 0
    calls: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    pulse: Pulse = field(default_factory=Pulse)
    read: "Read | None" = None

    @property
    def objects(self) -> frozenset[str]:
        """The first MOST_OBJECTS of the keys read from here, fetched from where they are counted."""
        return self.read.objects() if self.read else frozenset()


@dataclass(frozen=True)
class Read:
    """Where the keys are that one actor read from one place."""

    counted: Distinct
    actor: str
    place: OriginKey

    def objects(self) -> frozenset[str]:
        """At most MOST_OBJECTS, the first in their order."""
        return frozenset(self.counted.first([(self.actor, self.place)], MOST_OBJECTS))


@dataclass
class Tally:
    """Counts for one actor. `who` is the identity with the smallest text, so that order plays no part.

    `here` counts the calls about the bucket by name, as `calls` of the origins counts all of them. `bearers`
    are the identities by access key: sessions of one principal begin at different times. `telling` counts
    what it did that is worth telling and is no mere look.
    """

    who: Identity
    bucket_events: int = 0
    telling: int = 0
    here: Counter[str] = field(default_factory=Counter)
    bearers: dict[str, Identity] = field(default_factory=dict)
    origins: dict[OriginKey, OriginTally] = field(default_factory=dict)


def actor_key(event: Event) -> str:
    """What keeps actors apart: the principal; for unsigned requests the address is all there is."""
    return f"anonymous ({event.source_ip})" if event.who.is_anonymous else event.who.principal


def origin_key(event: Event) -> OriginKey:
    """One key, used from one address, with one client."""
    return event.who.access_key, event.source_ip, event.user_agent


def outcome(event: Event) -> str:
    """ "ok", "denied", or "failed" for any other error."""
    if event.succeeded:
        return "ok"
    return "denied" if event.denied else "failed"


def reads_content(event: Event) -> bool:
    """Whether the call handed over the content of an object."""
    return event.service == "s3" and event.name in names.CONTENT_READS and event.succeeded


@dataclass(frozen=True, slots=True)
class Caller:
    """Where the events of one identity from one place with one client are counted.

    `origin` is its place; counted is under `place`, which is another where an actor has too many.
    """

    who: Identity
    role: str | None
    actor: str
    origin: OriginKey
    place: OriginKey
    tally: Tally
    counts: OriginTally


class Counting:
    """Tallies that grow event by event; `finish` writes the counts of objects into them.

    `role_of` says what an identity is set apart as. `crowded`: some actor has more places than are told
    apart, and the order in which events are added plays a part.
    """

    def __init__(self, role_of: Callable[[Identity], str | None]) -> None:
        self.tallies: dict[str, Tally] = {}
        self.objects = Distinct()
        self.crowded = False
        self._role_of = role_of
        self._callers: dict[tuple[int, str, str], Caller] = {}

    def caller(self, event: Event) -> Caller:
        """Who made the call from where: found, or made, so that each has a tally from its first event on."""
        at = id(event.who), event.source_ip, event.user_agent
        found = self._callers.get(at)
        if found is None:
            if len(self._callers) >= _MOST_CALLERS:
                self._callers.clear()
            # Holding the identity keeps its id from being given to another.
            found = self._callers[at] = self._new_caller(event)
        return found

    def _new_caller(self, event: Event) -> Caller:
        actor, origin = actor_key(event), origin_key(event)
        tally = self.tallies.get(actor)
        if tally is None:
            tally = self.tallies[actor] = Tally(event.who)
        _meet(tally, event.who)
        place, counts = _place(tally, event)
        self.crowded |= place != origin
        return Caller(event.who, self._role_of(event.who), actor, origin, place, tally, counts)

    def add(self, event: Event, caller: Caller, *, about: bool, telling: bool) -> None:
        """One more event; `about` the bucket, and `telling` beyond a mere look."""
        tally = caller.tally
        call = f"{event.service}:{event.name}"
        tally.telling += telling
        if about:
            tally.bucket_events += 1
            tally.here[call] += 1
        _count(caller.counts, event, call, about=about)
        if about and reads_content(event) and (key := event.key) is not None:
            self.objects.add(caller.actor, caller.place, key)

    def finish(self) -> dict[str, Tally]:
        """The tallies in the order of their actors, places and calls in order of time and name."""
        for actor, tally in self.tallies.items():
            tally.origins = dict(sorted(tally.origins.items(), key=_order))
            tally.bearers = dict(sorted(tally.bearers.items()))
            distinct = (
                self.objects.tagged(actor) if any(one.get_calls for one in tally.origins.values()) else {}
            )
            for place, counts in tally.origins.items():
                counts.calls = Counter(dict(sorted(counts.calls.items())))
                if place in distinct:
                    counts.distinct, counts.read = distinct[place], Read(self.objects, actor, place)
        return dict(sorted(self.tallies.items()))


def _order(item: tuple[OriginKey, OriginTally]) -> tuple[datetime, str]:
    return item[1].first, item[1].first_id


def _meet(tally: Tally, who: Identity) -> None:
    if who is not tally.who and who != tally.who:
        tally.who = min(tally.who, who, key=_plainest)
    if key := who.access_key:
        former = tally.bearers.setdefault(key, who)
        if former is not who and former != who:
            tally.bearers[key] = min(former, who, key=_plainest)


def _plainest(who: Identity) -> tuple[str, ...]:
    return who.type, who.user_name or "", who.session_name or "", who.session_created or "~", str(who)


def _place(tally: Tally, event: Event) -> tuple[OriginKey, OriginTally]:
    place = origin_key(event)
    if (counts := tally.origins.get(place)) is not None:
        return place, counts
    if len(tally.origins) >= MOST_ORIGINS:
        place = (place[0], *MORE_PLACES)
    return place, tally.origins.setdefault(place, OriginTally(event.time, event.time, event.event_id))


def _count(counts: OriginTally, event: Event, call: str, *, about: bool) -> None:
    moment, denied = event.time, event.denied
    if moment <= counts.first:
        counts.first, counts.first_id = min((counts.first, counts.first_id), (moment, event.event_id))
    counts.last = max(counts.last, moment)
    counts.events += 1
    counts.denied += denied
    counts.calls[call] += 1
    counts.pulse.add(moment, denied=denied)
    counts.presigned += event.extra.get("AuthenticationMethod") == "QueryString"
    if about:
        counts.outcomes[event.name, outcome(event)] += 1
        if reads_content(event):
            counts.get_calls += 1
            if (size := event.bytes_out) is not None:
                counts.bytes_out += size
                counts.calls_with_bytes += 1
