"""A typed event, seen again as the CloudTrail record that it was, for Sigma's matcher.

Of an identity stands what `Identity` holds; user agents stand without S3's square brackets, and an empty
requestParameters is null again.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from msgspec.structs import astuple

from bot.evidence.detections.computed import COMPUTED, PREFIX, Surroundings
from bot.evidence.detections.sigma.record import Record
from bot.evidence.events import Event
from bot.evidence.identity import Identity


def record_of(event: Event, scene: Surroundings) -> Record:
    """The record with its fields, and with the computed ones for the scene."""
    return Record(_Members(event), lambda field: COMPUTED[field](event, scene), PREFIX)


class _Members(Mapping[str, Any]):
    """A record's members, each made when it is asked for."""

    def __init__(self, event: Event) -> None:
        self._event = event

    def __getitem__(self, name: str) -> Any:
        made = _MEMBERS.get(name)
        value = self._event.rest.get(name) if made is None else made(self._event)
        if value is None and name not in _NULL:
            raise KeyError(name)
        return value

    def __iter__(self) -> Iterator[str]:
        return (name for name in (*_MEMBERS, *self._event.rest) if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


@lru_cache(maxsize=1024)
def _identity(who: Identity) -> dict[str, Any]:
    issuer = who.issuer
    context = _present(
        {
            "sessionIssuer": issuer and _issuer(issuer),
            "attributes": _present({"creationDate": who.session_created, "mfaAuthenticated": _spelt(who.mfa)})
            or None,
            "sourceIdentity": who.source_identity,
            "ec2RoleDelivery": who.role_delivery,
        }
    )
    return _present(
        {
            "type": who.type,
            "principalId": who.principal_id,
            "arn": who.principal if who.principal.startswith("arn:") else None,
            "accountId": "anonymous" if who.is_anonymous else who.account,
            "accessKeyId": who.access_key,
            "userName": who.user_name,
            "invokedBy": who.invoked_by,
            "credentialId": who.credential_id,
            "onBehalfOf": who.on_behalf_of and {"userId": who.on_behalf_of},
            "sessionContext": context or None,
        }
    )


def _issuer(arn: str) -> dict[str, Any]:
    parts = arn.split(":", 5)
    account = parts[4] if len(parts) == 6 else None
    kind = "Role" if ":role/" in arn else "IAMUser"
    return _present({"type": kind, "arn": arn, "accountId": account, "userName": arn.rsplit("/", 1)[-1]})


def _resource(arn: str, kind: str | None, account: str | None) -> dict[str, Any]:
    return _present({"ARN": arn, "type": kind, "accountId": account})


def _spelt(flag: bool | None) -> str | None:
    return None if flag is None else str(flag).lower()


def _present(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


#: CloudTrail writes these as null rather than leave them out.
_NULL = frozenset({"requestParameters", "responseElements"})

_MEMBERS: dict[str, Callable[[Event], Any]] = {
    "eventID": lambda event: event.event_id,
    "eventTime": lambda event: event.time.strftime("%Y-%m-%dT%H:%M:%SZ"),
    "eventSource": lambda event: event.service if "." in event.service else f"{event.service}.amazonaws.com",
    "eventName": lambda event: event.name,
    "awsRegion": lambda event: event.region,
    "sourceIPAddress": lambda event: event.source_ip,
    "userAgent": lambda event: event.user_agent,
    "eventType": lambda event: event.event_type,
    "requestParameters": lambda event: event.parameters or None,
    "responseElements": lambda event: event.response or None,
    "additionalEventData": lambda event: event.extra or None,
    "userIdentity": lambda event: _identity(event.who),
    "errorCode": lambda event: event.error_code,
    "errorMessage": lambda event: event.error_message,
    "readOnly": lambda event: event.read_only,
    "recipientAccountId": lambda event: event.account,
    "eventCategory": lambda event: event.category,
    "managementEvent": lambda event: None if event.category is None else event.category == "Management",
    "resources": lambda event: [_resource(*astuple(one)) for one in event.resources] or None,
    "sharedEventID": lambda event: event.shared_event_id,
    "vpcEndpointId": lambda event: event.vpc_endpoint,
    "requestID": lambda event: event.request_id,
}
