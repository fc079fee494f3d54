"""R14: one principal is out with all its sessions, everybody else goes on, the bot too."""

from __future__ import annotations

from dataclasses import replace

import pytest
from botocore.exceptions import ClientError

from bot.remediation.catalogue import remediation
from bot.remediation.contract import Observed
from bot.remediation.errors import BadTarget, NothingToDo, Refused
from bot.remediation.undo import undo_plan
from tests.aws.account import ACCOUNT, REGION, REMEDIATION_ROLE, Account
from tests.remediation.doing import carry_out, plan_for
from tests.remediation.rows.cases import CONTEXT, PARTNER, TLS, new_bucket, new_role, policy, put_policy
from tests.remediation.rows.test_revoke_sessions import session


def user_arn(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:user/{name}"


def test_the_user_is_out_and_others_go_on_until_the_undo(account: Account) -> None:
    bucket = account.bucket("acme-deny-1")
    thief, innocent = (account.of("s3", account.user(f"{who}-d1")) for who in ("thief", "payroll"))
    plan = plan_for(account, "R14", {"bucket": bucket, "principal": user_arn("thief-d1")}, CONTEXT)
    assert carry_out(account, plan).outcome == "verified"
    with pytest.raises(ClientError, match="explicit deny in a resource-based policy"):
        thief.list_objects_v2(Bucket=bucket)
    innocent.list_objects_v2(Bucket=bucket)
    assert carry_out(account, undo_plan(plan)).outcome == "verified"
    thief.list_objects_v2(Bucket=bucket)


def test_a_role_is_out_with_all_its_sessions_and_also_after_it_was_deleted(account: Account) -> None:
    bucket = account.bucket("acme-deny-2")
    new_role(account, "thief-d2")
    stolen = session(account, "thief-d2", account.user("runner-d2", allow="sts:AssumeRole"))
    arn = f"arn:aws:iam::{ACCOUNT}:role/thief-d2"
    plan = plan_for(account, "R14", {"bucket": bucket, "principal": arn}, CONTEXT)
    carry_out(account, plan)
    with pytest.raises(ClientError, match="explicit deny"):
        stolen.list_objects_v2(Bucket=bucket)
    account.client("iam").delete_role_policy(RoleName="thief-d2", PolicyName="work")
    account.client("iam").delete_role(RoleName="thief-d2")
    s3 = account.client("s3")
    s3.put_bucket_policy(Bucket=bucket, Policy=s3.get_bucket_policy(Bucket=bucket)["Policy"])


def test_the_other_statements_stay_as_they_are(account: Account) -> None:
    new_bucket(account, "acme-deny-3")
    put_policy(account, "acme-deny-3", policy(PARTNER, TLS))
    plan = plan_for(account, "R14", {"bucket": "acme-deny-3", "principal": "444455556666"}, CONTEXT)
    assert plan.after["Policy"]["Statement"][:2] == [PARTNER, TLS]
    assert carry_out(account, plan).state == plan.after
    with pytest.raises(NothingToDo, match="already"):
        plan_for(account, "R14", {"bucket": "acme-deny-3", "principal": "444455556666"}, CONTEXT)


def test_a_second_principal_gets_a_statement_of_its_own(account: Account) -> None:
    bucket = account.bucket("acme-deny-4")
    for name in ("one", "two"):
        wanted = {"bucket": bucket, "principal": user_arn(name)}
        assert carry_out(account, plan_for(account, "R14", wanted, CONTEXT)).outcome == "verified"
    statements = plan_for(account, "R14", {"bucket": bucket, "principal": user_arn("three")}, CONTEXT)
    assert len({one["Sid"] for one in statements.after["Policy"]["Statement"]}) == 3


@pytest.mark.parametrize(
    ("principal", "why"),
    [
        (REMEDIATION_ROLE, "is protected"),
        (
            REMEDIATION_ROLE.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/") + "/inc-1",
            "protected",
        ),
        (f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/x/AWSServiceRoleForX", "is protected"),
        (ACCOUNT, "never locks out its owner"),
    ],
)
def test_the_bot_and_the_account_itself_are_never_denied(account: Account, principal: str, why: str) -> None:
    bucket = f"acme-deny-own-{abs(hash(principal)) % 10**8}"
    new_bucket(account, bucket)
    with pytest.raises(Refused, match=why):
        plan_for(account, "R14", {"bucket": bucket, "principal": principal}, CONTEXT)


@pytest.mark.parametrize("principal", ["", "*", "payroll-app", "arn:aws:s3:::acme"])
def test_what_is_no_principal_is_refused(principal: str) -> None:
    with pytest.raises(BadTarget):
        remediation("R14").target(ACCOUNT, REGION, {"bucket": "acme", "principal": principal})


def test_whose_calls_stop_is_named(account: Account) -> None:
    new_bucket(account, "acme-deny-5")
    seen = (
        Observed(f"arn:aws:sts::{ACCOUNT}:assumed-role/app/s", "ASIA1", "suspect", (), (), 5, None),
        Observed(user_arn("app"), "AKIA1", "known", (), (), 7, None),
        Observed("arn:aws:iam::444455556666:user/partner", None, "known", (), (), 1, None),
    )
    context = replace(CONTEXT, observed=seen)
    for principal, stops in (
        (f"arn:aws:iam::{ACCOUNT}:role/app", [seen[0].principal]),
        (user_arn("app"), [seen[1].principal]),
        ("444455556666", [seen[2].principal]),
    ):
        plan = plan_for(account, "R14", {"bucket": "acme-deny-5", "principal": principal}, context)
        named = [text.split()[2] for text in plan.affected if text.startswith("Calls by")]
        assert named == stops
        assert principal in plan.title


def test_the_role_that_replicates_into_the_bucket_is_not_stopped(account: Account) -> None:
    """Nothing in the destination names it: planning asks the other buckets of the account."""
    new_bucket(account, "acme-deny-4")
    role = f"arn:aws:iam::{ACCOUNT}:role/copies-to-archive"
    wanted = {"bucket": "acme-deny-4", "principal": role}
    plan_for(account, "R14", wanted, CONTEXT)
    with pytest.raises(Refused, match=r"s3:ReplicateObject.*replication"):
        plan_for(account, "R14", wanted, replace(CONTEXT, replicating=(role,)))
