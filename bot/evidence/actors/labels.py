"""Who is suspect, who is known, and why: each label carries its reasons, and no score decides it.

A suspect has one sign that decides, or signs of two different kinds within an hour of each other. Being
refused often is no sign, and neither is sharing an address with a suspect.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import get_args

from bot.evidence import wording
from bot.evidence.actors.assessment import Assessment, same_places
from bot.evidence.actors.kin import Kinship, kin
from bot.evidence.actors.lineage import Mints
from bot.evidence.baseline import usual_name
from bot.evidence.clients import family, is_private
from bot.evidence.collect import Collected, OriginKey, Tally
from bot.evidence.detections.sign import Sign
from bot.evidence.report import Severity

#: GuardDuty joins signals of one principal into an attack sequence in the same manner (domain 7).
TOGETHER = timedelta(hours=1)

#: So long before the first sign a suspect may have prepared; what was done earlier from its usual place was
#: its everyday work, as far as anybody can tell.
BEFORE = timedelta(days=1)

#: (role or user, (address, client family)) -> since when.
Homes = dict[tuple[str, tuple[str, str]], datetime]


def assess(
    collected: Collected, signs: Sequence[Sign], mints: Mints, owner: str | None = None
) -> dict[str, Assessment]:
    """A label for every actor; the suspects' kin (see there) are suspects too. `owner`: of the bucket."""
    assessed = {
        actor: _by_signs(actor, tally, signs, collected) for actor, tally in collected.tallies.items()
    }
    while more := kin(Kinship(assessed, collected, mints, owner)):
        assessed.update(more)
    acts = (sign.first for one in assessed.values() if one.label == "suspect" for sign in one.signs)
    first, homes = min(acts, default=None), _homes(collected.tallies.values())
    return {actor: _finished(collected.tallies[actor], one, first, homes) for actor, one in assessed.items()}


def _finished(tally: Tally, assessment: Assessment, suspicious: datetime | None, homes: Homes) -> Assessment:
    if assessment.label == "unclear":
        return _known_or_unclear(tally, assessment, suspicious, homes)
    return replace(assessment, split=_split(tally, assessment.origins))


def _split(tally: Tally, origins: frozenset[OriginKey]) -> str | None:
    """Owner and thief behind one principal: only places, or keys, part them."""
    addresses = {origin[1] for origin in origins}
    home = [(place, counts) for place, counts in tally.origins.items() if place[1] not in addresses]
    for key in sorted({origin[0] for origin in origins if origin[0]}) if home else ():
        away = [counts for origin, counts in tally.origins.items() if origin[0] == key and origin in origins]
        same = [(origin, counts) for origin, counts in home if origin[0] == key]
        if same:
            at_once = any(
                one.first <= other.last and other.first <= one.last for _, one in same for other in away
            )
            return wording.shared_with_owner(key, same[0][0][1], at_once=at_once)
    return wording.owner_goes_on(home[0][0][0], home[0][0][1]) if home and origins else None


def _by_signs(actor: str, tally: Tally, signs: Sequence[Sign], collected: Collected) -> Assessment:
    role = collected.set_apart(tally.who)
    if role == "service":
        return Assessment("service", (wording.SERVICE,), apart=True)
    if role:
        return Assessment("known", (wording.OWN if role == "own" else wording.RESPONDER,), apart=True)
    speaking = (s for s in signs if s.actor == actor and s.weight != "tells")
    mine = tuple(sorted((s for s in speaking if not _usual(s, tally, collected)), key=_strength))
    titles = tuple(dict.fromkeys(sign.title for sign in mine))
    origins = _acted_from(mine, tally)
    if declared := sorted(collected.question.keys & {key for key, *_ in tally.origins if key}):
        reason = wording.declared(declared)
        return Assessment(
            "suspect", (*titles, reason), mine, _declared(declared, origins, tally), declared=reason
        )
    if not _suspicious(mine, tally):
        return Assessment("unclear", titles, mine)
    return Assessment("suspect", titles, mine, origins)


def _acted_from(signs: Sequence[Sign], tally: Tally) -> frozenset[OriginKey]:
    """Where the signs were; where no place is left for an owner, without the ordinary days before."""
    told = frozenset().union(*(sign.origins for sign in signs))
    places = same_places(told, tally)
    if not signs or places != frozenset(tally.origins):
        return places
    begun = min(sign.first for sign in signs) - BEFORE
    return told | {place for place in places if tally.origins[place].last >= begun}


