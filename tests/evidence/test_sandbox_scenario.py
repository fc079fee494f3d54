"""The sandbox's attack, made of real boto3 calls, read from the trail files it left in the trail's bucket."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from bot.evidence.investigate import investigate
from bot.evidence.questions import Question
from bot.evidence.report import Investigation
from bot.evidence.sources.trail_prefix import TrailPrefix
from bot.sandbox.aws.server import FakeAws
from bot.sandbox.scenarios.catalogue import scenario
from bot.sandbox.scenarios.world import World
from tests.evidence.story import labels, steps


class TrailBucket:
    """The trail's bucket over real HTTP, read with the evidence role."""

    def __init__(self, endpoint: str, world: World) -> None:
        place = {"endpoint_url": endpoint, "region_name": world.region}
        sts = boto3.client(
            "sts",
            **place,
            aws_access_key_id=world.bot_access_key_id,
            aws_secret_access_key=world.bot_secret_access_key,
        )
        issued = sts.assume_role(
            RoleArn=world.evidence_role_arn,
            RoleSessionName="inc-0001.evidence",
            ExternalId=world.external_id,
            SourceIdentity="s3incident",
        )["Credentials"]
        self._bucket = world.trail_bucket
        self._s3: Any = boto3.client(
            "s3",
            **place,
            aws_access_key_id=issued["AccessKeyId"],
            aws_secret_access_key=issued["SecretAccessKey"],
            aws_session_token=issued["SessionToken"],
        )

    def entries(self, prefix: str) -> Iterator[tuple[str, int, str]]:
        for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix):
            yield from ((entry["Key"], entry["Size"], entry["ETag"]) for entry in page.get("Contents", ()))

    def fetch(self, key: str) -> bytes:
        body: bytes = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        return body


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Investigation]]:
    aws = FakeAws()
    aws.start()
    try:
        world = scenario("leaked-key").build(aws)
        yield world, _investigate(aws, world, tmp_path_factory.mktemp("cache"))
    finally:
        aws.stop()


def _investigate(aws: FakeAws, world: World, cache: Path) -> Investigation:
    now = datetime.now(UTC)
    window = (now - timedelta(hours=3), now + timedelta(minutes=1))
    prefix = f"AWSLogs/{world.account_id}/CloudTrail/{world.region}/"
    source = TrailPrefix(TrailBucket(aws.endpoint, world), [prefix], window, cache)
    own = frozenset({world.evidence_role_arn, world.remediation_role_arn})
    question = Question(bucket=world.bucket, account_id=world.account_id, window=window, own_principals=own)
    return investigate(question, [source])


def test_the_attacker_is_suspect_and_the_innocents_are_not(told: tuple[World, Investigation]) -> None:
    world, result = told
    assert {actor.principal for actor in result.suspects} == {
        f"arn:aws:iam::{world.account_id}:user/{world.attacker_user}",
        "anonymous",
    }
    assert {ip for actor in result.suspects for ip in actor.source_ips} == set(world.attacker_ips)
    innocent = [
        actor for actor in result.actors if any(role in actor.principal for role in world.innocent_roles)
    ]
    assert len(innocent) == 2
    assert {actor.label for actor in innocent} == {"known"}
    assert labels(result)["maria.ops"] != "suspect"


def test_the_proposals_cut_off_the_attacker(told: tuple[World, Investigation]) -> None:
    world, result = told
    user = world.attacker_user
    assert [step for step in steps(result) if step[0] != "R11"] == [
        ("R2", {"user": user}),
        *(
            ("R1", {"user": user, "access_key_id": key})
            for key in sorted((world.leaked_key_id, world.second_key_id))
        ),
        ("R19", {"bucket": world.bucket}),
        ("R18", {"bucket": world.bucket}),
    ]
    (rights,) = [target for row, target in steps(result) if row == "R11"]
    assert rights["user"] == user


def test_the_second_key_is_walked_back_to_the_leaked_one(told: tuple[World, Investigation]) -> None:
    world, result = told
    chain = {hop.access_key_id: hop.parent_key_id for hop in result.lineage}
    assert chain[world.second_key_id] == world.leaked_key_id


def test_the_story_has_its_turning_points(told: tuple[World, Investigation]) -> None:
    _, result = told
    rules = {finding.rule for finding in result.findings}
    assert {"E6", "E8", "D6", "D7", "D21", "D4"} <= rules
    given = {
        number: result.answer(number).answer for number in ("E6", "E8", "E10", "E12", "E14", "E15", "E20")
    }
    assert given.pop("E20") == "no"
    assert set(given.values()) == {"yes"}


def test_no_file_was_unreadable(told: tuple[World, Investigation]) -> None:
    _, result = told
    assert [source.problems for source in result.sources] == [()]
    assert result.totals.duplicates == 0
