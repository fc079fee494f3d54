"""Who is a suspect because of another suspect: whoever holds its keys, made its keys, or is its creature.

Each relation is one that an innocent cannot come into by chance: a shared address is none.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.evidence import names, wording
from bot.evidence.actors.assessment import Assessment, same_places
from bot.evidence.actors.lineage import Mints, issued_by
from bot.evidence.collect import Collected, OriginKey, Tally, actor_key, origin_key
from bot.evidence.detections.federation import issuer
from bot.evidence.detections.grants import federated_by, let_in_by_policy, provider_name
from bot.evidence.events import Event, mapping, text_or_none
from bot.evidence.touching import touches

#: A key that is used for the first time so soon after it was made is used by whoever was given it.
SOON = timedelta(days=1)


#: An actor, and what is now held against it.
Found = tuple[str, Assessment]


@dataclass(frozen=True)
class Kinship:
    """What relations are found in; `owner` is the bucket owner's account, as far as it is known."""

    assessed: dict[str, Assessment]
    collected: Collected
    mints: Mints
    owner: str | None

    def suspects(self) -> list[tuple[str, Assessment]]:
        """The suspects so far."""
        return [(actor, one) for actor, one in self.assessed.items() if one.label == "suspect"]

    def held(self, names_of_events: Iterable[str]) -> Iterator[tuple[str, Event]]:
        """Successful calls by suspects from the places held against them."""
        wanted = frozenset(names_of_events)
        for event in self.collected.kept:
            if event.name not in wanted or not event.succeeded:
                continue
            found = self.assessed.get(actor_key(event))
            if found is None or found.label != "suspect":
                continue
            if not found.origins or origin_key(event) in found.origins:
                yield actor_key(event), event

    def joins(self, actor: str, reason: str, proof: Event, places: Iterable[OriginKey]) -> Iterator[Found]:
        """The actor with these places held against it, if that is new and it is judged at all."""
        known, used = self.assessed.get(actor), frozenset(places)
        if known and not known.apart and known.label not in ("service", "known") and used - known.origins:
            why = (reason, proof.event_id)
            yield (
                actor,
                replace(
                    known,
                    label="suspect",
                    reasons=tuple(dict.fromkeys((*known.reasons, reason))),
                    origins=known.origins | used,
                    inherited=tuple(dict.fromkeys((*known.inherited, why))),
                ),
            )


def kin(found: Kinship) -> dict[str, Assessment]:
    """The suspects' nearest kin that is not yet held against anybody; empty when all has been found."""
    for relation in _RELATIONS:
        if new := dict(relation(found)):
            return new
    return {}


def _heirs(found: Kinship) -> Iterator[Found]:
    """Who uses a key that a suspect's act produced."""
    for parent, assessment in found.suspects():
        for key, issued in issued_by(assessment.origins, found.mints).items():
            reason = wording.uses_issued_key(key, parent)
            for actor, tally in found.collected.tallies.items():
                used = [origin for origin in tally.origins if origin[0] == key]
                yield from found.joins(actor, reason, issued, used)


def _starters(found: Kinship) -> Iterator[Found]:
    """Those who started a suspect's session, where it was used from the address it was asked for from.

    A session that was stolen later is used elsewhere: then its starter is its owner.
    """
    for child, assessment in found.suspects():
        tally = found.collected.tallies[child]
        for key, address in sorted({(key, ip) for key, ip, _ in assessment.origins if key}):
            issued, _ = found.mints.issued(key, tally.bearers.get(key, tally.who))
            for event in found.mints.copies.get(key, [issued] if issued else []):
                if event.name in names.MINTING and event.source_ip == address:
                    reason = wording.started_suspect_session(child, event.who.access_key)
                    yield from found.joins(actor_key(event), reason, event, [origin_key(event)])


def _makers(found: Kinship) -> Iterator[Found]:
    """Who made a user's key that, at once and from then on, nobody but the suspect has used.

    AWS shows the secret of a key once, to whoever makes it. A key that leaked later has been at work before.
    """
    for child, assessment in found.suspects():
        tally = found.collected.tallies[child]
        for key in sorted({key for key, *_ in assessment.origins if key}):
            event, used = found.mints.by_key.get(key), _uses(tally, key)
            if event is None or event.name != "CreateAccessKey" or actor_key(event) == child:
                continue
            maker = found.collected.tallies.get(actor_key(event))
            if maker and used <= assessment.origins and _first(tally, used) - event.time <= SOON:
                reason = wording.made_suspects_key(key, child)
                places = same_places(frozenset({origin_key(event)}), maker)
                yield from found.joins(actor_key(event), reason, event, places)


