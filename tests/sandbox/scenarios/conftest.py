"""The scenario, built once for all tests that only look at it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.config import Config

from bot.sandbox.aws.events import Event
from bot.sandbox.aws.models import new_session
from bot.sandbox.aws.server import FakeAws
from bot.sandbox.scenarios.catalogue import scenario
from bot.sandbox.scenarios.leaked_key import LeakedKey
from bot.sandbox.scenarios.live import LivePlayers
from bot.sandbox.scenarios.world import World


@dataclass
class Built:
    """A scenario that has been built, and clients for those who work on it."""

    aws: FakeAws
    world: World
    past: list[Event]

    def client(self, service: str, key: str, secret: str, token: str | None = None) -> Any:
        return boto3.Session(botocore_session=new_session(), region_name="us-east-1").client(
            service,
            endpoint_url=self.aws.endpoint,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            aws_session_token=token,
            config=Config(retries={"total_max_attempts": 1}, proxies={}),
        )

    def root(self, service: str) -> Any:
        return self.client(service, self.aws.root_access_key_id, self.aws.root_secret_access_key)

    def bot(self, service: str) -> Any:
        return self.client(service, self.world.bot_access_key_id, self.world.bot_secret_access_key)

    def as_role(self, role_arn: str, service: str, **more: Any) -> Any:
        """A client of the bot in one of its roles."""
        wanted = {
            "RoleArn": role_arn,
            "RoleSessionName": "inc-0001.s01",
            "ExternalId": self.world.external_id,
        }
        given = self.bot("sts").assume_role(**wanted | more)["Credentials"]
        return self.client(service, given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])

    def players(self, every: float = 3.0) -> LivePlayers:
        return LeakedKey().live(self.aws, self.world, every)

    def of(self, name: str) -> list[Event]:
        return [event for event in self.past if event.record["eventName"] == name]


def build() -> Built:
    aws = FakeAws(lookups_per_second=1000, delivery_seconds=0)
    aws.start()
    world = scenario("leaked-key").build(aws)
    return Built(aws, world, aws.events)


@pytest.fixture(scope="module")
def looked_at() -> Iterator[Built]:
    """For tests that change nothing that another one looks at."""
    built = build()
    yield built
    built.aws.stop()


@pytest.fixture
def built(looked_at: Built) -> Iterator[Built]:
    """For tests that change what the attacker may: given back afterwards."""
    yield looked_at
    give_back(looked_at)


def give_back(built: Built) -> None:
    """The account as it stood when the past ended."""
    iam, user = built.root("iam"), built.world.attacker_user
    for policy in iam.list_attached_user_policies(UserName=user)["AttachedPolicies"]:
        iam.detach_user_policy(UserName=user, PolicyArn=policy["PolicyArn"])
    for key in (built.world.leaked_key_id, built.world.second_key_id):
        iam.update_access_key(UserName=user, AccessKeyId=key, Status="Active")
    opened = built.of("PutBucketPolicy")[-1].record["requestParameters"]["bucketPolicy"]
    built.root("s3").put_bucket_policy(Bucket=built.world.bucket, Policy=json.dumps(opened))
