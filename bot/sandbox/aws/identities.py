"""Who is calling: the root of the account, a user, a role's session, or nobody known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bot.policy.document import Policy
from bot.sandbox.aws import errors, signature
from bot.sandbox.aws.backend import Backend
from bot.sandbox.aws.call import HttpRequest, Stage
from bot.sandbox.aws.signature import Signature


@dataclass(frozen=True)
class Session:
    """A role's session: the credentials that AssumeRole issued and what they carry.

    `delivered_by_ec2`: an instance fetched it from its metadata service (IMDSv2).
    """

    access_key_id: str
    secret_access_key: str
    token: str
    role_name: str
    role_arn: str
    role_id: str
    name: str
    issued_at: datetime
    expires_at: datetime
    policy: Policy | None = None
    source_identity: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    transitive: frozenset[str] = frozenset()
    delivered_by_ec2: bool = False


@dataclass(frozen=True)
class Caller:
    """An identified caller. `arn` is the principal's own: for a session arn:aws:sts::A:assumed-role/R/S."""

    kind: Literal["root", "user", "session", "anonymous"]
    account_id: str
    arn: str
    principal_id: str
    name: str = ""
    access_key_id: str | None = None
    session: Session | None = None
    presigned: bool = False

    @property
    def is_anonymous(self) -> bool:
        return self.kind == "anonymous"

    @property
    def policy_principal(self) -> str:
        """The principal as the policy evaluator names it."""
        return "anonymous" if self.is_anonymous else self.arn


ANONYMOUS = Caller("anonymous", "anonymous", "", "")


@dataclass(frozen=True)
class RootKey:
    """The account's own long-term key: it builds the stage and stands for the account's root user."""

    access_key_id: str
    secret_access_key: str


class Identities:
    """Finds the caller of a request and checks the proof it brings."""

    def __init__(self, backend: Backend, root: RootKey) -> None:
        self._backend = backend
        self._root = root
        self.sessions: dict[str, Session] = {}

    def identify(self, http: HttpRequest, stage: Stage, service: str) -> Caller:
        """The caller.

        Raises:
            AwsError: unknown or inactive key, wrong signature, wrong or expired session token.
        """
        try:
            signed = signature.read(http)
        except ValueError:
            raise errors.old_signature() from None
        if signed is None:
            return ANONYMOUS
        secret, caller = self._holder(signed, service)
        if not signature.verify(http, signed, secret):
            raise errors.bad_signature(service)
        # A presigned URL is checked against the clock on the wall: it was signed by it, also when a
        # scenario plays the past.
        if signed.expires is not None and signed.expired(datetime.now(stage.at.tzinfo)):
            raise errors.expired_request()
        self._check_session(caller, signed, stage, service)
        return caller

    def claimed(self, http: HttpRequest) -> str:
        """The ARN that a request claims by its key, whether or not the key is accepted; "" for none."""
        try:
            signed = signature.read(http)
        except ValueError:
            return ""
        if signed and signed.access_key_id == self._root.access_key_id:
            return f"arn:aws:iam::{self._backend.account_id}:root"
        session = self.sessions.get(signed.access_key_id) if signed else None
        if session:
            return f"arn:aws:sts::{self._backend.account_id}:assumed-role/{session.role_name}/{session.name}"
        found = self._backend.key(signed.access_key_id) if signed else None
        return str(found[1].arn) if found else ""

    def _holder(self, signed: Signature, service: str) -> tuple[str, Caller]:
        account = self._backend.account_id
        if signed.access_key_id == self._root.access_key_id:
            arn = f"arn:aws:iam::{account}:root"
            caller = Caller("root", account, arn, account, "", signed.access_key_id, None, signed.presigned)
            return self._root.secret_access_key, caller
        session = self.sessions.get(signed.access_key_id)
        if session:
            return session.secret_access_key, _session_caller(session, account, signed)
        found = self._backend.key(signed.access_key_id)
        if found is None or found[0].status != "Active":
            raise errors.unknown_key(service)
        key, user = found
        caller = Caller(
            "user", account, user.arn, user.id, user.name, key.access_key_id, None, signed.presigned
        )
        return str(key.secret_access_key), caller

    def _check_session(self, caller: Caller, signed: Signature, stage: Stage, service: str) -> None:
        if caller.session is None:
            if signed.token:
                raise errors.bad_token(service)
            return
        if signed.token != caller.session.token:
            raise errors.bad_token(service)
        if stage.at >= caller.session.expires_at:
            raise errors.expired_token(service)


def _session_caller(session: Session, account: str, signed: Signature) -> Caller:
    return Caller(
        kind="session",
        account_id=account,
        arn=f"arn:aws:sts::{account}:assumed-role/{session.role_name}/{session.name}",
        principal_id=f"{session.role_id}:{session.name}",
        name=session.role_name,
        access_key_id=session.access_key_id,
        session=session,
        presigned=signed.presigned,
    )
