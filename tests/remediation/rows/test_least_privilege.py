"""R12: what nobody but the attacker used goes, and what the evidence cannot tell stays."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.remediation.catalogue import remediation
from bot.remediation.contract import PlanContext
from bot.remediation.errors import BadTarget, NothingToDo, Refused
from bot.remediation.plan import Plan
from tests.aws.account import ACCOUNT, REGION
from tests.remediation.doing import CONTEXT
from tests.remediation.rows.cases_credentials import (
    RIGHTS,
    Requests,
    allow,
    document,
    recorded,
    suspect,
    used_by,
)

ACME = f"arn:aws:iam::{ACCOUNT}:user/acme"
S3 = allow("S3")
BUCKET = "arn:aws:s3:::acme"
READ = recorded(ACME, "s3:GetObject", f"{BUCKET}/in/a.csv")
LISTED = recorded(ACME, "s3:ListBucket", BUCKET)
LOOKED = recorded(ACME, "ec2:DescribeInstances", "*")


def pure(context: PlanContext, *statements: dict[str, Any], **wanted: str) -> Plan:
    kind = remediation("R12")
    target = kind.target(ACCOUNT, REGION, wanted or {"user": "acme", "policy": "work"})
    state = {"Arn": ACME, "PolicyName": "work", "Document": document(*statements)}
    return kind.plan(target, state, context)


def known(*made: Any, unseen: tuple[str, ...] = ()) -> PlanContext:
    return suspect(ACME, log=Requests(made, unseen))


def test_what_only_the_attacker_used_goes() -> None:
    plan = pure(used_by("acme"), S3)
    (left,) = plan.after["Document"]["Statement"]
    assert (left["Action"], left["Resource"]) == (["s3:GetObject"], [f"{BUCKET}/in/*"])
    assert any("The evidence is of 3 days" in one for one in plan.warnings)


def test_objects_that_were_not_recorded_stay_and_it_is_said() -> None:
    context = known(LOOKED, unseen=("object reads",))
    plan = pure(context, S3, allow("All", "ec2:*"))
    objects, machines = plan.after["Document"]["Statement"]
    assert "s3:GetObject" in objects["Action"]
    assert machines["Action"] == ["ec2:DescribeInstances"]
    assert any("stay allowed as they are" in one for one in plan.warnings)


def test_where_there_is_nothing_but_objects_it_is_refused() -> None:
    context = known(READ, unseen=("object reads", "object writes"))
    with pytest.raises(Refused, match="cannot be narrowed, and there is nothing else"):
        pure(context, allow("Read", "s3:GetObject"))


def test_a_condition_that_the_log_does_not_tell_of_is_not_taken_for_unmet() -> None:
    tagged = {**S3, "Condition": {"StringEquals": {"aws:PrincipalTag/team": "data"}}}
    (left,) = pure(known(READ), tagged).after["Document"]["Statement"]
    assert left["Condition"] == tagged["Condition"]
    assert left["Action"] == ["s3:GetObject"]


def test_refused_requests_are_no_use() -> None:
    context = known(READ, replace(LISTED, allowed=False))
    (left,) = pure(context, S3).after["Document"]["Statement"]
    assert left["Action"] == ["s3:GetObject"]


@pytest.mark.parametrize(
    ("context", "why"),
    [
        (CONTEXT, "no evidence yet"),
        (known(READ, unseen=("management events",)), "Management events were not recorded"),
        (replace(known(READ), observed=()), "is none: of it there is only what touched the bucket"),
        (known(replace(READ, attacker=True)), "no use of the"),
        (known(), "no use of the"),
        (replace(known(READ), protected=("acme",)), "is protected"),
    ],
)
def test_what_is_not_known_is_not_guessed(context: PlanContext, why: str) -> None:
    with pytest.raises(Refused, match=why):
        pure(context, S3)


def test_what_is_narrow_stays() -> None:
    narrow = {**allow("Read"), "Action": ["s3:GetObject"], "Resource": [f"{BUCKET}/in/*"]}
    with pytest.raises(NothingToDo):
        pure(known(READ), narrow)


def test_a_policy_of_somebody_else_too_is_refused() -> None:
    kind = remediation("R12")
    target = kind.target(ACCOUNT, REGION, {"policy_arn": RIGHTS[0][0]["policy_arn"]})
    state = {
        **RIGHTS[0][1],
        "AttachedTo": {"user/acme": ACME, "group/team": ACME.replace("user/acme", "group/t")},
    }
    with pytest.raises(Refused, match="group/t is none"):
        kind.plan(target, state, known(READ))


@pytest.mark.parametrize(
    "wanted", [{"user": "acme"}, {"group": "team", "policy": "work"}, {"policy": "work"}]
)
def test_what_names_no_policy_is_refused(wanted: dict[str, str]) -> None:
    with pytest.raises(BadTarget):
        remediation("R12").target(ACCOUNT, REGION, wanted)
