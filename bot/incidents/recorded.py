"""The requests that the latest evidence tells of, as plans are measured against them.

They are read from the records in the vault, one file after the other, and are not kept. What CloudTrail and
access logs do not record of a request stays unknown. Sources: CloudTrail User Guide, "CloudTrail record
contents", "userIdentity element"; IAM User Guide, "AWS global condition context keys"; Service Authorization
Reference, "Condition keys for Amazon S3".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from urllib.parse import unquote

import msgspec

from bot.evidence.events import BadRecordError, Event, mapping, text_or_none
from bot.evidence.filing import read
from bot.evidence.report import Coverage, Investigation
from bot.evidence.vault.vault import Artefact as Stored
from bot.evidence.vault.vault import Vault
from bot.policy.actions import actions_of_event
from bot.policy.recorded import Recorded

#: What must be recorded for the log to tell whom a change concerns (Coverage.subject).
SUBJECTS = ("management events", "object reads", "object writes")

_ABSENT: Sequence[str] = ()
#: requestParameters that are condition keys of S3 under another name.
_PARAMETERS = {"prefix": "s3:prefix", "delimiter": "s3:delimiter", "versionId": "s3:versionid"}
_HEADERS = (
    "x-amz-acl",
    "x-amz-copy-source",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-storage-class",
)
_AUTHENTICATION = {"AuthHeader": "REST-HEADER", "QueryString": "REST-QUERY-STRING"}
_ALLOWED_BUT = ("NoSuch", "PreconditionFailed", "InvalidRange", "BucketNotEmpty", "NotModified", "HTTP 304")


class _Records(msgspec.Struct):
    Records: list[msgspec.Raw]


@dataclass(frozen=True)
class RequestLog:
    """The recorded requests of an investigation; to be gone through as often as needed.

    `start` and `end` are the time that was looked at (None: not limited), `unseen` the subjects of which the
    log has nothing or not all. Going through it raises OSError where a file of the vault is gone.
    """

    vault: Vault
    files: tuple[Stored, ...]
    found: Investigation

    @property
    def start(self) -> datetime | None:
        return self.found.window.start or self.found.window.first_event

    @property
    def end(self) -> datetime | None:
        return self.found.window.end or self.found.window.last_event

    @property
    def unseen(self) -> tuple[str, ...]:
        answers = {one.subject: one for one in self.found.coverage}
        return tuple(one for one in SUBJECTS if not _told(answers.get(one)))

    def __iter__(self) -> Iterator[Recorded]:
        held = _held_against(self.found)
        # Lines tell of what CloudTrail tells of too; they are read where it has no object events.
        lines = "object reads" in self.unseen
        # The vault keeps whole files: what is in them beside the window is not counted anywhere else.
        for file in self.files:
            for event in filter(self._in_time, _events(self.vault.read(file), lines=lines)):
                yield from requests_of(event, attacker=held.get(_place(event), False))

    def _in_time(self, event: Event) -> bool:
        start, end = self.found.window.start, self.found.window.end
        return (start is None or start <= event.time) and (end is None or event.time <= end)


def _told(coverage: Coverage | None) -> bool:
    return coverage is not None and coverage.answer == "yes"


def _place(event: Event) -> tuple[str, str | None, str]:
    return (event.who.principal, event.who.access_key, event.source_ip)


def _held_against(found: Investigation) -> dict[tuple[str, str | None, str], bool]:
    """Whether what came from a principal with a key from an address is the attacker's."""
    held: dict[tuple[str, str | None, str], bool] = {}
    for actor in found.actors:
        all_of_it = actor.label == "suspect" and not any(origin.suspicious for origin in actor.origins)
        for origin in actor.origins:
            place = (actor.principal, origin.access_key_id, origin.source_ip)
            held[place] = held.get(place, False) or all_of_it or origin.suspicious
    return held


def _events(content: bytes, *, lines: bool) -> Iterator[Event]:
    cloudtrail = content[:1] == b"{"
    if not cloudtrail and not lines:
        return
    try:
        raws = msgspec.json.decode(content, type=_Records).Records if cloudtrail else content.splitlines()
    except msgspec.DecodeError as error:
        raise OSError(f"the records in the vault are not JSON: {error}") from None
    for raw in raws:
        try:
            event = read(bytes(raw), line=not cloudtrail)
        except BadRecordError:
            continue
        if cloudtrail or event.category == "Data":
            yield event


