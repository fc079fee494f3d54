"""People: actors joined to the humans and workloads behind them, each join with its sentence."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Literal

from bot.evidence.actors import score
from bot.evidence.actors.assessment import Assessment
from bot.evidence.actors.joins import Link, is_machine, links
from bot.evidence.actors.lineage import Mints
from bot.evidence.actors.origins import IDENTITY_CENTER
from bot.evidence.clients import is_console, is_private
from bot.evidence.collect import Collected, Tally
from bot.evidence.report import Label, Person, Reason
from bot.evidence.wording import called

Kind = Literal["human", "workload", "service", "anonymous", "account", "unknown"]

#: The label of a person is the gravest of its actors'.
_GRAVEST: tuple[Label, ...] = ("suspect", "unclear", "known", "service")

_FEDERATED = frozenset({"SAMLUser", "IdentityCenterUser", "Directory"})


@dataclass(frozen=True)
class Joined:
    """The people, the person of each actor, and the reasons about each actor by itself."""

    people: tuple[Person, ...]
    name_of: Mapping[str, str]
    reasons: Mapping[str, tuple[Reason, ...]]


def join(
    collected: Collected,
    assessed: Mapping[str, Assessment],
    mints: Mints,
    new: Mapping[str, bool | None] | None = None,
) -> Joined:
    """All people, gravest first. `new` says of actors whether the baseline has not seen them."""
    found = list(links(collected, assessed, mints))
    reasons = {
        actor: score.reasons(tally, assessed[actor], new=(new or {}).get(actor))
        for actor, tally in collected.tallies.items()
    }
    view, taken = _View(collected, assessed, reasons), set[str]()
    of_actor: dict[str, list[Link]] = defaultdict(list)
    for link in found:
        of_actor[link.one].append(link)
        of_actor[link.other].append(link)
    people: list[Person] = []
    name_of: dict[str, str] = {}
    for group in _groups(collected.tallies, found):
        mine = list({id(link): link for actor in group for link in of_actor.get(actor, ())}.values())
        person = _person(group, mine, view, taken)
        people.append(person)
        taken.add(person.name)
        name_of.update(dict.fromkeys(group, person.name))
    return Joined(tuple(sorted(people, key=_rank)), name_of, reasons)


@dataclass(frozen=True)
class _View:
    collected: Collected
    assessed: Mapping[str, Assessment]
    reasons: Mapping[str, tuple[Reason, ...]]


def _groups(tallies: Mapping[str, Tally], found: Sequence[Link]) -> list[tuple[str, ...]]:
    """Actors that links connect, directly or over others; each in order of first appearance."""
    leader: dict[str, str] = {}

    def root(node: str) -> str:
        while (above := leader.setdefault(node, node)) != node:
            leader[node] = leader[above]
            node = above
        return node

    for link in found:
        one, other = sorted((root(link.one), root(link.other)))
        leader[other] = one
    groups: dict[str, list[str]] = defaultdict(list)
    for actor in sorted(tallies, key=lambda name: (_first(tallies[name]), name)):
        groups[root(actor)].append(actor)
    return [tuple(group) for group in groups.values()]


def _first(tally: Tally) -> str:
    return min(counts.first for counts in tally.origins.values()).isoformat()


def _person(group: Sequence[str], mine: Sequence[Link], view: _View, taken: Set[str]) -> Person:
    tallies = [view.collected.tallies[actor] for actor in group]
    held = {place for actor in group for place in view.assessed[actor].origins}
    all_places = [(place, counts) for tally in tallies for place, counts in tally.origins.items()]
    origins = sorted(all_places, key=lambda item: item[0] not in held)
    why = dict.fromkeys(link.why for link in mine)
    told = _reasons(view.reasons[actor] for actor in group)
    calls: Counter[str] = sum((counts.calls for _, counts in origins), Counter())
    return Person(
        name=_named(group, mine, taken),
        kind=_kind(tallies, view.assessed[group[0]]),
        label=next(label for label in _GRAVEST if any(view.assessed[a].label == label for a in group)),
        score=score.total(told),
        reasons=told,
        joined=tuple(why) if len(group) > 1 else (),
        principals=_distinct(tally.who.principal for tally in tallies),
        access_key_ids=_distinct(key for (key, *_), _ in origins),
        source_ips=_distinct(address for (_, address, _), _ in origins),
        first_seen=min(counts.first for _, counts in origins),
        last_seen=max(counts.last for _, counts in origins),
        events=sum(counts.events for _, counts in origins),
        denied=sum(counts.denied for _, counts in origins),
        bucket_events=sum(tally.bucket_events for tally in tallies),
        elsewhere=dict((calls - _here(group, view.collected)).most_common()),
    )


def _reasons(parts: Iterable[tuple[Reason, ...]]) -> tuple[Reason, ...]:
    """Each thing once, strongest first: two sessions of one person do not count twice for one habit."""
    once: dict[str, Reason] = {}
    for part in parts:
        for reason in part:
            known = once.get(reason.text)
            if known is None or abs(reason.points) > abs(known.points):
                once[reason.text] = reason
    return tuple(sorted(once.values(), key=lambda reason: (-reason.points, reason.points == 0)))


def _here(group: Sequence[str], collected: Collected) -> Counter[str]:
    """What the group did to the bucket itself."""
    return sum((collected.tallies[actor].here for actor in group), Counter())


def _named(group: Sequence[str], mine: Sequence[Link], taken: Set[str]) -> str:
    """After whoever started the others, also one whom only another account's log shows; never ambiguous."""
    members = set(group)
    started = {link.other for link in mine}
    outside = [link.one for link in mine if link.one.startswith("arn:") and link.one not in members]
    first = next((node for node in (*outside, *group) if node not in started), group[0])
    name, number = called(first), 2
    while name in taken:
        name, number = f"{called(first)} ({number})", number + 1
    return name


def _kind(tallies: Sequence[Tally], first: Assessment) -> Kind:
    whos = [tally.who for tally in tallies]
    if any(who.is_anonymous for who in whos):
        return "anonymous"
    if any(who.is_service for who in whos) or first.label == "service":
        return "service"
    if any(_is_human(tally) for tally in tallies):
        return "human"
    if any(is_machine(tally) or _from_inside(tally) for tally in tallies):
        return "workload"
    return "account" if all(who.type == "AWSAccount" for who in whos) else "unknown"


def _is_human(tally: Tally) -> bool:
    who = tally.who
    if who.type in _FEDERATED or who.type == "Root" or who.mfa or IDENTITY_CENTER in (who.issuer or ""):
        return True
    return any(
        place[0] and is_console(place[2]) and counts.presigned < counts.events
        for place, counts in tally.origins.items()
    )


def _from_inside(tally: Tally) -> bool:
    """A role's session that speaks from private addresses only: a program in a VPC."""
    return tally.who.type == "AssumedRole" and all(is_private(address) for _, address, _ in tally.origins)


def _rank(person: Person) -> tuple[object, ...]:
    return _GRAVEST.index(person.label), -person.score, -person.bucket_events, person.first_seen, person.name


def _distinct(values: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))
