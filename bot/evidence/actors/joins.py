"""What proves that two actors are one: a key, a session that one started, a SourceIdentity, a workload.

A shared address is never proof (NAT, masked logs, VPNs). Each proof is a link with its sentence.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.evidence import names
from bot.evidence.actors.assessment import Assessment
from bot.evidence.actors.lineage import Mints
from bot.evidence.clients import family, is_private, runtime
from bot.evidence.collect import Collected, Tally, actor_key
from bot.evidence.events import Event
from bot.evidence.identity import Identity
from bot.evidence.wording import called, short

#: Session names that programs make: EC2's, the SDKs' own, build numbers, UUIDs and other long hex.
_MACHINE_NAMES = re.compile(
    r"i-[0-9a-f]{8,17}|botocore-session-\d+|aws-(go|sdk)[\w.-]*-\d+|AWSCLI-Session|[\w.-]*\d{8,}"
    r"|[\w-]*[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{16,}",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Link:
    """Two nodes that are one human or workload, and why.

    Nodes are actors, or things that several actors have in common and that are no actor themselves.
    """

    one: str
    other: str
    why: str


def links(collected: Collected, assessed: Mapping[str, Assessment], mints: Mints) -> Iterator[Link]:
    """Every proof that two actors are one; actors set apart are never joined."""
    tallies = {actor: tally for actor, tally in collected.tallies.items() if not assessed[actor].apart}
    yield from _same_key(tallies)
    yield from _started_by(tallies, mints)
    yield from _made_for_another(tallies, assessed, mints)
    yield from _both_copies(collected)
    yield from _source_identity(tallies)
    yield from _one_workload(tallies, assessed)


def _same_key(tallies: Mapping[str, Tally]) -> Iterator[Link]:
    users: dict[str, list[str]] = defaultdict(list)
    for actor, tally in tallies.items():
        for key in _keys(tally):
            users[key].append(actor)
    for key, actors in sorted(users.items()):
        for other in actors[1:]:
            why = f"{called(actors[0])} and {called(other)} used the same access key {short(key)}."
            yield Link(actors[0], other, why)


def _keys(tally: Tally) -> list[str]:
    return list(dict.fromkeys(key for key, *_ in tally.origins if key))


def _started_by(tallies: Mapping[str, Tally], mints: Mints) -> Iterator[Link]:
    """Sessions and whoever's key started them; a broker of sessions for several people joins none.

    A session name that several callers used (pipelines do that) belongs to none of them.
    """
    started: dict[str, list[tuple[str, Event]]] = defaultdict(list)
    for actor, tally in tallies.items():
        issued = (mints.issued(key, tally.bearers.get(key, tally.who))[0] for key in _keys(tally))
        starts = [(actor_key(event), event) for event in issued if event and _vouches(event)]
        if len({parent for parent, _ in starts}) == 1:
            started[starts[0][0]] += [(actor, event) for _, event in starts]
    for parent, children in sorted(started.items()):
        behind = {tallies[actor].who.source_identity for actor, _ in children} - {None}
        for actor, event in children:
            if actor != parent and (len(behind) < 2 or not tallies[actor].who.source_identity):
                yield Link(parent, actor, f"{called(parent)} started {called(actor)} with {event.name}.")


def _vouches(event: Event) -> bool:
    """Whether the caller of an issuing call is one person or workload: no service, no whole account."""
    who = event.who
    if who.type == "AWSService" or who.is_anonymous or event.name not in names.MINTING | _CONSOLE:
        return False
    return who.type != "AWSAccount" or who.principal_id not in (None, who.account)


_CONSOLE = frozenset({"ConsoleLogin", "GetSigninToken"})


def _made_for_another(
    tallies: Mapping[str, Tally], assessed: Mapping[str, Assessment], mints: Mints
) -> Iterator[Link]:
    """A user all of whose keys a suspect made is the suspect's; one with keys of its own is somebody else."""
    for actor, tally in tallies.items():
        made = [mints.by_key.get(key) for key in _keys(tally)]
        makers = {actor_key(event) for event in made if event and event.name == "CreateAccessKey"}
        if None in made or len(makers) != 1 or actor in makers or assessed[actor].label != "suspect":
            continue
        (maker,) = makers
        if maker in tallies and assessed[maker].label == "suspect":
            yield Link(maker, actor, f"{called(maker)} made every key that {called(actor)} used.")


def _both_copies(collected: Collected) -> Iterator[Link]:
    """One call, logged in two accounts: the copies name the caller differently (sharedEventID)."""
    shared: dict[str, list[Event]] = defaultdict(list)
    for event in (*collected.minting, *collected.kept):
        if event.shared_event_id:
            shared[event.shared_event_id].append(event)
    for copies in shared.values():
        named = {actor_key(event) for event in copies if _vouches_alone(event.who)}
        callers = sorted(named, key=lambda name: (not name.startswith("arn:"), name))
        for other in callers[1:]:
            why = f"One call, logged in two accounts, names both {called(callers[0])} and {called(other)}."
            yield Link(callers[0], other, why)


def _vouches_alone(who: Identity) -> bool:
    return who.type != "AWSAccount" or who.principal_id not in (None, who.account)


def _source_identity(tallies: Mapping[str, Tally]) -> Iterator[Link]:
    bearers: dict[tuple[str | None, str], list[str]] = defaultdict(list)
    for actor, tally in tallies.items():
        if tally.who.source_identity:
            bearers[tally.who.account, tally.who.source_identity].append(actor)
    for (_, identity), actors in sorted(bearers.items(), key=str):
        for other in actors[1:]:
            both = f"{called(actors[0])} and {called(other)}"
            yield Link(actors[0], other, f"{both} carry the SourceIdentity {short(identity)}.")


def _one_workload(tallies: Mapping[str, Tally], assessed: Mapping[str, Assessment]) -> Iterator[Link]:
    """Sessions of one role that programs made, at one home. Suspects are joined by proof only."""
    homes: dict[tuple[str, str, str], str] = {}
    for actor, tally in tallies.items():
        if not is_machine(tally) or assessed[actor].label == "suspect":
            continue
        for _, address, agent in tally.origins:
            place = "inside the VPC" if is_private(address) else address
            first = homes.setdefault((tally.who.issuer or "", place, family(agent)), actor)
            if first != actor:
                role = called(tally.who.issuer or "")
                why = (
                    f"Sessions of {role} that a program named, with {short(family(agent))} at {short(place)}."
                )
                yield Link(first, actor, why)


def is_machine(tally: Tally) -> bool:
    """A role session that a program started: by its name, or by the runtime that its client names."""
    who = tally.who
    if who.type != "AssumedRole" or not who.issuer:
        return False
    if _MACHINE_NAMES.fullmatch(who.session_name or ""):
        return True
    return any(runtime(agent) for _, _, agent in tally.origins)
