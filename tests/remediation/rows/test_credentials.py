"""A leaked key: its user and the key are cut off, others go on, and the undo restores exactly what was."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError

from bot.remediation.catalogue import remediation
from bot.remediation.contract import Observed, PlanContext
from bot.remediation.errors import BadTarget, NothingToDo, Refused, TargetMissing
from bot.remediation.session_policy import session_policy
from bot.remediation.undo import undo_plan
from tests.aws.account import ACCOUNT, REGION, Account, policy_text
from tests.remediation.doing import CONTEXT, carry_out, plan_for, step

DENY_ALL = "arn:aws:iam::aws:policy/AWSDenyAll"


def attached(account: Account, user: str) -> list[str]:
    policies = account.client("iam").list_attached_user_policies(UserName=user)["AttachedPolicies"]
    return [policy["PolicyArn"] for policy in policies]


def test_deny_all_cuts_the_user_off_and_nobody_else(account: Account) -> None:
    bucket = account.bucket("acme-payroll-1")
    thief, innocent = account.user("ci-deploy-1"), account.user("backup-1")
    account.of("s3", thief).list_objects_v2(Bucket=bucket)

    plan = plan_for(account, "R2", {"user": "ci-deploy-1"})
    result = carry_out(account, plan)

    assert (result.outcome, result.calls_made, len(result.request_ids)) == ("verified", 1, 1)
    assert result.state == plan.after
    with pytest.raises(ClientError, match="explicit deny"):
        account.of("s3", thief).list_objects_v2(Bucket=bucket)
    account.of("s3", innocent).list_objects_v2(Bucket=bucket)


def test_undoing_the_deny_restores_the_state_exactly(account: Account) -> None:
    account.user("ci-deploy-2")
    readonly = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    account.client("iam").attach_user_policy(UserName="ci-deploy-2", PolicyArn=readonly)
    plan = plan_for(account, "R2", {"user": "ci-deploy-2"})
    carry_out(account, plan)
    assert sorted(attached(account, "ci-deploy-2")) == [DENY_ALL, readonly]

    undone = carry_out(account, undo_plan(plan))

    assert undone.outcome == "verified"
    assert undone.state == plan.before
    assert attached(account, "ci-deploy-2") == [readonly]


def test_the_step_could_not_attach_another_policy(account: Account) -> None:
    account.user("ci-deploy-3")
    session = step(account, plan_for(account, "R2", {"user": "ci-deploy-3"}))
    for user, policy in (
        ("ci-deploy-3", "arn:aws:iam::aws:policy/AdministratorAccess"),
        ("s3incident", DENY_ALL),
    ):
        with pytest.raises(Exception, match="AccessDenied"):
            session.call("iam", "attach_user_policy", {"UserName": user, "PolicyArn": policy})
    assert attached(account, "ci-deploy-3") == []


@pytest.mark.parametrize("path", ["/${aws:username}/", "/*/", "/a?c/", "/${*}/", "/$/"])
@pytest.mark.parametrize("row", ["R1", "R2"])
def test_a_path_that_reads_as_a_pattern_stands_for_itself(account: Account, path: str, row: str) -> None:
    """Who may create users may choose any printable path: one that hides, or one that widens the step."""
    name = f"mallory-{row}-{len(path)}-{path[1:-1].encode().hex()}"
    key = account.user(name, path=path)
    plan = plan_for(account, row, {"user": name, "access_key_id": key.access_key})
    for statement in json.loads(session_policy(plan))["Statement"]:
        literally = re.sub(r"\$\{[*?$]\}", "", statement["Resource"])
        assert not set("*?") & set(literally)
        assert "${" not in literally
    assert carry_out(account, plan).outcome == "verified"


def test_a_user_with_a_path_is_found_by_its_real_arn(account: Account) -> None:
    account.user("ci-deploy-4", path="/robots/ci/")
    plan = plan_for(account, "R2", {"user": "ci-deploy-4"})
    assert plan.target.id == f"arn:aws:iam::{ACCOUNT}:user/robots/ci/ci-deploy-4"
    assert carry_out(account, plan).outcome == "verified"


def test_policies_attached_by_others_do_not_make_the_plan_stale(account: Account) -> None:
    account.user("ci-deploy-5")
    plan = plan_for(account, "R2", {"user": "ci-deploy-5"})
    account.client("iam").attach_user_policy(
        UserName="ci-deploy-5", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
    )
    account.key("ci-deploy-5")
    assert carry_out(account, plan).outcome == "verified"


def test_denied_already_is_nothing_to_do(account: Account) -> None:
    account.user("ci-deploy-6")
    carry_out(account, plan_for(account, "R2", {"user": "ci-deploy-6"}))
    with pytest.raises(NothingToDo, match="already has AWSDenyAll"):
        plan_for(account, "R2", {"user": "ci-deploy-6"})


def test_a_full_quota_is_refused_before_anybody_approves(account: Account) -> None:
    account.user("ci-deploy-7")
    iam = account.client("iam")
    for number in range(10):
        made = iam.create_policy(
            PolicyName=f"full-{number}", PolicyDocument=policy_text("s3:ListAllMyBuckets")
        )
        arn = made["Policy"]["Arn"]
        iam.attach_user_policy(UserName="ci-deploy-7", PolicyArn=arn)
    with pytest.raises(Refused, match="by an inline policy instead"):
        plan_for(account, "R2", {"user": "ci-deploy-7"})


def test_an_inactive_key_is_refused_and_the_second_one_is_not(account: Account) -> None:
    bucket = account.bucket("acme-payroll-2")
    first = account.user("ci-deploy-8")
    second = account.key("ci-deploy-8")
    wanted = {"user": "ci-deploy-8", "access_key_id": first.access_key}

    result = carry_out(account, plan_for(account, "R1", wanted))

    assert result.outcome == "verified"
    with pytest.raises(ClientError, match="InvalidAccessKeyId"):
        account.of("s3", first).list_objects_v2(Bucket=bucket)
    account.of("s3", second).list_objects_v2(Bucket=bucket)


def test_reactivating_restores_the_key(account: Account) -> None:
    bucket = account.bucket("acme-payroll-3")
    key = account.user("ci-deploy-9")
    plan = plan_for(account, "R1", {"user": "ci-deploy-9", "access_key_id": key.access_key})
    carry_out(account, plan)
    undone = carry_out(account, undo_plan(plan))
    assert (undone.outcome, undone.state) == ("verified", plan.before)
    account.of("s3", key).list_objects_v2(Bucket=bucket)


def test_an_inactive_key_is_nothing_to_do(account: Account) -> None:
    key = account.user("ci-deploy-10")
    wanted = {"user": "ci-deploy-10", "access_key_id": key.access_key}
    carry_out(account, plan_for(account, "R1", wanted))
    with pytest.raises(NothingToDo, match="already inactive"):
        plan_for(account, "R1", wanted)


def test_missing_users_and_keys_are_named(account: Account) -> None:
    account.user("ci-deploy-11")
    with pytest.raises(TargetMissing, match="no IAM user nobody-here"):
        plan_for(account, "R2", {"user": "nobody-here"})
    with pytest.raises(TargetMissing, match="has no access key AKIANOTTHISUSERSKEY"):
        plan_for(account, "R1", {"user": "ci-deploy-11", "access_key_id": "AKIANOTTHISUSERSKEY"})


@pytest.mark.parametrize(
    "protected",
    [
        PlanContext("inc-0001", keep=(f"arn:aws:iam::{ACCOUNT}:user/s3incident",)),
        PlanContext("inc-0001", protected=("s3inc*",)),
        PlanContext("inc-0001", protected=(f"arn:aws:iam::{ACCOUNT}:user/*",)),
    ],
)
def test_the_bot_is_never_its_own_target(account: Account, protected: PlanContext) -> None:
    key = account.client("iam").list_access_keys(UserName="s3incident")["AccessKeyMetadata"][0]["AccessKeyId"]
    with pytest.raises(Refused, match="is protected"):
        plan_for(account, "R2", {"user": "s3incident"}, protected)
    with pytest.raises(Refused, match="is protected"):
        plan_for(account, "R1", {"user": "s3incident", "access_key_id": key}, protected)


@pytest.mark.parametrize(
    ("row", "wanted", "why"),
    [
        ("R2", {}, "cannot be the name of an IAM user"),
        ("R2", {"user": "<root_account>"}, "cannot be the name of an IAM user"),
        ("R2", {"user": "a/b"}, "cannot be the name of an IAM user"),
        ("R2", {"user": "arn:aws:iam::999999999999:user/ci"}, "is not in account 111122223333"),
        ("R2", {"user": f"arn:aws:iam::{ACCOUNT}:role/ci"}, "is not in account"),
        ("R1", {"user": "ci"}, "is not an access key id"),
        ("R1", {"user": "ci", "access_key_id": "AKIA'; DROP"}, "is not an access key id"),
        ("R1", {"user": "ci", "access_key_id": "ASIAIOSFODNN7EXAMPLE"}, "temporary key"),
    ],
)
def test_what_cannot_be_a_target_is_refused(row: str, wanted: dict[str, str], why: str) -> None:
    with pytest.raises(BadTarget, match=why):
        remediation(row).target(ACCOUNT, REGION, wanted)


def test_china_has_its_own_partition() -> None:
    kind = remediation("R2")
    target = kind.target(ACCOUNT, "cn-north-1", {"user": "ci"})
    state = {"User": "ci", "Arn": target.id, "DenyAllAttached": False, "RoomForPolicy": True}
    plan = kind.plan(target, state, CONTEXT)
    assert target.id.startswith("arn:aws-cn:iam::")
    assert plan.calls[0].params["PolicyArn"] == "arn:aws-cn:iam::aws:policy/AWSDenyAll"


ARN = f"arn:aws:iam::{ACCOUNT}:user/ci"
THIEF = Observed(
    ARN,
    "AKIALEAKEDLEAKEDLEAK",
    "suspect",
    ("203.0.113.7",),
    ("aws-cli/2.15",),
    52,
    datetime(2026, 11, 23, 3, 4, tzinfo=UTC),
)
NIGHTLY = Observed(ARN, "AKIANIGHTLYNIGHTLYNI", "known", ("10.0.0.5",), ("Boto3/1.34 " + "x" * 99,), 1, None)
STRANGER = Observed(f"arn:aws:sts::{ACCOUNT}:assumed-role/app/ci", None, "service", (), (), 9, None)


def planned(row: str, **params: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Who is affected and what is warned of."""
    kind = remediation(row)
    wanted = {"user": "ci", **params}
    target = kind.target(ACCOUNT, REGION, wanted)
    state = (
        {"User": "ci", "Arn": ARN, "DenyAllAttached": False, "RoomForPolicy": True}
        if row == "R2"
        else {"UserName": "ci", "Arn": ARN, "Status": "Active", **params}
    )
    plan = kind.plan(target, state, PlanContext("inc-0001", observed=(THIEF, NIGHTLY, STRANGER)))
    return plan.affected, plan.warnings


