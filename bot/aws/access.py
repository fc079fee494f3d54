"""Credentials: which role the bot is, in which account, for which step (DESIGN rule 2).

The base identity can only assume roles. Evidence is read by one role; every approved step runs in a session
of another that can do that step and nothing else.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.credentials import Credentials, DeferredRefreshableCredentials

from bot.aws.clients import Clients, new_loader
from bot.aws.errors import AwsRefused
from bot.aws.gateway import CallRecord, Gateway, unrecorded
from bot.aws.pacing import Pacer
from bot.config import AccountSettings, Settings

STEP_SECONDS = 900
SESSION_POLICY_LIMIT = 2048
EVIDENCE_SESSION = "inc-evidence"
SOURCE_IDENTITY = "s3incident"

_SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)


@dataclass(frozen=True)
class StepSession:
    """The STS session of one approved step.

    Attributes:
        name: RoleSessionName, the incident and the step, 2-64 characters of `[\\w+=,.@-]`.
        source_identity: SourceIdentity, the approver; the same characters, not beginning with `aws:`.
        policy: the session policy as JSON text, at most 2,048 characters.
        tags: session tags; they appear in the AssumeRole event only.

    Raises ValueError when STS would not take one of them.
    """

    name: str
    source_identity: str
    policy: str
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for value in (self.name, self.source_identity):
            if not _SESSION_NAME.fullmatch(value) or value.startswith("aws:"):
                raise ValueError(
                    f"{value!r} cannot name an STS session: 2-64 characters of A-Z a-z 0-9 _+=,.@-"
                )
        if len(self.policy) > SESSION_POLICY_LIMIT:
            raise ValueError(
                f"The session policy has {len(self.policy)} characters; STS takes {SESSION_POLICY_LIMIT}."
            )


@dataclass(frozen=True)
class Identity:
    """Who the base credentials are."""

    account_id: str
    arn: str
    user_id: str


class AwsAccess:
    """Gateways for the accounts of the settings. One for a process; thread-safe.

    Asking for an account that the settings do not name raises bot.config.SettingsError.
    """

    def __init__(self, settings: Settings, on_call: Callable[[CallRecord], None] = unrecorded) -> None:
        self._settings = settings
        self._on_call = on_call
        self._loader = new_loader()
        self._lookups = Pacer(settings.lookups_per_second)
        self._lock = threading.Lock()
        self._readers: dict[str, Gateway] = {}
        self._base = Clients(self._loader)

    def reader(self, account_id: str) -> Gateway:
        """The evidence role. Its session is opened by the first call and renewed before it ends."""
        account = self._settings.account(account_id)
        with self._lock:
            gateway = self._readers.get(account_id)
            if gateway is None:
                gateway = self._readers[account_id] = self._gateway(account, self._evidence_clients(account))
            return gateway

    def plain(self, account_id: str, region: str) -> Gateway:
        """The base credentials themselves, for a command that somebody runs with their own."""
        return self._through_base(account_id, region)

    def step(self, account_id: str, session: StepSession) -> Gateway:
        """A new session of the remediation role, 15 minutes long, limited to the step's own policy.

        Raises AwsRefused when STS refuses, also when policy and tags together are too large for one session.
        """
        account = self._settings.account(account_id)
        answer = self._assume(
            account,
            account.remediation_role,
            RoleSessionName=session.name,
            SourceIdentity=session.source_identity,
            Policy=session.policy,
            DurationSeconds=STEP_SECONDS,
            Tags=[{"Key": key, "Value": value} for key, value in session.tags.items()],
        )
        given = answer["Credentials"]
        credentials = Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
        return self._gateway(account, self._base.signing_with(credentials))

    def identity(self) -> Identity:
        """Who the base credentials are. Raises AwsRefused or AwsUnavailable."""
        region = self._settings.accounts[0].regions[0] if self._settings.accounts else "us-east-1"
        data = self._through_base("", region).call("sts", "get_caller_identity", {}).data
        return Identity(data["Account"], data["Arn"], data["UserId"])

    def _evidence_clients(self, account: AccountSettings) -> Clients:
        def renew() -> dict[str, str]:
            given = self._assume(
                account,
                account.evidence_role,
                RoleSessionName=EVIDENCE_SESSION,
                SourceIdentity=SOURCE_IDENTITY,
            )["Credentials"]
            return {
                "access_key": given["AccessKeyId"],
                "secret_key": given["SecretAccessKey"],
                "token": given["SessionToken"],
                "expiry_time": given["Expiration"].isoformat(),
            }

        return Clients(self._loader, DeferredRefreshableCredentials(renew, "sts-assume-role"))

    def _assume(self, account: AccountSettings, role: str, **wanted: Any) -> Mapping[str, Any]:
        if account.external_id is not None:
            wanted["ExternalId"] = account.external_id
        base = self._through_base(account.account_id, account.regions[0])
        answer = base.call("sts", "assume_role", {"RoleArn": role, **wanted})
        if answer.data.get("PackedPolicySize", 0) > 100:
            raise AwsRefused(
                "sts",
                "assume_role",
                "PackedPolicyTooLarge",
                "the step's policy and tags do not fit into one session: split the step.",
                answer.request_id,
                400,
            )
        return answer.data

    def _through_base(self, account_id: str, region: str) -> Gateway:
        return self._new_gateway(account_id, region, self._base)

    def _gateway(self, account: AccountSettings, clients: Clients) -> Gateway:
        return self._new_gateway(account.account_id, account.regions[0], clients)

    def _new_gateway(self, account_id: str, region: str, clients: Clients) -> Gateway:
        return Gateway(
            account_id,
            region,
            clients,
            pacer=self._lookups,
            dry_run=self._settings.dry_run,
            on_call=self._on_call,
        )
