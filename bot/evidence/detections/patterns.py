"""Every sign in the evidence, and those that take several records to see."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import groupby

from bot.evidence import names, wording
from bot.evidence.actors import places
from bot.evidence.clients import is_console
from bot.evidence.collect import Collected, OriginKey, actor_key, origin_key, reads_content, set_apart
from bot.evidence.detections.rule_tests import Scene
from bot.evidence.detections.rules import Rule, detect
from bot.evidence.detections.sign import Head, Sign, sign_of
from bot.evidence.events import Event
from bot.evidence.touching import touches

#: How many different objects within how long make a bulk read (E8), and different questions a survey (E7).
BULK_OBJECTS = 20
SURVEY_CALLS = 5
BURST = timedelta(minutes=10)


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
        found.extend(_denied_then_allowed(actor, events, grants))
        found.extend(_bulk_reads(actor, events, scene))
        found.extend(_survey(actor, events))
    for actor, tally in collected.tallies.items():
        if set_apart(tally.who, collected.question) is None:
            found.extend(places.signs(actor, tally, by_actor[actor]))
    found.extend(_quarantined(collected))
    found.extend(_came_through_the_door(collected, found, scene))
    return sorted(found, key=lambda sign: (sign.first, sign.rule, sign.actor, sign.title, sign.event_ids))


def _single(actor: str, events: Iterable[Event], scene: Scene) -> Iterator[Sign]:
    """Rules that one record decides, joined over equal records; failed attempts are told, and no sign."""
    groups: dict[tuple[Rule, str, bool, OriginKey], list[Event]] = defaultdict(list)
    for event in events:
        for rule in detect(event, scene):
            # A rule about every call is about who makes it: what for, and whether it worked, plays no part.
            target = wording.target_of(event) if rule.names else wording.client(event)
            worked = event.succeeded or not rule.names
            groups[rule, target, worked, origin_key(event)].append(event)
    for (rule, target, worked, _), same in groups.items():
        title = wording.with_target(rule.title, target)
        head: Head = (rule.id, rule.kind, rule.severity, rule.weight)
        if worked:
            yield sign_of(actor, head, title, " ".join(rule.mitre), same)
        else:
            yield sign_of(actor, (rule.id, rule.kind, "low", "tells"), wording.tried(title), "", same)


@dataclass(frozen=True)
class _Turn:
    """A call that was refused, a change, and the same call working."""

    refused: Event
    grant: Event
    worked: Event


def _denied_then_allowed(actor: str, events: Iterable[Event], grants: Sequence[Event]) -> Iterator[Sign]:
    """Refused, then allowed (on the same bucket, if any), and the change that made the difference (E6)."""
    by_call: dict[tuple[str, str, str | None], list[Event]] = defaultdict(list)
    for event in events:
        by_call[event.service, event.name, event.bucket].append(event)
    by_grant: dict[str, list[_Turn]] = defaultdict(list)
    for same in by_call.values():
        if turn := _turn(same, actor, grants):
            by_grant[turn.grant.event_id].append(turn)
    for turns in by_grant.values():
        yield _turned(actor, turns)


def _turn(same: Sequence[Event], actor: str, grants: Sequence[Event]) -> _Turn | None:
    """The last refusal before the first success; of the changes, the caller's own before others'."""
    first = next((event for event in same if event.denied), None)
    worked = next((event for event in same if first and event.succeeded and event.time > first.time), None)
    if worked is None:
        return None
    refused = [event for event in same if event.denied and event.time <= worked.time][-1]
    between = [one for one in grants if refused.time <= one.time <= worked.time and _helps(one, worked)]
    own = [one for one in between if actor_key(one) == actor]
    return _Turn(refused, (own or between)[-1], worked) if between else None


def _turned(actor: str, turns: Sequence[_Turn]) -> Sign:
    grant, calls = turns[0].grant, [turn.worked.name for turn in turns]
    proof = [*(turn.refused for turn in turns), grant, *(turn.worked for turn in turns)]
    if actor_key(grant) != actor:
        title = wording.was_given_rights(calls, grant.name)
        return sign_of(actor, ("E6", "escalation", "medium", "adds"), title, "T1098.003", proof)
    # Opening a bucket one is responsible for is an administrator's work too; widening one's own rights is
    # not.
    sure = grant.service == "iam"
    head: Head = ("E6", "escalation", "critical", "decides") if sure else ("E6", "escalation", "high", "adds")
    return sign_of(actor, head, wording.raised_own_rights(calls, grant.name), "T1098.003 T1548", proof)


_UNAIMED = frozenset(
    {"AttachGroupPolicy", "CreatePolicyVersion", "PutGroupPolicy", "SetDefaultPolicyVersion"}
)


def _helps(grant: Event, call: Event) -> bool:
    """Whether a change can be what let the call through: aimed at the caller or at the call's bucket.

    Changes to groups and managed policies do not say whom they reach: they count when the caller made them.
    """
    role = (call.who.issuer or "").rsplit("/", 1)[-1] or None
    if grant.service == "iam" and grant.name in _UNAIMED:
        return grant.who.principal == call.who.principal
    if grant.service == "iam":
        aimed = grant.parameters.get("userName"), grant.parameters.get("roleName")
        return (call.who.user_name, None) == aimed or (aimed[1] is not None and aimed[1] == role)
    return call.bucket is not None and grant.bucket == call.bucket


def _bulk_reads(actor: str, events: Iterable[Event], scene: Scene) -> Iterator[Sign]:
    """Many different objects in a short time (E8); range requests for one object do not count twice."""
    reads = [event for event in events if reads_content(event) and touches(event, scene.bucket)]
    for _, same in groupby(sorted(reads, key=lambda e: (str(origin_key(e)), e.time)), key=origin_key):
        burst = _busiest(list(same), lambda event: event.key or "")
        if len({event.key for event in burst}) >= BULK_OBJECTS:
            title = wording.bulk_read(len({event.key for event in burst}))
            yield sign_of(actor, ("E8", "taking", "high", "adds"), title, "T1530", burst)


def _survey(actor: str, events: Iterable[Event]) -> Iterator[Sign]:
    """Many different questions about buckets and rights in a short time, outside the console (E7, D2)."""
    asked = [e for e in events if e.name in names.ENUMERATION and not is_console(e.user_agent)]
    burst = _busiest(asked, lambda event: event.name)
    kinds = {event.name for event in burst}
    if len(kinds) >= SURVEY_CALLS:
        yield sign_of(
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
        yield sign_of(actor, ("D4", "taking", "critical", "decides"), title, "T1530", events)


def _quarantined(collected: Collected) -> Iterator[Sign]:
    """AWS attaches its quarantine policy to a user whose key it found in public (D27)."""
    users = {tally.who.user_name: actor for actor, tally in collected.tallies.items() if tally.who.user_name}
    for event in collected.kept:
        target = users.get(str(event.parameters.get("userName")))
        if target and event.succeeded and any(rule.id == "D27" for rule in detect(event, Scene("", None))):
            rule: Head = ("D27", "context", "critical", "adds")
            yield replace(
                sign_of(target, rule, wording.QUARANTINED, "T1552.001", [event]), origins=frozenset()
            )
