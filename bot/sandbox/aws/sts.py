"""STS: AssumeRole and GetCallerIdentity, with what moto leaves unchecked.

Source: STS API Reference, AssumeRole. Trust policy, identity policies, sts:TagSession and
sts:SetSourceIdentity have been decided before (see `permissions`).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from datetime import datetime, timedelta
from math import ceil
from random import Random
from typing import Any
from xml.sax.saxutils import escape

from werkzeug.datastructures import Headers

from bot.policy.document import Policy, PolicyError, parse
from bot.sandbox.aws import errors
from bot.sandbox.aws.backend import Backend
from bot.sandbox.aws.call import Call, Response
from bot.sandbox.aws.context import request_tags
from bot.sandbox.aws.identities import Caller, Identities, Session

#: Inline policy and ARNs together, characters (STS API Reference, AssumeRole, "Policy").
POLICY_CHARACTERS = 2048
#: What policies and tags may take compressed. AWS says that there is such a limit, and neither how it packs
#: nor how much it allots (IAM User Guide, "Passing session tags in AWS STS"): this is a stand-in for both.
PACKED_BYTES = 1024
#: A role assumed by a role's session lasts one hour at most (IAM User Guide, "Role chaining").
CHAINED_SECONDS = 3600
NAME = re.compile(r"[\w+=,.@-]{2,64}")
KEY_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
SECRET_ALPHABET = KEY_ALPHABET + KEY_ALPHABET.lower() + "0189/+"


class Sts:
    """Issues and names sessions."""

    def __init__(self, backend: Backend, identities: Identities, chance: Random) -> None:
        self._backend = backend
        self._identities = identities
        self._chance = chance
        self._answers: dict[str, Callable[[Call, Caller], Response]] = {
            "AssumeRole": self._assume_role,
            "GetCallerIdentity": self._caller_identity,
        }

    def answer(self, call: Call, caller: Caller) -> Response | None:
        """Our own answer, None when moto has a right one."""
        own = self._answers.get(call.operation) if call.service == "sts" else None
        return own(call, caller) if own else None

    def check(self, call: Call, caller: Caller) -> None:
        """Refuse parameters that AWS refuses.

        Raises:
            AwsError: ValidationError, MalformedPolicyDocument, or AccessDenied for a role that is not there.
        """
        if (call.service, call.operation) != ("sts", "AssumeRole"):
            return
        _check_name(call, "RoleSessionName", "roleSessionName")
        if call.text("SourceIdentity"):
            _check_name(call, "SourceIdentity", "sourceIdentity")
        if self._backend.role_by_arn(call.text("RoleArn") or "") is None:
            opening = f"User: {caller.arn} is not authorized to perform: sts:AssumeRole"
            raise errors.access_denied("sts", f"{opening} on resource: {call.text('RoleArn')}")

    def _assume_role(self, call: Call, caller: Caller) -> Response:
        role = self._backend.role_by_arn(call.text("RoleArn") or "")
        seconds = self._duration(call, caller, role)
        tags = {**_inherited(caller), **request_tags(call)}
        transitive = frozenset(call.params.get("TransitiveTagKeys") or ()) | frozenset(_inherited(caller))
        inherited = caller.session.source_identity if caller.session else None
        session = new_session(
            self._chance,
            role,
            str(call.params["RoleSessionName"]),
            call.stage.at,
            call.stage.at + timedelta(seconds=seconds),
            policy=self._session_policy(call),
            source_identity=inherited or call.text("SourceIdentity"),
            tags=tags,
            transitive=transitive,
        )
        self._identities.sessions[session.access_key_id] = session
        return _answer(call, "AssumeRole", self._issued(session, call))

    def _duration(self, call: Call, caller: Caller, role: Any) -> int:
        seconds = int(call.text("DurationSeconds") or 3600)
        longest = int(role.max_session_duration or 3600)
        if caller.kind == "session" and seconds > CHAINED_SECONDS:
            opening = "The requested DurationSeconds exceeds the 1 hour session limit"
            raise errors.invalid_parameter(f"{opening} for roles assumed by role chaining")
        if not 900 <= seconds <= longest:
            message = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
            raise errors.invalid_parameter(message)
        return seconds

    def _session_policy(self, call: Call) -> Policy | None:
        """Inline and managed session policies in one: a session may what any of them allows."""
        inline = call.text("Policy")
        arns = [item.get("arn", "") for item in call.params.get("PolicyArns") or []]
        characters = len(inline or "") + sum(map(len, arns))
        used = max(ceil(100 * characters / POLICY_CHARACTERS), _packed(call))
        if used > 100:
            message = f"Packed policy consumes {used}% of allotted space, please use smaller policy."
            raise errors.invalid_parameter(message, "PackedPolicyTooLarge")
        documents = [inline] if inline else []
        documents += [found for found in map(self._backend.managed_document, arns) if found]
        if not documents:
            return None
        try:
            statements = [s for text in documents for s in _statements(parse(text))]
            return parse({"Version": "2012-10-17", "Statement": statements}, "session policy")
        except PolicyError:
            raise errors.malformed_document("Syntax errors in policy.") from None

    def _issued(self, session: Session, call: Call) -> str:
        account = self._backend.account_id
        arn = f"arn:aws:sts::{account}:assumed-role/{session.role_name}/{session.name}"
        identity = (
            f"<SourceIdentity>{escape(session.source_identity)}</SourceIdentity>"
            if session.source_identity
            else ""
        )
        return (
            f"<AssumedRoleUser><AssumedRoleId>{session.role_id}:{session.name}</AssumedRoleId><Arn>{arn}</Arn>"
            f"</AssumedRoleUser><Credentials><AccessKeyId>{session.access_key_id}</AccessKeyId>"
            f"<SecretAccessKey>{session.secret_access_key}</SecretAccessKey>"
            f"<SessionToken>{session.token}</SessionToken><Expiration>{_iso(session.expires_at)}</Expiration>"
            f"</Credentials><PackedPolicySize>{_packed(call)}</PackedPolicySize>{identity}"
        )

    def _caller_identity(self, call: Call, caller: Caller) -> Response:
        inner = (
            f"<UserId>{caller.principal_id}</UserId><Account>{caller.account_id}</Account>"
            f"<Arn>{escape(caller.arn)}</Arn>"
        )
        return _answer(call, "GetCallerIdentity", inner)


def new_session(chance: Random, role: Any, name: str, at: datetime, until: datetime, **more: Any) -> Session:
    """Fresh credentials of a role; `more` is what the session carries (see Session)."""
    return Session(
        access_key_id="ASIA" + _letters(chance, KEY_ALPHABET, 16),
        secret_access_key=_letters(chance, SECRET_ALPHABET, 40),
        token="FwoGZXIvYXdzE" + _letters(chance, SECRET_ALPHABET, 300),
        role_name=str(role.name) if role is not None else "",
        role_arn=str(role.arn) if role is not None else "",
        role_id=str(role.id) if role is not None else "",
        name=name,
        issued_at=at,
        expires_at=until,
        **more,
    )


def _letters(chance: Random, alphabet: str, length: int) -> str:
    return "".join(chance.choices(alphabet, k=length))


def _statements(policy: Policy) -> list[Any]:
    listed = policy.source["Statement"]
    return list(listed) if isinstance(listed, list) else [listed]


def _inherited(caller: Caller) -> dict[str, str]:
    """Transitive tags go along a chain of roles."""
    session = caller.session
    return {key: session.tags[key] for key in session.transitive if key in session.tags} if session else {}


def _check_name(call: Call, parameter: str, told_as: str) -> None:
    value = call.text(parameter) or ""
    if not NAME.fullmatch(value):
        message = (
            f"1 validation error detected: Value '{value}' at '{told_as}' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: [\\w+=,.@-]*"
        )
        raise errors.invalid_parameter(message)


def _packed(call: Call) -> int:
    """Percent of the space that policies, their ARNs and the session's tags take together, compressed."""
    arns = [item.get("arn", "") for item in call.params.get("PolicyArns") or []]
    tags = [f"{key}={value}" for key, value in sorted(request_tags(call).items())]
    text = "\n".join([call.text("Policy") or "", *arns, *tags]).strip()
    return ceil(100 * len(zlib.compress(text.encode(), 9)) / PACKED_BYTES) if text else 0


def _answer(call: Call, operation: str, inner: str) -> Response:
    body = (
        f'<{operation}Response xmlns="{errors.NAMESPACES["sts"]}">'
        f"<{operation}Result>{inner}</{operation}Result>"
        f"<ResponseMetadata><RequestId>{call.request_id}</RequestId></ResponseMetadata></{operation}Response>"
    )
    return Response(200, body.encode(), Headers([("Content-Type", "text/xml")]))


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