def requests_of(event: Event, *, attacker: bool = False) -> Iterator[Recorded]:
    """One for each permission that the recorded request needed: a copy needs two."""
    actions = actions_of_event(event.service, event.name, versioned="versionId" in event.parameters)
    context = context_of(event)
    principal, named = _principal(event)
    for number, action in enumerate(actions):
        yield Recorded(
            principal=principal,
            action=action,
            resource=_copied_from(event) if number and _copied_from(event) else _resource(event),
            at=event.time,
            allowed=_outcome(event),
            context=context,
            access_key_id=event.who.access_key,
            issuer=event.who.issuer or event.who.principal,
            attacker=attacker,
            named=named,
        )


def _principal(event: Event) -> tuple[str, bool]:
    """The principal, and whether the log names it; of another account it may know no more than the number."""
    who = event.who
    if who.principal.startswith("arn:") or who.is_anonymous or who.is_service:
        return who.principal, True
    return f"arn:aws:iam::{who.account}:root" if who.account else who.principal, False


def _resource(event: Event) -> str:
    bucket = event.bucket
    if event.service != "s3" or bucket is None:
        return "*"
    arn = f"arn:{_partition(event)}:s3:::{bucket}"
    if event.name == "DeleteObjects":
        return f"{arn}/*"  # its keys are recorded by themselves
    return f"{arn}/{event.key}" if event.key else arn


def _copied_from(event: Event) -> str:
    source = text_or_none(event.parameters.get("x-amz-copy-source")) or ""
    path = unquote(source).lstrip("/").partition("?versionId=")[0]
    return f"arn:{_partition(event)}:s3:::{path}" if path else ""


def _partition(event: Event) -> str:
    if event.region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if event.region.startswith("us-gov-") else "aws"


def _outcome(event: Event) -> bool | None:
    """Whether it was allowed: errors other than refusals come after that, as far as it is known of them."""
    if event.denied:
        return False
    if event.error_code is None or event.error_code.startswith(_ALLOWED_BUT):
        return True
    return None


def context_of(event: Event) -> dict[str, str | Sequence[str]]:
    """The condition keys that the record tells, in lower case; an empty value is a key that was absent."""
    return {**_network(event), **_caller(event), **(_s3(event) if event.service == "s3" else {})}


def _network(event: Event) -> dict[str, str | Sequence[str]]:
    keys: dict[str, str | Sequence[str]] = {"aws:useragent": event.user_agent or _ABSENT}
    if event.extra.get("CipherSuite") or event.extra.get("tlsVersion"):
        keys["aws:securetransport"] = "true"
    if not _is_address(event.source_ip):
        return keys  # a service made it for somebody: whose address counts is not recorded
    if event.vpc_endpoint:
        through = {"aws:sourcevpce": event.vpc_endpoint, "aws:vpcsourceip": event.source_ip}
        return {**keys, **through, "aws:sourceip": _ABSENT}
    absent = dict.fromkeys(("aws:sourcevpce", "aws:sourcevpc", "aws:vpcsourceip"), _ABSENT)
    return {**keys, **absent, "aws:sourceip": event.source_ip, "aws:viaawsservice": "false"}


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _caller(event: Event) -> dict[str, str | Sequence[str]]:
    who = event.who
    keys: dict[str, str | Sequence[str]] = {}
    if who.is_anonymous:
        keys["aws:userid"] = "anonymous"
    elif who.principal_id:
        keys["aws:userid"] = who.principal_id
    if who.issuer and ":role/" in who.issuer:
        keys["aws:principalarn"] = who.issuer
    if who.session_created:
        keys["aws:tokenissuetime"] = who.session_created
    if who.mfa is not None:
        keys["aws:multifactorauthpresent"] = str(who.mfa).lower()
    elif (who.access_key or "").startswith("AKIA") or who.is_anonymous:
        keys.update(dict.fromkeys(("aws:multifactorauthpresent", "aws:tokenissuetime"), _ABSENT))
    if who.source_identity:
        keys["aws:sourceidentity"] = who.source_identity
    return keys


def _s3(event: Event) -> dict[str, str | Sequence[str]]:
    told: Mapping[str, object] = mapping(event.parameters)
    keys: dict[str, str | Sequence[str]] = {}
    for name, key in {**_PARAMETERS, **{header: f"s3:{header}" for header in _HEADERS}}.items():
        # Where CloudTrail left the parameters out, nothing is known of them.
        if told:
            keys[key] = text_or_none(told.get(name)) or _ABSENT
    if authentication := _AUTHENTICATION.get(str(event.extra.get("AuthenticationMethod"))):
        keys["s3:authtype"] = authentication
    if event.extra.get("SignatureVersion") == "SigV4":
        keys["s3:signatureversion"] = "AWS4-HMAC-SHA256"
    return keys
