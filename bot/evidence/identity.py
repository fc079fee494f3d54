"""Who made a request: CloudTrail's userIdentity in all its shapes, brought to one."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec

#: Both spellings occur: the first in logs up to 2022, the second in newer ones.
ANONYMOUS_ACCOUNTS = frozenset({"ANONYMOUS_PRINCIPAL", "anonymous"})

#: EC2 names an instance role's session after the instance.
INSTANCE_SESSION = re.compile(r"i-[0-9a-f]{8}(?:[0-9a-f]{9})?", re.IGNORECASE)

#: Roles that only an AWS service can assume.
_SERVICE_ROLE, _SERVICE_PATH = ":assumed-role/AWSServiceRoleFor", ":role/aws-service-role/"


#: Characters of one text: AWS's own are below 2 KB, longer ones are bait and are cut.
MOST_TEXT = 16 * 1024

#: Bytes of a userIdentity that is remembered.
_MOST_REMEMBERED = 16 * 1024


class Identity(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The maker of a request.

    `principal` is what people and lists are keyed by: the ARN (for a role, the session's ARN), the
    service name for AWS services, "anonymous" for unsigned requests, "Identity Center user N" where that is
    all there is, and "AWS account N" with the principal id where another account's identity shows no ARN.
    `issuer` is the role (or user, for federated users) behind a session. `role_delivery` is
    sessionContext.ec2RoleDelivery ("1.0": fetched by IMDSv1), `on_behalf_of` and `credential_id` are IAM
    Identity Center's user and sign-in.
    """

    principal: str
    type: str
    account: str | None = None
    principal_id: str | None = None
    access_key: str | None = None
    user_name: str | None = None
    issuer: str | None = None
    session_name: str | None = None
    session_created: str | None = None
    source_identity: str | None = None
    invoked_by: str | None = None
    mfa: bool | None = None
    role_delivery: str | None = None
    on_behalf_of: str | None = None
    credential_id: str | None = None

    @property
    def is_service(self) -> bool:
        """An AWS service acting for itself, or in a role that only services can assume."""
        who = self.principal
        return self.type == "AWSService" or _SERVICE_ROLE in who or _SERVICE_PATH in who

    @property
    def is_anonymous(self) -> bool:
        """A request that nobody signed."""
        return self.principal == "anonymous"

    @property
    def is_instance(self) -> bool:
        """A session of an EC2 instance role (its name is the instance's id)."""
        return INSTANCE_SESSION.fullmatch(self.session_name or "") is not None


def identify(identity: Mapping[str, Any], source: str) -> Identity:
    """Bring a userIdentity element to an Identity. Never fails: what is not there is None, or "unknown"."""
    text = _Texts(identity)
    arn, account, invoked_by = text("arn"), text("accountId"), text("invokedBy")
    context = _Texts(identity.get("sessionContext"))
    issuer = _Texts(context.member("sessionIssuer"))
    attributes = _Texts(context.member("attributes"))
    on_behalf_of = _Texts(identity.get("onBehalfOf"))("userId")
    kind = text("type") or ("AWSService" if invoked_by and not arn else "Unknown")
    return Identity(
        principal=_principal(kind, arn, account, text("principalId"), invoked_by or source)
        if arn or not on_behalf_of
        else f"Identity Center user {on_behalf_of}",
        type=kind,
        account=None if account in ANONYMOUS_ACCOUNTS else account or issuer("accountId"),
        principal_id=text("principalId"),
        access_key=text("accessKeyId"),
        user_name=text("userName"),
        issuer=issuer("arn"),
        session_name=_session_name(kind, arn),
        session_created=attributes("creationDate"),
        source_identity=context("sourceIdentity"),
        invoked_by=invoked_by,
        mfa={"true": True, "false": False}.get((attributes("mfaAuthenticated") or "").lower()),
        role_delivery=context("ec2RoleDelivery"),
        on_behalf_of=on_behalf_of,
        credential_id=text("credentialId"),
    )


def identity_in(raw: bytes, source: str) -> Identity:
    """`identify` for a userIdentity in JSON; sessions repeat theirs in every record, so it is remembered.

    Raises msgspec.DecodeError or RecursionError for what is no JSON.
    """
    # The address is part of the answer for nobody but services; what is written in escapes may be anybody.
    if len(raw) > _MOST_REMEMBERED:
        return _read_identity(raw, source)
    plainly_no_service = b"AWSService" not in raw and b"invokedBy" not in raw and b"\\" not in raw
    return _identity_in(raw, "" if plainly_no_service else source)


def _read_identity(raw: bytes, source: str) -> Identity:
    value = msgspec.json.decode(raw)
    return identify(value if isinstance(value, Mapping) else {}, source)


_identity_in = lru_cache(maxsize=4096)(_read_identity)


class _Texts:
    """Reads strings out of an object that may be anything."""

    def __init__(self, value: object) -> None:
        self._members = value if isinstance(value, Mapping) else {}

    def __call__(self, name: str) -> str | None:
        value = self._members.get(name)
        return value[:MOST_TEXT] if isinstance(value, str) and value else None

    def member(self, name: str) -> object:
        return self._members.get(name)


def _principal(
    kind: str, arn: str | None, account: str | None, principal_id: str | None, service: str
) -> str:
    if account in ANONYMOUS_ACCOUNTS:
        return "anonymous"
    if arn:
        return arn
    if kind == "AWSService":
        return service or "an AWS service"
    if kind == "SAMLUser" and principal_id and ":" in principal_id:
        # `HASH:name`; the hash stands for the provider, and tells people nothing.
        return f"SAML user {principal_id.rsplit(':', 1)[-1]}"
    if account and principal_id and principal_id != account:
        return f"AWS account {account} ({principal_id})"
    return f"AWS account {account}" if account else principal_id or "unknown"


def _session_name(kind: str, arn: str | None) -> str | None:
    if kind != "AssumedRole" or not arn:
        return None
    parts = arn.split("/")
    return parts[-1] if len(parts) > 2 else None
