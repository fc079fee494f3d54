"""A typed event, seen again as the CloudTrail record that it was, for Sigma's matcher.

What the event does not keep (eventVersion, tlsDetails, serviceEventDetails ...) cannot be asked for; user
agents stand without S3's square brackets, and an empty requestParameters is null again.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.evidence.detections.computed import COMPUTED, PREFIX, Surroundings
from bot.evidence.detections.sigma.record import Record
from bot.evidence.events import Event
from bot.evidence.identity import Identity


def record_of(event: Event, scene: Surroundings) -> Record:
    """The record with its fields, and with the computed ones for the scene."""
    return Record(_members(event), lambda field: COMPUTED[field](event, scene), PREFIX)


def _members(event: Event) -> dict[str, Any]:
    members: dict[str, Any] = {
        "eventID": event.event_id,
        "eventTime": _zulu(event.time),
        "eventSource": event.service if "." in event.service else f"{event.service}.amazonaws.com",
        "eventName": event.name,
        "awsRegion": event.region,
        "sourceIPAddress": event.source_ip,
        "userAgent": event.user_agent,
        "eventType": event.event_type,
        "requestParameters": event.parameters or None,
        "responseElements": event.response or None,
        "userIdentity": _identity(event.who),
    }
    optional = {
        "errorCode": event.error_code,
        "errorMessage": event.error_message,
        "readOnly": event.read_only,
        "recipientAccountId": event.account,
        "eventCategory": event.category,
        "managementEvent": None if event.category is None else event.category == "Management",
        "additionalEventData": event.extra or None,
        "resources": [_resource(one.arn, one.type, one.account) for one in event.resources] or None,
        "sharedEventID": event.shared_event_id,
        "vpcEndpointId": event.vpc_endpoint,
        "requestID": event.request_id,
    }
    return members | _present(optional)


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


def _zulu(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
