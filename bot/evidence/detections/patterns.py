"""Every sign in the evidence, and those that take several records to see."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.evidence import names, wording
from bot.evidence.actors import places
from bot.evidence.bursts import STRETCH, Burst
from bot.evidence.collect import Collected, OriginKey, actor_key, origin_key
from bot.evidence.detections import presigned
from bot.evidence.detections.federation import strangers
from bot.evidence.detections.rule import Rule
from bot.evidence.detections.rules import detect
from bot.evidence.detections.scene import Scene
from bot.evidence.detections.sign import Head, Sign, sign_of
from bot.evidence.events import Event
from bot.evidence.touching import touches

#: The name of the rule of bulk reads (E8), which is also asked of the stretches that were counted whole.
BULK_READ = "bulk_read"


def signs(collected: Collected, scene: Scene) -> list[Sign]:
    """Every sign in the evidence about principals that are not set apart, in order of time."""
    speaking = [event for event in collected.kept if collected.set_apart(event.who) is None]
    by_actor: dict[str, list[Event]] = defaultdict(list)
    for event in speaking:
        by_actor[actor_key(event)].append(event)
    grants = [event for event in collected.kept if event.name in names.GRANTS and event.succeeded]
    found: list[Sign] = list(_together(speaking, collected, scene))
    for actor, events in by_actor.items():
        found.extend(_single(actor, events, scene))
        found.extend(_denied_then_allowed(actor, events, grants))
        found.extend(_tried_to_stay(actor, events))
    for actor, tally in collected.tallies.items():
        if collected.set_apart(tally.who) is None:
            found.extend(places.signs(actor, tally, by_actor[actor]))
    found.extend(_quarantined(collected, scene))
    found.extend(strangers(collected))
    found.extend(presigned.signs(speaking))
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
        if worked:
            yield sign_of(actor, _head(rule), title, " ".join(rule.mitre), same)
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


#: So many different ways to stay that were all refused are no slip of the hand.
SEVERAL_WAYS = 2


def _tried_to_stay(actor: str, events: Iterable[Event]) -> Iterator[Sign]:
    """Several ways to stay tried in vain from one place within an hour (E14).

    Whoever lacks rights is refused as well: it only adds to a key in a place where it does not belong.
    """
    by_place: dict[OriginKey, list[Event]] = defaultdict(list)
    for event in events:
        if event.denied and event.name in names.PERSISTENCE:
            by_place[origin_key(event)].append(event)
    for tried in by_place.values():
        soon = [event for event in tried if event.time - tried[0].time <= timedelta(hours=1)]
        calls = sorted({event.name for event in soon})
        if len(calls) >= SEVERAL_WAYS:
            head: Head = ("E14", "attempt", "medium", "adds")
            yield sign_of(actor, head, wording.tried_to_stay(calls), "T1136 T1098", soon)


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


def _together(events: Sequence[Event], collected: Collected, scene: Scene) -> Iterator[Sign]:
    """What correlation rules tell, of each actor in the window that they found."""
    counted: dict[tuple[str, OriginKey], float] = {}
    found = list(scene.detections.correlate(events, scene))
    for one in found:
        if one.rule.name == BULK_READ:
            counted |= {(actor_key(event), origin_key(event)): one.count for event in one.events}
    larger = dict(_larger_stretches(collected, scene, counted))
    for one in found:
        by_actor: dict[str, list[Event]] = defaultdict(list)
        for event in one.events:
            if one.rule.name != BULK_READ or (actor_key(event), origin_key(event)) not in larger:
                by_actor[actor_key(event)].append(event)
        for actor, same in by_actor.items():
            yield sign_of(actor, _head(one.rule), one.title, " ".join(one.rule.mitre), same)
    yield from larger.values()


def _larger_stretches(
    collected: Collected, scene: Scene, counted: Mapping[tuple[str, OriginKey], float]
) -> Iterator[tuple[tuple[str, OriginKey], Sign]]:
    """Bulk reads of which not every call was kept: the stretches that were counted while all went by."""
    rule = next((one for one in scene.detections.correlations if one.name == BULK_READ), None)
    if rule is None or rule.least is None or rule.span != STRETCH:
        return
    for (actor, place, name), burst in sorted(collected.bursts.items(), key=lambda item: item[1].objects):
        apart = collected.set_apart(collected.tallies[actor].who)
        least = max(rule.least, counted.get((actor, place), 0) + 1)
        if name in names.CONTENT_READS and apart is None and burst.objects >= least:
            yield (actor, place), _of_stretch(actor, place, rule, burst)


def _of_stretch(actor: str, place: OriginKey, rule: Rule, burst: Burst) -> Sign:
    return Sign(
        *_head(rule),
        rule.titled(burst.objects),
        rule.mitre,
        actor,
        burst.first,
        burst.last,
        burst.event_ids,
        frozenset({place}),
    )


def _head(rule: Rule) -> Head:
    return rule.id, rule.kind, rule.severity, rule.weight


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


def _quarantined(collected: Collected, scene: Scene) -> Iterator[Sign]:
    """AWS attaches its quarantine policy to a user whose key it found in public (D27)."""
    users = {tally.who.user_name: actor for actor, tally in collected.tallies.items() if tally.who.user_name}
    for event in collected.kept:
        target = users.get(str(event.parameters.get("userName")))
        if target and event.succeeded and any(rule.id == "D27" for rule in detect(event, scene)):
            rule: Head = ("D27", "context", "critical", "adds")
            yield replace(
                sign_of(target, rule, wording.QUARANTINED, "T1552.001", [event]), origins=frozenset()
            )
