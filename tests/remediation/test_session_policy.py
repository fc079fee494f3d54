"""The session policy: the plan's permissions, no more and no fewer, within STS's limit."""

from __future__ import annotations

import json

import pytest

from bot.policy.document import parse
from bot.policy.evaluate import Policies, Request, evaluate
from bot.remediation.errors import SplitStep
from bot.remediation.plan import Permission, Plan
from bot.remediation.session_policy import session_policy
from tests.remediation.samples import deny_all, remove_public


def allows(policy: str, action: str, resource: str, **context: str) -> bool:
    request = Request(
        principal="arn:aws:iam::111122223333:role/R",
        action=action,
        resource=resource,
        resource_account="111122223333",
        context=context,
    )
    return evaluate(request, Policies(identity=(parse(policy),))).allowed


def test_it_is_the_calls_and_the_reads_without_spaces() -> None:
    text = session_policy(remove_public("acme"))
    assert text == (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow",'
        '"Action":["s3:PutBucketPolicy","s3:GetBucketPolicy"],"Resource":"arn:aws:s3:::acme"}]}'
    )


def test_only_awsdenyall_can_be_attached_and_only_to_that_user() -> None:
    plan = deny_all("ci")
    text = session_policy(plan)
    arn, deny = plan.target.id, "arn:aws:iam::aws:policy/AWSDenyAll"
    assert allows(text, "iam:AttachUserPolicy", arn, **{"iam:PolicyARN": deny})
    assert not allows(
        text, "iam:AttachUserPolicy", arn, **{"iam:PolicyARN": deny.replace("DenyAll", "Admin")}
    )
    assert not allows(text, "iam:AttachUserPolicy", arn.replace("/ci", "/other"), **{"iam:PolicyARN": deny})
    assert not allows(text, "iam:DetachUserPolicy", arn, **{"iam:PolicyARN": deny})
    assert allows(text, "iam:GetUser", arn)


def test_one_statement_for_each_resource_and_condition() -> None:
    plan = with_reads(
        Permission(action="iam:GetUser", resource="a"),
        Permission(action="iam:GetUser", resource="b"),
        Permission(action="iam:ListAccessKeys", resource="a"),
        Permission(action="iam:GetUser", resource="a"),
    )
    statements = json.loads(session_policy(plan))["Statement"][1:]
    assert [(one["Resource"], one["Action"]) for one in statements] == [
        ("a", ["iam:GetUser", "iam:ListAccessKeys"]),
        ("b", ["iam:GetUser"]),
    ]


def test_a_policy_of_more_than_2048_characters_is_refused_not_cut() -> None:
    room = 2048 - len(session_policy(with_reads(Permission(action="s3:GetObject", resource=""))))
    fits = with_reads(Permission(action="s3:GetObject", resource="x" * room))
    assert len(session_policy(fits)) == 2048
    with pytest.raises(SplitStep, match="need 2049 characters"):
        session_policy(with_reads(Permission(action="s3:GetObject", resource="x" * (room + 1))))


def with_reads(*permissions: Permission) -> Plan:
    return deny_all("ci").model_copy(update={"reads": permissions})
