"""The four services asked about a played theft, over HTTP, with the evidence role's own rights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from bot.aws.access import AwsAccess
from bot.aws.gateway import Gateway
from bot.config import AccountSettings, Settings
from bot.evidence.clues.gathered import Gathered, Suspicion
from bot.incidents.facts import gather_about
from bot.sandbox.aws.server import FakeAws
from bot.sandbox.scenarios.catalogue import scenario
from bot.sandbox.scenarios.world import World


@dataclass(frozen=True)
class Theft:
    world: World
    reader: Gateway
    since: datetime

    def gather(self, *, window: timedelta = timedelta(days=7)) -> Gathered:
        world, now = self.world, datetime.now(UTC)
        suspicion = Suspicion(
            frozenset({world.leaked_key_id, world.second_key_id}),
            frozenset({f"arn:aws:iam::{world.account_id}:user/{world.attacker_user}"}),
            self.since,
        )
        return gather_about(
            self.reader,
            world.bucket,
            world.region,
            (world.region,),
            (now - window, now),
            suspicion,
            pause=lambda _: None,
        )


@pytest.fixture(scope="module")
def theft() -> Iterator[Theft]:
    aws = FakeAws(lookups_per_second=1000, delivery_seconds=0)
    aws.start()
    try:
        world = scenario("leaked-key").build(aws)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AWS_ENDPOINT_URL", aws.endpoint)
            patch.setenv("AWS_ACCESS_KEY_ID", world.bot_access_key_id)
            patch.setenv("AWS_SECRET_ACCESS_KEY", world.bot_secret_access_key)
            patch.setenv("AWS_CONFIG_FILE", "/dev/null")
            account = AccountSettings(
                account_id=world.account_id,
                evidence_role=world.evidence_role_arn,
                remediation_role=world.remediation_role_arn,
                external_id=world.external_id,
                regions=(world.region,),
            )
            access = AwsAccess(Settings(_env_file=None, accounts=(account,), lookups_per_second=100))
            first = min(e.at for e in aws.events if e.record["sourceIPAddress"] in world.attacker_ips)
            yield Theft(world, access.reader(world.account_id), first)
    finally:
        aws.stop()


def test_the_theft_as_the_services_saw_it(theft: Theft) -> None:
    found = theft.gather()
    titles = {one.title: one for one in found.clues}
    assert titles["The bucket became public"].severity == "high"
    assert "PartnerSync" in titles["The bucket became public"].text
    assert titles["Open to anyone on the Internet through its bucket policy"].severity == "high"
    [made] = [one for one in found.clues if "was created after" in one.title]
    assert made.access_key_id == theft.world.second_key_id
    [may] = [one for one in found.clues if "may do to the bucket" in one.title]
    assert "s3:GetObject" in may.text
    assert "ci-cache-access" in may.text
    times = [one.time for one in found.clues if one.time]
    assert times == sorted(times)


def test_what_could_be_seen_and_what_not(theft: Theft) -> None:
    rows = {row.subject: row for row in theft.gather().coverage}
    assert {subject: row.answer for subject, row in rows.items()} == {
        "GuardDuty findings": "no",
        "Access Analyzer findings": "yes",
        "Config history": "yes",
        "IAM": "yes",
    }
    assert "guardduty:CreateDetector" in str(rows["GuardDuty findings"].turn_on)


def test_the_bucket_to_go_back_to_is_the_one_from_before_the_thief(theft: Theft) -> None:
    before = theft.gather().bucket_before
    assert before is not None
    assert [one["Sid"] for one in before["policy"]["Statement"]] == ["DenyInsecureTransport"]
    assert before["public_access_block"]["BlockPublicPolicy"] is True


def test_a_bucket_that_nobody_knows_is_no_error(theft: Theft) -> None:
    now = datetime.now(UTC)
    found = gather_about(
        theft.reader,
        "acme-nowhere",
        theft.world.region,
        (theft.world.region,),
        (now - timedelta(days=1), now),
        Suspicion(),
        pause=lambda _: None,
    )
    assert found.bucket_before is None
    assert {row.subject for row in found.coverage} == {
        "GuardDuty findings",
        "Access Analyzer findings",
        "Config history",
        "IAM",
    }
