"""R7: one session is stopped, others of the same role and name are not."""

from __future__ import annotations

import json

import botocore.exceptions
import pytest
from botocore.credentials import Credentials

from bot.remediation.catalogue import remediation
from bot.remediation.contract import PlanContext
from bot.remediation.errors import BadTarget, NothingToDo, Refused, TargetMissing
from tests.aws.account import ACCOUNT, REGION, Account
from tests.remediation.doing import carry_out, plan_for
from tests.remediation.rows.cases import CONTEXT, new_role

SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role"


def opened(account: Account, role: str, name: str) -> Credentials:
    who = account.user(f"{role}-{name}-runner", allow="sts:*")
    made = account.of("sts", who).assume_role(
        RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{role}", RoleSessionName=name
    )["Credentials"]
    return Credentials(made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])


def test_one_session_is_stopped_and_the_next_one_not(account: Account) -> None:
    bucket = account.bucket("acme-one-session")
    new_role(account, "one-session")
    thief, honest = (opened(account, "one-session", name) for name in ("thief", "honest"))
    for one in (thief, honest):
        account.of("s3", one).get_object(Bucket=bucket, Key="2026/salaries.csv")

    wanted = {"bucket": bucket, "session": f"{SESSION}/one-session/thief"}
    plan = plan_for(account, "R7", wanted, CONTEXT)
    (statement,) = plan.after["Policy"]["Statement"]
    role = account.client("iam").get_role(RoleName="one-session")["Role"]["RoleId"]
    assert statement["Condition"] == {"StringEquals": {"aws:userid": f"{role}:thief"}}
    assert carry_out(account, plan).outcome == "verified"
    with pytest.raises(botocore.exceptions.ClientError, match="explicit deny in a resource-based policy"):
        account.of("s3", thief).get_object(Bucket=bucket, Key="2026/salaries.csv")
    account.of("s3", honest).get_object(Bucket=bucket, Key="2026/salaries.csv")
    with pytest.raises(NothingToDo):
        plan_for(account, "R7", wanted, CONTEXT)


def test_the_bots_own_sessions_are_refused_under_both_names(account: Account) -> None:
    bucket = account.bucket("acme-own-session")
    role = account.client("iam").get_role(RoleName="S3IncidentRemediate")["Role"]
    for session in (f"{SESSION}/S3IncidentRemediate/inc-0001.p1", f"{role['RoleId']}:inc-0001.p1"):
        with pytest.raises(Refused, match="is protected"):
            plan_for(account, "R7", {"bucket": bucket, "session": session}, CONTEXT)


def test_a_session_of_another_account_is_named_by_its_user_id(account: Account) -> None:
    bucket = account.bucket("acme-other-session")
    plan = plan_for(account, "R7", {"bucket": bucket, "session": "AROAFOREIGNFOREIGN1:x1"}, CONTEXT)
    assert plan.before["Role"] is None
    assert "AROAFOREIGNFOREIGN1:x1" in json.dumps(plan.after["Policy"])
    with pytest.raises(TargetMissing):
        plan_for(account, "R7", {"bucket": bucket, "session": f"{SESSION}/nobody/x1"}, PlanContext("i"))


@pytest.mark.parametrize(
    "session",
    ["", "x", "AROA*:x1", "AIDAEXAMPLEEXAMPLE1:x1", "arn:aws:sts::444455556666:assumed-role/theirs/x1"],
)
def test_what_is_no_session_is_refused(session: str) -> None:
    with pytest.raises(BadTarget):
        remediation("R7").target(ACCOUNT, REGION, {"bucket": "acme", "session": session})
