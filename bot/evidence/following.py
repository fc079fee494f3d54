"""Whom to follow: what the first pass looks for, and what each later pass looks for because of those before.

Followed are the keys of everybody who was at the bucket or did something worth telling (where there are
suspects, without those known to belong there), the keys that issued those keys, up every hop, and the keys
that suspects obtained; for suspects also the principal itself, users that they made or gave a password, and
their addresses; and users that AWS put under quarantine. Services, this program and declared responders are
not followed.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.evidence import names
from bot.evidence.actors.assessment import Assessment
from bot.evidence.actors.lineage import Mints, issued_by
from bot.evidence.clients import is_private, is_service_name
from bot.evidence.collect import Collected, set_apart
from bot.evidence.events import Event, mapping, text_or_none
from bot.evidence.questions import Question
from bot.evidence.tallies import MORE_PLACES, Tally, actor_key
from bot.evidence.wanted import Wanted

#: At most so many are followed; those that speak most for it come first.
MOST_KEYS, MOST_PRINCIPALS, MOST_ADDRESSES = 2_000, 200, 100

#: Where a known principal was at work so long before the suspect, the address is shared: an office, a NAT.
LONG_BEFORE = timedelta(days=1)

_MAKES_A_USER = frozenset({"CreateLoginProfile", "CreateUser", "UpdateLoginProfile"})

#: The policy that AWS attaches to a user whose key it found in public (D27).
_QUARANTINE = "AWSCompromisedKeyQuarantine"


@dataclass(frozen=True)
class Leads:
    """What to look for besides, and how many leads were left because there are too many."""

    wanted: Wanted
    left: int = 0


def first(question: Question, event_names: frozenset[str] = frozenset()) -> Wanted:
    """The first pass: the bucket, the keys in question, telling events by name, root by anybody.

    `event_names` are those that detections ask for; what everybody does all day is left to later passes.
    """
    return Wanted(
        bucket=question.bucket,
        names=names.TELLING | (event_names - names.FREQUENT),
        keys=question.keys,
        kinds=frozenset({"Root"}),
        foremost=question.keys,
        marks=True,
    )


def follow(collected: Collected, assessed: Mapping[str, Assessment], mints: Mints, wanted: Wanted) -> Leads:
    """The next pass: who turned out to matter and is not looked for yet; nothing when all is known."""
    suspects = {actor: one for actor, one in assessed.items() if one.label == "suspect"}
    grave = list(dict.fromkeys(_of_suspects(suspects, mints, collected)))
    others = [
        key for actor in _who_matter(collected, assessed) for key in sorted(collected.tallies[actor].bearers)
    ]
    keys = list(_with_ancestors([*grave, *others], mints, collected.question))
    principals = list(dict.fromkeys(_principals(collected, suspects)))
    addresses = sorted(set(_addresses(collected, assessed, suspects)))
    more = Wanted(
        keys=_fill(wanted.keys, keys, MOST_KEYS),
        principals=_fill(wanted.principals, principals, MOST_PRINCIPALS),
        addresses=_fill(wanted.addresses, addresses, MOST_ADDRESSES),
    )
    urgent = frozenset(_with_ancestors(grave, mints, collected.question)) & more.keys
    left = len({*keys, *principals, *addresses} - _values(wanted) - _values(more))
    return Leads(
        Wanted(keys=more.keys, principals=more.principals, addresses=more.addresses, foremost=urgent), left
    )


def _values(wanted: Wanted) -> frozenset[str]:
    return wanted.keys | wanted.principals | wanted.addresses


def _fill(known: frozenset[str], found: Iterable[str], most: int) -> frozenset[str]:
    """The found ones that are not known yet, as long as there is room."""
    fresh = [one for one in found if one not in known]
    return frozenset(fresh[: max(0, most - len(known))])


def _of_suspects(suspects: Mapping[str, Assessment], mints: Mints, collected: Collected) -> Iterator[str]:
    """Keys that suspects used where they are suspicious, and keys that they obtained from there."""
    for actor, one in sorted(suspects.items()):
        places = one.origins or collected.tallies[actor].origins.keys()
        yield from sorted({key for key, *_ in places if key})
        yield from sorted(issued_by(places, mints))


def _who_matter(collected: Collected, assessed: Mapping[str, Assessment]) -> list[str]:
    """Everybody at the bucket, with a sign, or with an act worth telling; the busiest there first.

    Where there are suspects, not those who were there before them, or only from inside: what those do
    elsewhere all day is most of the log, and tells nothing of the bucket.
    """
    suspected = any(one.label == "suspect" for one in assessed.values())

    def matters(actor: str, tally: Tally) -> bool:
        if suspected and assessed[actor].label == "known":
            return False
        signs = any(sign.weight != "tells" for sign in assessed[actor].signs)
        return bool(tally.bucket_events or tally.telling or signs)

    found = [
        (not assessed[actor].signs, -tally.telling, -tally.bucket_events, actor)
        for actor, tally in collected.tallies.items()
        if collected.set_apart(tally.who) is None and matters(actor, tally)
    ]
    return [actor for *_, actor in sorted(found)]


def _with_ancestors(keys: Iterable[str], mints: Mints, question: Question) -> Iterator[str]:
    """Each key, followed by the keys that it descends from."""
    told: set[str] = set()
    for key in keys:
        current: str | None = key
        while current and current not in told:
            told.add(current)
            yield current
            issued = mints.by_key.get(current)
            current = issued.who.access_key if issued and set_apart(issued.who, question) is None else None


def _principals(collected: Collected, suspects: Mapping[str, Assessment]) -> Iterator[str]:
    for actor in sorted(suspects):
        if (principal := collected.tallies[actor].who.principal).startswith("arn:"):
            yield principal
    for event in collected.kept:
        makes = event.name in _MAKES_A_USER and actor_key(event) in suspects
        if event.succeeded and (makes or _QUARANTINE in str(event.parameters.get("policyArn"))):
            yield from _user_of(event)


def _user_of(event: Event) -> Iterator[str]:
    """The user that a call made or changed: the ARN in the response, else the name in its account."""
    if arn := text_or_none(mapping(event.response.get("user")).get("arn")):
        yield arn
    elif (name := text_or_none(event.parameters.get("userName"))) and event.account:
        partition = event.who.principal.split(":")[1] if event.who.principal.startswith("arn:") else "aws"
        yield f"arn:{partition}:iam::{event.account}:user/{name}"


def _addresses(
    collected: Collected, assessed: Mapping[str, Assessment], suspects: Mapping[str, Assessment]
) -> Iterator[str]:
    """Public addresses of suspicious acts at which no known principal had been at work long before."""
    since = _since(collected, assessed)
    for actor, one in suspects.items():
        for place in one.origins:
            address, counts = place[1], collected.tallies[actor].origins.get(place)
            shared = counts and address in since and since[address] <= counts.first - LONG_BEFORE
            if not shared and _is_public(address):
                yield address


def _is_public(address: str) -> bool:
    return not (is_private(address) or is_service_name(address) or address == MORE_PLACES[0])


def _since(collected: Collected, assessed: Mapping[str, Assessment]) -> dict[str, datetime]:
    """Since when known principals were at each address."""
    since: dict[str, datetime] = {}
    for actor, tally in collected.tallies.items():
        if assessed[actor].label == "known":
            for (_, address, _), counts in tally.origins.items():
                since[address] = min(since.get(address, counts.first), counts.first)
    return since
