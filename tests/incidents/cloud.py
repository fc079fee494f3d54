"""IAM users and event history in memory, behind the interface of bot.aws.access.AwsAccess.

It does what the calls say and counts them, so that a test can tell what really ran. It can refuse, fall
silent, and die in the middle of a call as a killed process does.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.aws.access import Identity, StepSession
from bot.aws.errors import AwsRefused
from bot.aws.gateway import Answer

ACCOUNT = "111122223333"
DENY_ALL = "arn:aws:iam::aws:policy/AWSDenyAll"
LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)


class Killed(BaseException):
    """The process dies here."""


@dataclass
class User:
    policies: set[str] = field(default_factory=set)
    keys: dict[str, str] = field(default_factory=dict)
    made: dict[str, datetime] = field(default_factory=dict)


@dataclass
class Cloud:
    """`sessions` are the step sessions opened, `changes` the calls that changed something, in order."""

    users: dict[str, User] = field(
        default_factory=lambda: {"ci-deploy": User(keys={"AKIAEXAMPLE000000001": "Active"})}
    )
    events: list[dict[str, Any]] = field(default_factory=list)
    sessions: list[StepSession] = field(default_factory=list)
    changes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    before: Callable[[str], None] = lambda operation: None
    after: Callable[[str], None] = lambda operation: None

    def reader(self, account_id: str) -> CloudGateway:
        assert account_id == ACCOUNT
        return CloudGateway(self)

    def step(self, account_id: str, session: StepSession) -> CloudGateway:
        assert account_id == ACCOUNT
        self.sessions.append(session)
        return CloudGateway(self)

    def identity(self) -> Identity:
        return Identity(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/s3incident", "AIDAEXAMPLE")

    def used(self, event_name: str, when: datetime, **more: Any) -> None:
        """Adds a successful call of ci-deploy to the event history."""
        record = {
            "eventID": f"event-{len(self.events)}",
            "eventTime": when.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "eventSource": "s3.amazonaws.com",
            "eventName": event_name,
            "awsRegion": "us-east-1",
            "sourceIPAddress": "203.0.113.66",
            "userAgent": "aws-cli/2",
            "userIdentity": {
                "type": "IAMUser",
                "arn": f"arn:aws:iam::{ACCOUNT}:user/ci-deploy",
                "accountId": ACCOUNT,
                "accessKeyId": "AKIAEXAMPLE000000001",
                "userName": "ci-deploy",
            },
        }
        self.events.append(record | more)


@dataclass
class CloudGateway:
    cloud: Cloud
    account_id: str = ACCOUNT
    region: str = "us-east-1"

    def call(
        self, service: str, operation: str, params: Mapping[str, Any], region: str | None = None
    ) -> Answer:
        self.cloud.before(operation)
        data = getattr(self, f"_{operation}")(params)
        self.cloud.after(operation)
        return Answer(data, f"request-{len(self.cloud.changes)}")

    def pages(
        self, service: str, operation: str, params: Mapping[str, Any], key: str, region: str | None = None
    ) -> Iterator[Any]:
        self.cloud.before(operation)
        assert operation == "lookup_events"
        wanted = params["LookupAttributes"][0]
        name = {"Username": "userName", "AccessKeyId": "accessKeyId"}[wanted["AttributeKey"]]
        for record in self.cloud.events:
            when = datetime.fromisoformat(record["eventTime"])
            inside = params["StartTime"] <= when <= params["EndTime"]
            if inside and record["userIdentity"].get(name) == wanted["AttributeValue"]:
                yield {"CloudTrailEvent": json.dumps(record)}

    def _user(self, name: str) -> User:
        if name not in self.cloud.users:
            raise AwsRefused("iam", "get_user", "NoSuchEntity", f"no user {name}", "request-0", 404)
        return self.cloud.users[name]

    def _get_user(self, p: Mapping[str, Any]) -> dict[str, Any]:
        self._user(p["UserName"])
        name = p["UserName"]
        return {"User": {"UserName": name, "Arn": f"arn:aws:iam::{ACCOUNT}:user/{name}"}}

    def _list_attached_user_policies(self, p: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "AttachedPolicies": [{"PolicyArn": arn} for arn in sorted(self._user(p["UserName"]).policies)]
        }

    def _list_access_keys(self, p: Mapping[str, Any]) -> dict[str, Any]:
        user = self._user(p["UserName"])
        return {
            "AccessKeyMetadata": [
                {"AccessKeyId": key, "Status": status, "CreateDate": user.made.get(key, LONG_AGO)}
                for key, status in user.keys.items()
            ]
        }

    def _attach_user_policy(self, p: Mapping[str, Any]) -> dict[str, Any]:
        self._user(p["UserName"]).policies.add(p["PolicyArn"])
        return self._changed("attach_user_policy", p)

    def _detach_user_policy(self, p: Mapping[str, Any]) -> dict[str, Any]:
        self._user(p["UserName"]).policies.discard(p["PolicyArn"])
        return self._changed("detach_user_policy", p)

    def _update_access_key(self, p: Mapping[str, Any]) -> dict[str, Any]:
        self._user(p["UserName"]).keys[p["AccessKeyId"]] = p["Status"]
        return self._changed("update_access_key", p)

    def _changed(self, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        self.cloud.changes.append((operation, dict(params)))
        return {}
