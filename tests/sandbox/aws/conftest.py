"""A fake AWS for each test, and short ways to make people, roles and buckets in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
import botocore.exceptions
import pytest
from botocore import UNSIGNED
from botocore.config import Config

from bot.sandbox.aws.models import new_session
from bot.sandbox.aws.server import FakeAws

ACCOUNT = "111122223333"


def document(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(*actions: str, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}


def deny(*actions: str, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": list(actions), "Resource": resource, **more}


def trust(principal: Any, *actions: str, **condition: Any) -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": list(actions or ["sts:AssumeRole"])}
    return document(statement | ({"Condition": condition} if condition else {}))


def refusal(call: Callable[[], Any]) -> tuple[str, str, int]:
    """Code, message and status with which AWS refuses a call; fails when it does not refuse."""
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call()
    answer = caught.value.response
    return (
        answer["Error"]["Code"],
        answer["Error"].get("Message", ""),
        answer["ResponseMetadata"]["HTTPStatusCode"],
    )


@dataclass
class Who:
    """Credentials to call with: clients by service, made on first use."""

    lab: Lab
    access_key_id: str | None = None
    secret: str | None = None
    token: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    agent: str = "test-client/1.0"

    def client(self, service: str) -> Any:
        options: dict[str, Any] = {} if self.access_key_id else {"signature_version": UNSIGNED}
        client = self.lab.session.client(
            service,
            endpoint_url=self.lab.aws.endpoint,
            aws_access_key_id=self.access_key_id,
            aws_secret_access_key=self.secret,
            aws_session_token=self.token,
            config=Config(retries={"total_max_attempts": 1}, proxies={}, **options),
        )
        client.meta.events.register("before-send", self._mark)
        return client

    @property
    def s3(self) -> Any:
        return self.client("s3")

    @property
    def iam(self) -> Any:
        return self.client("iam")

    @property
    def sts(self) -> Any:
        return self.client("sts")

    @property
    def cloudtrail(self) -> Any:
        return self.client("cloudtrail")

    def _mark(self, request: Any, **_: object) -> None:
        request.headers["User-Agent"] = self.agent
        for name, value in self.headers.items():
            request.headers[name] = value


class Lab:
    """The account under test, seen by its root."""

    def __init__(self, aws: FakeAws) -> None:
        self.aws = aws
        self.session = boto3.Session(botocore_session=new_session(), region_name="us-east-1")
        self.root = Who(self, aws.root_access_key_id, aws.root_secret_access_key)

    def user(self, name: str, *statements: Mapping[str, Any]) -> Who:
        self.root.iam.create_user(UserName=name)
        if statements:
            self.grant(name, *statements)
        key = self.root.iam.create_access_key(UserName=name)["AccessKey"]
        return Who(self, key["AccessKeyId"], key["SecretAccessKey"])

    def grant(self, name: str, *statements: Mapping[str, Any], policy: str = "own") -> None:
        self.root.iam.put_user_policy(UserName=name, PolicyName=policy, PolicyDocument=document(*statements))

    def role(self, name: str, trusted: str, *statements: Mapping[str, Any]) -> str:
        made = self.root.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusted)
        if statements:
            self.root.iam.put_role_policy(
                RoleName=name, PolicyName="own", PolicyDocument=document(*statements)
            )
        return str(made["Role"]["Arn"])

    def assume(self, who: Who, role_arn: str, name: str = "a-session", **more: Any) -> Who:
        given = who.sts.assume_role(RoleArn=role_arn, RoleSessionName=name, **more)["Credentials"]
        return Who(self, given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])

    def anonymous(self) -> Who:
        return Who(self)

    def bucket(self, name: str, **objects: bytes) -> str:
        self.root.s3.create_bucket(Bucket=name)
        for key, body in objects.items():
            self.root.s3.put_object(Bucket=name, Key=key, Body=body)
        return name

    def open_to_everyone(self, name: str) -> None:
        self.root.s3.delete_public_access_block(Bucket=name)
        self.root.s3.put_bucket_policy(Bucket=name, Policy=public_policy(name))

    def records(self, event_name: str) -> list[Mapping[str, Any]]:
        """All CloudTrail records of that name, in the order in which they were made."""
        return [event.record for event in self.aws.events if event.record["eventName"] == event_name]


def public_policy(bucket: str) -> str:
    return document(
        {
            "Sid": "Open",
            "Effect": "Allow",
            "Principal": "*",
            "Action": ["s3:GetObject", "s3:ListBucket"],
            "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        }
    )


@pytest.fixture
def aws() -> Iterator[FakeAws]:
    fake = FakeAws(lookups_per_second=1000, delivery_seconds=0)
    fake.start()
    yield fake
    fake.stop()


@pytest.fixture
def lab(aws: FakeAws) -> Lab:
    return Lab(aws)
