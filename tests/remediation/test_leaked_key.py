"""The scenario `leaked-key` from open to contained and back, with the roles the sandbox gives the bot."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.aws.access import AwsAccess
from bot.aws.lookup import event_history
from bot.config import AccountSettings, Settings
from bot.remediation.contract import PlanContext
from bot.remediation.plan import Plan
from bot.remediation.undo import undo_plan
from bot.sandbox.aws.server import FakeAws
from bot.sandbox.scenarios.catalogue import scenario
from bot.sandbox.scenarios.world import Players, World
from tests.aws.account import Account
from tests.remediation.doing import carry_out, plan_for


@pytest.fixture(scope="module")
def stage() -> Iterator[tuple[Account, World, Players]]:
    fake = FakeAws(delivery_seconds=0, lookups_per_second=100)
    fake.start()
    try:
        story = scenario("leaked-key")
        world = story.build(fake)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AWS_ENDPOINT_URL", fake.endpoint)
            patch.setenv("AWS_ACCESS_KEY_ID", world.bot_access_key_id)
            patch.setenv("AWS_SECRET_ACCESS_KEY", world.bot_secret_access_key)
            settings = _settings(world)
            yield Account(fake, settings, AwsAccess(settings)), world, story.live(fake, world)
    finally:
        fake.stop()


def _settings(world: World) -> Settings:
    account = AccountSettings(
        account_id=world.account_id,
        regions=(world.region,),
        evidence_role=world.evidence_role_arn,
        remediation_role=world.remediation_role_arn,
        external_id=world.external_id,
        break_glass=(world.break_glass_arn,),
    )
    return Settings(_env_file=None, accounts=(account,))


def allowed(players: Players) -> dict[str, bool]:
    """Who gets through with everything they try now."""
    turns = [*players.probe(), *players.probe()]
    return {turn.actor: all(one.allowed for one in turns if one.actor == turn.actor) for turn in turns}


def state_of(account: Account, world: World) -> Any:
    """All that the three remediations could have changed."""
    iam, s3 = account.client("iam"), account.client("s3")
    keys = iam.list_access_keys(UserName=world.attacker_user)["AccessKeyMetadata"]
    return (
        iam.list_attached_user_policies(UserName=world.attacker_user)["AttachedPolicies"],
        {key["AccessKeyId"]: key["Status"] for key in keys},
        json.loads(s3.get_bucket_policy(Bucket=world.bucket)["Policy"]),
    )


def test_contained_proved_and_undone(stage: tuple[Account, World, Players]) -> None:
    account, world, players = stage
    keep = (world.evidence_role_arn, world.remediation_role_arn, world.break_glass_arn)
    context = PlanContext("inc-0001", keep=keep, protected=keep)
    user = {"user": world.attacker_user}
    before, at_first = state_of(account, world), allowed(players)
    assert set(at_first) >= players.attackers | players.innocents
    assert all(at_first.values())

    done: list[Plan] = []
    for row, wanted in (
        ("R2", user),
        ("R1", {**user, "access_key_id": world.leaked_key_id}),
        ("R1", {**user, "access_key_id": world.second_key_id}),
        ("R18", {"bucket": world.bucket}),
    ):
        plan = plan_for(account, row, wanted, context)
        assert carry_out(account, plan).outcome == "verified"
        done.append(plan)

    contained = allowed(players)
    assert [contained[actor] for actor in sorted(players.attackers)] == [False] * len(players.attackers)
    assert [contained[actor] for actor in sorted(players.innocents)] == [True] * len(players.innocents)
    assert _made_by(account, world, "AttachUserPolicy") == ["inc-0001.p1"]

    for plan in reversed(done):
        assert carry_out(account, undo_plan(plan)).outcome == "verified"
    assert state_of(account, world) == before
    assert all(allowed(players).values())


def _made_by(account: Account, world: World, event: str) -> list[str]:
    """The sessions that made a call, as CloudTrail shows them to the evidence role."""
    history = event_history(account.access.reader(world.account_id))
    records = history(
        region=world.region,
        attribute=("EventName", event),
        start=datetime(2020, 1, 1, tzinfo=UTC),
        end=datetime.now(UTC),
    )
    mine = [record["userIdentity"] for record in records if record["userIdentity"]["type"] == "AssumedRole"]
    assert {identity["sessionContext"]["sourceIdentity"] for identity in mine} == {"slack-T01-U02"}
    return [identity["arn"].rsplit("/", 1)[-1] for identity in mine]