def test_the_approver_sees_first_who_else_is_cut_off() -> None:
    affected, warnings = planned("R2")
    assert affected[0].startswith(
        f"Calls by {ARN} stop (known): 1 call, with AKIANIGHTLYNIGHTLYNI, from 10.0.0.5"
    )
    assert "x" * 60 not in affected[0]
    assert affected[1] == (
        f"Calls by {ARN} stop (suspect): 52 calls, with AKIALEAKEDLEAKEDLEAK, from 203.0.113.7,"
        " by aws-cli/2.15, last 2026-11-23 03:04 UTC."
    )
    assert len(affected) == 2
    assert "already assumed keep working" in warnings[0]


def test_a_key_s_plan_tells_of_the_user_s_other_keys() -> None:
    affected, warnings = planned("R1", access_key_id="AKIALEAKEDLEAKEDLEAK")
    assert [text for text in affected if "AKIANIGHTLY" in text] == []
    assert any("AKIANIGHTLYNIGHTLYNI too: this change does not stop that" in text for text in warnings)
    assert any("GetSessionToken" in text for text in warnings)


def test_no_evidence_is_not_said_to_be_no_use() -> None:
    affected, _ = planned("R1", access_key_id="AKIAUNSEENUNSEENUNSE")
    assert affected == (
        "The evidence shows no use of it, and evidence can have gaps: ask its owner what depends on it.",
    )