def _creatures(found: Kinship) -> Iterator[Found]:
    """Users and roles that a suspect created: whatever they do is its doing."""
    for parent, event in found.held(("CreateRole", "CreateUser")):
        named = "roleName" if event.name == "CreateRole" else "userName"
        name = text_or_none(event.parameters.get(named))
        for actor, tally in found.collected.tallies.items() if name else ():
            who = tally.who
            bears = who.user_name if event.name == "CreateUser" else _last(who.issuer)
            right_kind = who.type == ("IAMUser" if event.name == "CreateUser" else "AssumedRole")
            if right_kind and bears == name and who.account == event.who.account:
                yield from found.joins(
                    actor, wording.created_by(parent, event.name), event, _since(tally, event.time)
                )


def _couriers(found: Kinship) -> Iterator[Found]:
    """The role that carries out a replication that a suspect set up, if it did nothing before."""
    for parent, event in found.held(("PutBucketReplication",)):
        role = text_or_none(mapping(event.parameters.get("ReplicationConfiguration")).get("Role"))
        for actor, tally in found.collected.tallies.items():
            places = _since(tally, event.time)
            if role and tally.who.issuer == role and len(places) == len(tally.origins):
                yield from found.joins(actor, wording.carries_away(parent), event, places)


def _let_in(found: Kinship) -> Iterator[Found]:
    """Accounts that a suspect's policy let in, and that were not at work here before it.

    An account that was at work before had been let in before, by somebody else.
    """
    known = {found.owner, *found.collected.question.known_accounts}
    for parent, event in found.held(("PutBucketPolicy", "UpdateAssumeRolePolicy", "CreateRole")):
        if event.name == "PutBucketPolicy" and not touches(event, found.collected.question.bucket):
            continue
        for account in sorted(set(let_in_by_policy(event, found.owner).accounts) - known):
            if not _worked_before(account, event, found.collected):
                reason = wording.let_in_by(parent, event.name, account)
                for actor, tally in found.collected.tallies.items():
                    if tally.who.account == account:
                        yield from found.joins(actor, reason, event, tally.origins)


def _federated(found: Kinship) -> Iterator[Found]:
    """Sessions that an identity provider vouched for which a suspect made, or let into the role."""
    for parent, event in found.held((*_MAKES_A_PROVIDER, "UpdateAssumeRolePolicy", "CreateRole")):
        providers = _providers_of(event)
        reason = wording.signed_in_by(parent, event.name)
        for signed_in in found.collected.minting if providers else ():
            late = signed_in.succeeded and signed_in.time >= event.time and issuer(signed_in) in providers
            role = text_or_none(event.parameters.get("roleName"))
            if late and (role is None or role == _last(str(signed_in.parameters.get("roleArn")))):
                for actor, tally in found.collected.tallies.items():
                    used = [place for place in tally.origins if place[0] and place[0] == signed_in.minted_key]
                    yield from found.joins(actor, reason, event, used)


_MAKES_A_PROVIDER = ("CreateOpenIDConnectProvider", "CreateSAMLProvider", "UpdateSAMLProvider")


def _providers_of(event: Event) -> frozenset[str]:
    """The providers that a change made or let in, as `issuer` names them."""
    if event.name not in _MAKES_A_PROVIDER:
        return federated_by(event)
    named = (event.parameters.get(one) for one in ("url", "name", "sAMLProviderArn"))
    return frozenset(provider_name(one) for one in map(text_or_none, named) if one)


_RELATIONS: tuple[Callable[[Kinship], Iterator[Found]], ...] = (
    _heirs,
    _starters,
    _makers,
    _creatures,
    _couriers,
    _let_in,
    _federated,
)


def _worked_before(account: str, change: Event, collected: Collected) -> bool:
    """Whether something that the account asked for was answered before a change; being refused is no work."""
    earlier = (event for event in collected.kept if event.time < change.time)
    return any(event.who.account == account and event.succeeded for event in earlier)


def _uses(tally: Tally, key: str) -> frozenset[OriginKey]:
    return frozenset(origin for origin in tally.origins if origin[0] == key)


def _first(tally: Tally, places: Iterable[OriginKey]) -> datetime:
    return min(tally.origins[place].first for place in places)


def _since(tally: Tally, moment: datetime) -> list[OriginKey]:
    return [place for place, counts in tally.origins.items() if counts.first >= moment]


def _last(arn: str | None) -> str:
    return (arn or "").rsplit("/", 1)[-1]
