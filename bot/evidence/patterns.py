"""Signs that take several records to see, and what every sign looks like."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from bot.evidence import names, wording
from bot.evidence.clients import family, is_console, is_service_name, platform
from bot.evidence.collect import (
    Collected,
    OriginKey,
    OriginTally,
    Tally,
    actor_key,
    origin_key,
    reads_content,
    set_apart,
    touches,
)
from bot.evidence.detections import Kind, Rule, Scene, Weight, detect
from bot.evidence.events import Event
from bot.evidence.report import Severity

#: How many different objects within how long make a bulk read (E8), and different questions a survey (E7).
BULK_OBJECTS = 20
SURVEY_CALLS = 5
BURST = timedelta(minutes=10)


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


def signs(collected: Collected, scene: Scene) -> list[Sign]:
    """Every sign in the evidence about principals that are not set apart, in order of time."""
    by_actor: dict[str, list[Event]] = defaultdict(list)
    for event in collected.kept:
        if set_apart(event.who, collected.question) is None:
            by_actor[actor_key(event)].append(event)
    grants = [event for event in collected.kept if event.name in names.GRANTS and event.succeeded]
    found: list[Sign] = []
    for actor, events in by_actor.items():
        found.extend(_single(actor, events, scene))
        found.extend(_denied_then_allowed(actor, events, grants, scene))
        found.extend(_bulk_reads(actor, events, scene))
        found.extend(_survey(actor, events))
    for actor, tally in collected.tallies.items():
        if set_apart(tally.who, collected.question) is None:
            found.extend(_off_instance(actor, tally, by_actor[actor]))
            found.extend(_two_places(actor, tally))
    found.extend(_came_through_the_door(collected, found, scene))
    return sorted(found, key=lambda sign: (sign.first, sign.rule, sign.actor, sign.title, sign.event_ids))


def _sign(
    actor: str, rule: tuple[str, Kind, Severity, Weight], title: str, mitre: str, events: Sequence[Event]
) -> Sign:
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


def _single(actor: str, events: Iterable[Event], scene: Scene) -> Iterator[Sign]:
    """Rules that one record decides, joined over equal records; refused attempts are told, and are no
    sign.
    """
    groups: dict[tuple[Rule, str, bool, OriginKey], list[Event]] = defaultdict(list)
    for event in events:
        for rule in detect(event, scene):
            groups[rule, wording.target_of(event), event.succeeded, origin_key(event)].append(event)
    for (rule, target, succeeded, _), same in groups.items():
        title = wording.with_target(rule.title, target)
        if succeeded:
            head = rule.id, rule.kind, rule.severity, rule.weight
            yield _sign(actor, head, title, " ".join(rule.mitre), same)
        else:
            yield _sign(actor, (rule.id, rule.kind, "low", "tells"), wording.tried(title), "", same)


def _denied_then_allowed(
    actor: str, events: Iterable[Event], grants: Sequence[Event], scene: Scene
) -> Iterator[Sign]:
    """Refused, then allowed, and the change in between that made the difference (E6)."""
    by_call: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in events:
        by_call[event.service, event.name].append(event)
    for same in by_call.values():
        first = next((event for event in same if event.denied), None)
        turned = first and next((e for e in same if e.succeeded and e.time > first.time), None)
        if not first or not turned:
            continue
        refused = [event for event in same if event.denied and event.time <= turned.time][-1]
        between = [g for g in grants if refused.time <= g.time <= turned.time and _helps(g, turned, scene)]
        if any(actor_key(grant) == actor for grant in between):
            title = wording.raised_own_rights(turned.name, between[-1].name)
            yield _sign(actor, ("E6", "escalation", "critical", "decides"), title, "T1098.003 T1548",
                        [refused, *between, turned])  # fmt: skip
        elif between:
            title = wording.was_given_rights(turned.name, between[-1].name)
            yield _sign(actor, ("E6", "escalation", "medium", "adds"), title, "T1098.003", [refused, turned])


def _helps(grant: Event, call: Event, scene: Scene) -> bool:
    """Whether a change concerns the caller: made by it, aimed at it, or at the bucket."""
    aimed = grant.parameters.get("userName") or grant.parameters.get("roleName")
    role = (call.who.issuer or "").rsplit("/", 1)[-1]
    return (
        grant.who.principal == call.who.principal
        or (aimed is not None and aimed in (call.who.user_name, role))
        or touches(grant, scene.bucket)
    )


def _bulk_reads(actor: str, events: Iterable[Event], scene: Scene) -> Iterator[Sign]:
    """Many different objects in a short time (E8); range requests for one object do not count twice."""
    reads = [event for event in events if reads_content(event) and touches(event, scene.bucket)]
    for _, same in groupby(sorted(reads, key=lambda e: (str(origin_key(e)), e.time)), key=origin_key):
        burst = _busiest(list(same), lambda event: event.key or "")
        if len({event.key for event in burst}) >= BULK_OBJECTS:
            title = wording.bulk_read(len({event.key for event in burst}))
            yield _sign(actor, ("E8", "taking", "high", "adds"), title, "T1530", burst)


def _survey(actor: str, events: Iterable[Event]) -> Iterator[Sign]:
    """Many different questions about buckets and rights in a short time, outside the console (E7, D2)."""
    asked = [e for e in events if e.name in names.ENUMERATION and not is_console(e.user_agent)]
    burst = _busiest(asked, lambda event: event.name)
    kinds = {event.name for event in burst}
    if len(kinds) >= SURVEY_CALLS:
        yield _sign(
            actor, ("D2", "recon", "medium", "adds"), wording.survey(len(kinds)), "T1580 T1619", burst
        )


def _busiest(events: Sequence[Event], what: Callable[[Event], str]) -> list[Event]:
    """The stretch of BURST length, starting at an event, that holds the most different things."""
    best: tuple[int, int, int] = (0, 0, 0)
    counts: Counter[str] = Counter()
    end = 0
    for start, event in enumerate(events):
        while end < len(events) and events[end].time <= event.time + BURST:
            counts[what(events[end])] += 1
            end += 1
        best = max(best, (len(+counts), -start, end))
        counts[what(event)] -= 1
        if not counts[what(event)]:
            del counts[what(event)]
    return list(events[-best[1] : best[2]])


def _off_instance(actor: str, tally: Tally, events: Sequence[Event]) -> Iterator[Sign]:
    """Credentials of an EC2 instance used by a client that is not on it (D25).

    The session is named after the instance, and EC2 hands its credentials to that instance only. A client on
    macOS, or one key used from two systems, is somewhere else.
    """
    if not tally.who.is_instance:
        return
    systems = {platform(agent) for _, _, agent in tally.origins} - {None}
    for origin, counts in sorted(tally.origins.items(), key=lambda item: (item[1].first, item[1].first_id)):
        system = platform(origin[2])
        if system == "macOS" or (system == "Windows" and "Linux" in systems):
            title = wording.off_instance(tally.who.session_name or "", system)
            yield Sign("D25", "origin", "critical", "decides", title, ("T1552.005", "T1078.004"), actor,
                       counts.first, counts.last, _ids(counts, origin, events), frozenset({origin}))  # fmt: skip


def _ids(counts: OriginTally, origin: OriginKey, events: Iterable[Event]) -> tuple[str, ...]:
    """The first event from an origin, and the kept ones."""
    return tuple(dict.fromkeys([counts.first_id, *(e.event_id for e in events if origin_key(e) == origin)]))


def _two_places(actor: str, tally: Tally) -> Iterator[Sign]:
    """One key used from several addresses by different clients (D20): a copy of it is somewhere else.

    The first place seen counts as its home. Address alone, or client alone, changes in everyday use.
    """
    by_key: dict[str, list[tuple[OriginKey, OriginTally]]] = defaultdict(list)
    for origin, counts in tally.origins.items():
        if origin[0] and not is_service_name(origin[1]) and not is_console(origin[2]):
            by_key[origin[0]].append((origin, counts))
    for key, places in sorted(by_key.items()):
        home, *others = sorted(places, key=lambda item: (item[1].first, item[1].first_id))
        away = [(o, c) for o, c in others if o[1] != home[0][1] and family(o[2]) != family(home[0][2])]
        for origin, counts in away:
            title = wording.second_place(key, origin[1], family(origin[2]), home[0][1], family(home[0][2]))
            yield Sign("D20", "origin", "medium", "adds", title, ("T1078.004",), actor,
                       counts.first, counts.last, (home[1].first_id, counts.first_id),
                       frozenset({origin}))  # fmt: skip


def _came_through_the_door(collected: Collected, found: Sequence[Sign], scene: Scene) -> Iterator[Sign]:
    """Unsigned requests that were answered after somebody opened the bucket to everybody (D4)."""
    doors = [
        s for s in found if s.rule == "D6" and s.weight == "decides" and not s.actor.startswith("anonymous")
    ]
    if not doors:
        return
    door = min(doors, key=lambda sign: sign.first)
    entered: dict[str, list[Event]] = defaultdict(list)
    for event in collected.kept:
        if (
            event.who.is_anonymous
            and event.succeeded
            and event.time >= door.first
            and touches(event, scene.bucket)
        ):
            entered[actor_key(event)].append(event)
    for actor, events in entered.items():
        title = wording.came_through_the_door(door.actor)
        yield _sign(actor, ("D4", "taking", "critical", "decides"), title, "T1530", events)