def _declared(keys: Sequence[str], origins: frozenset[OriginKey], tally: Tally) -> frozenset[OriginKey]:
    """Where keys under suspicion were used; only where signs point to, for keys that signs speak about."""
    told = {origin[0] for origin in origins}
    return origins | {origin for origin in tally.origins if origin[0] in keys and origin[0] not in told}


def _usual(sign: Sign, tally: Tally, collected: Collected) -> bool:
    """A place that the baseline knows is no second place; bulk reads where one reads anyway are no sign."""
    if sign.rule not in ("D20", "E8", "D10") or not sign.origins:
        return False
    name, habits = usual_name(tally.who), collected.baseline.habits
    known = [habits.get((name, address, family(agent))) for _, address, agent in sign.origins]
    return all(habit is not None and (sign.rule == "D20" or habit.reads) for habit in known)


def _strength(sign: Sign) -> tuple[bool, int]:
    return sign.weight != "decides", get_args(Severity).index(sign.severity)


def _suspicious(signs: Sequence[Sign], tally: Tally) -> bool:
    if any(sign.weight == "decides" for sign in signs):
        return True
    return any(
        _two_kinds(one, other, tally) and _together(one, other)
        for number, one in enumerate(signs)
        for other in signs[number + 1 :]
    )


def _two_kinds(one: Sign, other: Sign, tally: Tally) -> bool:
    """Or of one kind and yet apart: a key at work in two places, and an attackers' tool at the second.

    Whoever tries out a found key with such a tool may be a scanner of one's own. It counts where both places
    were at work at once, or where the bucket answered the tool.
    """
    if "attempt" in (one.kind, other.kind):
        # What was refused says something only of a place where the key does not belong.
        return "origin" in (one.kind, other.kind) and bool(one.origins & other.origins)
    if one.kind != other.kind:
        return True
    tool, moved = sorted((one, other), key=lambda sign: sign.rule, reverse=True)
    if (tool.rule, tool.severity, moved.rule) != ("D24", "high", "D20"):
        return False
    return moved.severity == "high" or any(_answered(place, tally) for place in tool.origins & moved.origins)


def _answered(place: OriginKey, tally: Tally) -> bool:
    """Whether the bucket did what was asked from a place."""
    return any(outcome == "ok" for _, outcome in tally.origins[place].outcomes)


def _together(one: Sign, other: Sign) -> bool:
    """Within an hour; that a key is public (D27) is true of it at any time."""
    if "D27" in (one.rule, other.rule):
        return True
    return one.first <= other.last + TOGETHER and other.first <= one.last + TOGETHER


def _known_or_unclear(
    tally: Tally, assessment: Assessment, suspicious: datetime | None, homes: Homes
) -> Assessment:
    """Known: no sign against it, and at work before the first suspicious act, or from inside."""
    reason = None if assessment.signs or tally.who.is_anonymous else _why_known(tally, suspicious, homes)
    if reason:
        return replace(assessment, label="known", reasons=(reason, *_facts(tally)), known_because=reason)
    why = wording.ONE_WEAK_SIGN if assessment.signs else wording.NO_SIGN
    return replace(assessment, reasons=(*assessment.reasons, why, *_facts(tally)))


def _why_known(tally: Tally, suspicious: datetime | None, homes: Homes) -> str | None:
    started = [homes[_group(tally), place] for place in _places(tally)]
    if suspicious and all(one < suspicious for one in started):
        return wording.at_work_before(min(started), suspicious)
    return wording.INSIDE if all(is_private(address) for address, _ in _places(tally)) else None


def _homes(tallies: Iterable[Tally]) -> Homes:
    """Since when each role or user was at work from each place: sessions of one role share their history."""
    homes: Homes = {}
    for tally in tallies:
        for (_, address, agent), counts in tally.origins.items():
            place = _group(tally), (address, family(agent))
            homes[place] = min(homes.get(place, counts.first), counts.first)
    return homes


def _group(tally: Tally) -> str:
    return tally.who.issuer or tally.who.principal


def _places(tally: Tally) -> set[tuple[str, str]]:
    return {(address, family(agent)) for _, address, agent in tally.origins}


def _facts(tally: Tally) -> Iterable[str]:
    if not tally.bucket_events:
        yield wording.NO_BUCKET
    if tally.who.is_anonymous:
        yield wording.ANYONE
    if tally.who.mfa:
        yield wording.mfa()
    if any(counts.denied for counts in tally.origins.values()):
        yield wording.DENIALS_ALONE
