"""Fields that rules may ask for and that no record holds: what it takes a policy reader, the bucket and its
owner to know. Each is worked out only when a rule asks. playbooks/detections/README.md tells them to people.

A field that is None is not there: `|exists: true` then asks whether there is something to tell.
"""

from collections.abc import Callable, Iterator
from typing import Any, Protocol

from bot.evidence.clients import is_console
from bot.evidence.detections.giveaways import tool_in
from bot.evidence.detections.grants import acl_is_public, allows_everything, blocks_less, let_in_by_policy
from bot.evidence.events import Event, many, mapping, text_or_none
from bot.evidence.names import plain
from bot.evidence.touching import bucket_of, touches

PREFIX = "s3incident."


class Surroundings(Protocol):
    """What the fields need besides the record: see Scene."""

    @property
    def bucket(self) -> str: ...

    @property
    def owner(self) -> str | None: ...

    @property
    def known_accounts(self) -> frozenset[str]: ...


Field = Callable[[Event, Surroundings], object]


def _about_bucket(event: Event, scene: Surroundings) -> bool:
    return touches(event, scene.bucket)


def _caller(event: Event, _: Surroundings) -> str:
    return f"anonymous ({event.source_ip})" if event.who.is_anonymous else event.who.principal


def _origin(event: Event, _: Surroundings) -> str:
    return "\n".join((event.who.access_key or "", event.source_ip, event.user_agent))


def is_outsider(event: Event, scene: Surroundings) -> bool:
    """Whether an account that is neither the owner's nor declared made it; not while that is unknown."""
    inside = {None, scene.owner, *scene.known_accounts}
    return scene.owner is not None and not event.who.is_anonymous and event.who.account not in inside


def _policy_accounts(event: Event, scene: Surroundings) -> frozenset[str] | None:
    return _foreign(let_in_by_policy(event, scene.owner).accounts, scene)


def _replication_accounts(event: Event, scene: Surroundings) -> frozenset[str] | None:
    rules = many(mapping(event.parameters.get("ReplicationConfiguration")).get("Rule"))
    targets = (mapping(mapping(rule).get("Destination")).get("Account") for rule in rules)
    return _foreign(filter(None, map(text_or_none, targets)), scene)


def _copy_accounts(event: Event, scene: Surroundings) -> frozenset[str] | None:
    """The other accounts of a copy whose source is the bucket and whose target is not."""
    source = str(event.parameters.get("x-amz-copy-source", "")).removeprefix("/").split("/")[0]
    name = bucket_of(source) or source
    if name != scene.bucket or event.bucket == scene.bucket:
        return None
    return _foreign(filter(None, (one.account for one in event.resources)), scene)


def _kms_accounts(event: Event, scene: Surroundings) -> frozenset[str] | None:
    keys = (arn.split(":", 5) for arn in _arns(event))
    return _foreign((parts[4] for parts in keys if parts[2] == "kms"), scene)


def _request_accounts(event: Event, scene: Surroundings) -> frozenset[str] | None:
    named = (text for text in _texts(event.parameters) if len(text) == 12 and text.isdigit())
    return _foreign((*named, *(arn.split(":", 5)[4] for arn in _arns(event))), scene)


def _foreign(accounts: Any, scene: Surroundings) -> frozenset[str] | None:
    """Those that are neither the owner's nor declared; nobody is foreign while the owner is unknown."""
    if scene.owner is None:
        return None
    return frozenset(filter(None, accounts)) - {scene.owner} - scene.known_accounts or None


def _arns(event: Event) -> Iterator[str]:
    return (text for text in _texts(event.parameters) if text.startswith("arn:") and text.count(":") >= 5)


def _texts(value: object) -> Iterator[str]:
    """Every text in the request parameters, however deep."""
    waiting: list[object] = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, list):
            waiting.extend(one)
        else:
            waiting.extend(mapping(one).values())


#: Every computed field by its name; README.md beside the rules says what each means.
COMPUTED: dict[str, Field] = {
    "s3incident.about_bucket": _about_bucket,
    "s3incident.acl.public": lambda event, _: acl_is_public(event),
    "s3incident.anonymous": lambda event, _: event.who.is_anonymous,
    "s3incident.block_public_access.weakened": lambda event, _: blocks_less(event),
    "s3incident.caller": _caller,
    "s3incident.console": lambda event, _: is_console(event.user_agent),
    "s3incident.copy.foreign_accounts": _copy_accounts,
    "s3incident.denied": lambda event, _: event.denied,
    "s3incident.event_name": lambda event, _: plain(event.name),
    "s3incident.kms.foreign_accounts": _kms_accounts,
    "s3incident.origin": _origin,
    "s3incident.outsider": is_outsider,
    "s3incident.owner": lambda _, scene: scene.owner,
    "s3incident.policy.allows_everything": lambda event, _: allows_everything(event),
    "s3incident.policy.foreign_accounts": _policy_accounts,
    "s3incident.policy.public": lambda event, scene: let_in_by_policy(event, scene.owner).public,
    "s3incident.replication.foreign_accounts": _replication_accounts,
    "s3incident.request.foreign_accounts": _request_accounts,
    "s3incident.succeeded": lambda event, _: event.succeeded,
    "s3incident.tool": lambda event, _: tool_in(event.user_agent),
}
