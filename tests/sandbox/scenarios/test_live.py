"""The players after the past: containment is seen in what they still get."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from bot.sandbox.scenarios import account, cast
from bot.sandbox.scenarios.account import BUCKET
from bot.sandbox.scenarios.world import Turn
from tests.sandbox.scenarios.conftest import Built

APPROVED = {"SourceIdentity": "slack-U02ABC"}
Remediation = Callable[[Built], None]


def deny_all(built: Built) -> None:
    iam = built.as_role(built.world.remediation_role_arn, "iam", **APPROVED)
    iam.attach_user_policy(UserName=built.world.attacker_user, PolicyArn="arn:aws:iam::aws:policy/AWSDenyAll")


def keys_off(built: Built) -> None:
    iam = built.as_role(built.world.remediation_role_arn, "iam", **APPROVED)
    for key in (built.world.leaked_key_id, built.world.second_key_id):
        iam.update_access_key(UserName=built.world.attacker_user, AccessKeyId=key, Status="Inactive")


def close_policy(built: Built) -> None:
    s3 = built.as_role(built.world.remediation_role_arn, "s3", **APPROVED)
    policy = json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"])
    policy["Statement"] = [s for s in policy["Statement"] if s["Sid"] != "PartnerSync"]
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(policy))


def outcomes(turns: list[Turn]) -> dict[str, bool]:
    return {turn.actor: turn.allowed for turn in turns}


def test_before_containment_everyone_gets_through(built: Built) -> None:
    players = built.players()
    found = outcomes(players.probe())
    assert set(found) == players.attackers | players.innocents | {account.OPERATOR}
    assert all(found.values())


KEYS = {cast.ATTACKER.name, cast.ATTACKER_SECOND.name}
WITHOUT_KEYS = {cast.ANONYMOUS.name}


@pytest.mark.parametrize(
    ("remediations", "cut_off"),
    [
        ([keys_off], KEYS),
        ([close_policy], WITHOUT_KEYS),
        ([deny_all, close_policy], KEYS | WITHOUT_KEYS),
        ([keys_off, close_policy], KEYS | WITHOUT_KEYS),
    ],
)
def test_who_is_cut_off_by_what(built: Built, remediations: list[Remediation], cut_off: set[str]) -> None:
    players = built.players()
    for remediate in remediations:
        remediate(built)
    for _ in range(3):
        found = outcomes(players.probe())
        assert {actor for actor, allowed in found.items() if not allowed} == cut_off


def test_deny_all_without_closing_the_policy_leaves_the_anonymous_door(built: Built) -> None:
    deny_all(built)
    turns = {turn.actor: turn for turn in built.players().probe()}
    assert turns[cast.ATTACKER.name].error == "AccessDenied"
    assert turns[cast.ANONYMOUS.name].allowed


def test_undone_is_undone(built: Built) -> None:
    deny_all(built)
    iam = built.as_role(built.world.remediation_role_arn, "iam", **APPROVED)
    iam.detach_user_policy(UserName=built.world.attacker_user, PolicyArn="arn:aws:iam::aws:policy/AWSDenyAll")
    assert all(outcomes(built.players().probe()).values())


def test_they_go_on_by_themselves_until_stopped(built: Built) -> None:
    players = built.players(every=0.05)
    before = len(built.aws.recent())
    players.start()
    deadline = time.monotonic() + 10
    wanted = players.attackers | players.innocents
    while time.monotonic() < deadline:
        seen = {call.actor for call in built.aws.recent()[before:] if call.allowed}
        if wanted <= seen:
            break
        time.sleep(0.05)
    players.stop()
    assert wanted <= seen
    count = len(built.aws.recent())
    time.sleep(0.2)
    assert len(built.aws.recent()) == count


def test_roles_are_shown_with_every_call(built: Built) -> None:
    players = built.players()
    players.probe()
    shown = {call.actor: call.role for call in built.aws.recent()}
    assert shown[cast.ATTACKER.name] == shown[cast.ATTACKER_SECOND.name] == "attacker"
    assert shown[cast.ANONYMOUS.name] == "anonymous"
    assert {shown[name] for name in players.innocents} == {"innocent"}


def test_innocents_get_new_sessions_when_theirs_run_out(built: Built) -> None:
    players = built.players()
    players.probe()
    for role in players._roles:
        role.player.at = datetime.now(UTC) + timedelta(hours=2)
    turns = {turn.actor: turn for turn in players.probe()}
    assert all(turns[name].allowed for name in players.innocents)
