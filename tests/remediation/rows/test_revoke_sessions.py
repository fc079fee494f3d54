"""R5: stolen sessions end, new ones work, and roles that are not ours to change are left alone."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from bot.remediation.catalogue import remediation
from bot.remediation.contract import Observed, PlanContext
from bot.remediation.errors import BadTarget, NothingToDo, Refused, TargetMissing
from bot.remediation.plan import Plan
from bot.remediation.undo import undo_plan
from tests.aws.account import ACCOUNT, REGION, Account, policy_text
from tests.remediation.doing import carry_out, plan_for
from tests.remediation.rows.cases import CONTEXT, new_role, put_revocation, revocation

ARN = f"arn:aws:iam::{ACCOUNT}:role/payroll-app"


def session(account: Account, role: str, by: Any) -> Any:
    """S3 as a new session of the role sees it."""
    arn = f"arn:aws:iam::{ACCOUNT}:role/{role}"
    made = account.of("sts", by).assume_role(RoleArn=arn, RoleSessionName="app")["Credentials"]
    return account.client("s3", made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])


def test_sessions_until_now_are_cut_off_and_later_ones_are_not(account: Account) -> None:
    new_role(account, "app-1")
    user = account.user("runner-1", allow="sts:AssumeRole")
    stolen = session(account, "app-1", user)
    stolen.list_buckets()
    plan = plan_for(account, "R5", {"role": "app-1"}, replace(CONTEXT, now=datetime.now(UTC)))
    assert carry_out(account, plan).outcome == "verified"
    with pytest.raises(ClientError, match="explicit deny"):
        stolen.list_buckets()
    _wait_until(plan)
    session(account, "app-1", user).list_buckets()
    assert carry_out(account, undo_plan(plan)).outcome == "verified"
    stolen.list_buckets()


def _wait_until(plan: Plan) -> None:
    statement = plan.after["DenyPolicy"]["Statement"][0]
    until = datetime.fromisoformat(statement["Condition"]["DateLessThan"]["aws:TokenIssueTime"])
    while datetime.now(UTC) < until:
        time.sleep(0.05)


def test_it_is_found_by_name_by_arn_and_by_session_and_with_its_path(account: Account) -> None:
    new_role(account, "app-2", path="/teams/pay/")
    for given in (
        "app-2",
        f"arn:aws:iam::{ACCOUNT}:role/teams/pay/app-2",
        f"arn:aws:sts::{ACCOUNT}:assumed-role/app-2/i-0123",
    ):
        plan = plan_for(account, "R5", {"role": given}, CONTEXT)
        assert plan.target.id == f"arn:aws:iam::{ACCOUNT}:role/teams/pay/app-2"
    assert carry_out(account, plan).outcome == "verified"


def test_revoking_once_more_moves_the_moment_on(account: Account) -> None:
    new_role(account, "app-3")
    now = datetime(2026, 11, 23, 3, 0, 0, 500_000, tzinfo=UTC)
    first = plan_for(account, "R5", {"role": "app-3"}, replace(CONTEXT, now=now))
    assert "before 2026-11-23 03:00:01 UTC" in first.title
    carry_out(account, first)
    with pytest.raises(NothingToDo, match="revoked until 2026-11-23 03:00:01 UTC"):
        plan_for(account, "R5", {"role": "app-3"}, replace(CONTEXT, now=now))
    later = replace(CONTEXT, now=now + timedelta(minutes=5))
    second = plan_for(account, "R5", {"role": "app-3"}, later)
    assert carry_out(account, second).outcome == "verified"
    assert carry_out(account, undo_plan(second)).state == first.after


def test_a_policy_of_that_name_that_does_something_else_is_said_to_be_replaced(account: Account) -> None:
    new_role(account, "app-4")
    put_revocation(account, "app-4", json.loads(policy_text("s3:GetObject")))
    plan = plan_for(account, "R5", {"role": "app-4"}, CONTEXT)
    assert any("does something else" in text for text in plan.warnings)
    put_revocation(account, "app-4", revocation("2021-01-01T00:00:00Z"))
    plan = plan_for(account, "R5", {"role": "app-4"}, CONTEXT)
    assert not any("does something else" in text for text in plan.warnings)


def test_a_role_without_room_is_refused_before_anybody_approves(account: Account) -> None:
    new_role(account, "app-5")
    actions = [f"s3:Get{number:0>990}" for number in range(10)]
    account.client("iam").put_role_policy(
        RoleName="app-5", PolicyName="full", PolicyDocument=policy_text(actions)
    )
    with pytest.raises(Refused, match="leave no room"):
        plan_for(account, "R5", {"role": "app-5"}, CONTEXT)


@pytest.mark.parametrize(
    ("name", "path", "why"),
    [
        ("AWSReservedSSO_Admin_1", "/aws-reserved/sso.amazonaws.com/", "is protected"),
        ("AWSServiceRoleForConfig", "/aws-service-role/config.amazonaws.com/", "is protected"),
        (
            "looks-harmless",
            "/aws-reserved/sso.amazonaws.com/",
            "belongs to an AWS service or to IAM",
        ),
        ("S3IncidentRemediate", None, "is protected"),
    ],
)
def test_roles_that_are_not_ours_to_change(account: Account, name: str, path: str | None, why: str) -> None:
    if path:
        new_role(account, name, path=path)
    with pytest.raises(Refused, match=why):
        plan_for(account, "R5", {"role": name}, CONTEXT)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("", "cannot be the name of a role"),
        ("a/b", "cannot be the name of a role"),
        ("arn:aws:iam::999999999999:role/app", "not a role of account 111122223333"),
        (f"arn:aws:iam::{ACCOUNT}:user/app", "not a role of account"),
    ],
)
def test_what_is_no_role_is_refused(given: str, why: str) -> None:
    with pytest.raises(BadTarget, match=why):
        remediation("R5").target(ACCOUNT, REGION, {"role": given})


def test_a_role_that_is_gone_is_named(account: Account) -> None:
    with pytest.raises(TargetMissing, match="has no role never-made"):
        plan_for(account, "R5", {"role": "never-made"})


def test_who_works_with_the_role_is_named(account: Account) -> None:
    new_role(account, "payroll-app")
    assumed = f"arn:aws:sts::{ACCOUNT}:assumed-role/payroll-app/i-0123"
    seen = (
        Observed(ARN, "ASIA1", "known", (), (), 99, None),
        Observed(assumed, "ASIA2", "suspect", (), (), 5, None),
        Observed(f"arn:aws:iam::{ACCOUNT}:role/payroll-app-2", "ASIA3", "known", (), (), 7, None),
        Observed("arn:aws:sts::444455556666:assumed-role/payroll-app/x", "ASIA4", "known", (), (), 1, None),
    )
    plan = plan_for(account, "R5", {"role": "payroll-app"}, PlanContext("inc-0001", observed=seen))
    assert [text.split()[2] for text in plan.affected] == [ARN, assumed]
