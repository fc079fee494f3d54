"""The roles that `s3incident iam-template` deploys: enough for every plan, and nothing that never may be."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.policy.document import Policy, parse
from bot.policy.evaluate import Policies, Request, evaluate
from bot.remediation.catalogue import listing
from bot.remediation.plan import Permission, Plan
from bot.remediation.roles import (
    MOST_CHARACTERS,
    boundary,
    evidence_documents,
    never_changed,
    reads,
    remediation_documents,
)
from bot.remediation.session_policy import session_policy
from tests.aws.account import ACCOUNT
from tests.remediation.samples import one_of_each

LOGS = "arn:aws:s3:::acme-trail/*"
OWN = [f"arn:aws:iam::{ACCOUNT}:role/S3Incident*", f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/*"]
BOUNDARY = boundary(never_changed(OWN, "NeverThese"))
REMEDIATION = tuple(parse(one, name) for name, one in remediation_documents().items())
PLANS: tuple[Plan, ...] = one_of_each()
each_plan = pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.remediation)


def resolved(document: dict[str, Any]) -> dict[str, Any]:
    """Without the statements that only a stack decides about."""
    return {**document, "Statement": [one for one in document["Statement"] if "Fn::If" not in one]}


EVIDENCE = tuple(
    parse(resolved(one), name) for name, one in evidence_documents(LOGS, "none", "HasLogKeys").items()
)


def outcome(permission: Permission, may: tuple[Policy, ...], session: Policy | None = None) -> str:
    """What AWS decides about the call that a permission is asked for."""
    tests = (permission.condition or {}).values()
    request = Request(
        principal=f"arn:aws:sts::{ACCOUNT}:assumed-role/S3Incident/inc-0001.p1",
        action=permission.action,
        resource=permission.resource,
        resource_account=ACCOUNT,
        context={key: value for test in tests for key, value in test.items()},
    )
    policies = Policies(identity=may, session=session, boundaries=(parse(BOUNDARY, "boundary"),))
    return evaluate(request, policies).outcome


def on_everything(action: str) -> Permission:
    return Permission(action=action, resource="*")


def test_there_is_a_plan_for_every_row() -> None:
    assert {plan.remediation for plan in PLANS} == {one.row for one in listing()}


@each_plan
def test_the_remediation_role_may_do_what_every_plan_asks_for(plan: Plan) -> None:
    session = parse(session_policy(plan), "session")
    for permission in [p for call in plan.calls for p in call.permissions] + list(plan.reads):
        if plan.calls:
            assert outcome(permission, REMEDIATION, session) == "allowed", permission
    for permission in [p for call in plan.undo for p in call.permissions]:
        assert outcome(permission, REMEDIATION) == "allowed", permission


@each_plan
def test_the_evidence_role_may_read_and_never_change(plan: Plan) -> None:
    assert {outcome(one, EVIDENCE) for one in plan.reads if reads(one.action)} <= {"allowed"}
    changes = [p for call in (*plan.calls, *plan.undo) for p in call.permissions if not reads(p.action)]
    assert {outcome(permission, EVIDENCE) for permission in changes} <= {
        "implicitly_denied",
        "explicitly_denied",
    }


def test_the_remediation_role_may_nothing_that_no_row_asks_for() -> None:
    asked = {action for row in listing() if row.mode == "automated" for action in row.permissions}
    statements = [one for document in remediation_documents().values() for one in document["Statement"]]
    actions = [one["Action"] for one in statements]
    may = {action for one in actions for action in ([one] if isinstance(one, str) else one)}
    assert may == asked


@pytest.mark.parametrize(
    "action",
    [
        *("s3:DeleteBucket", "s3:DeleteObjectVersion", "iam:CreateUser", "iam:CreateAccessKey"),
        *("kms:ScheduleKeyDeletion", "organizations:LeaveOrganization", "sts:AssumeRole"),
        *("cloudtrail:StopLogging", "cloudtrail:DeleteTrail"),
    ],
)
def test_the_boundary_keeps_from_what_no_step_may_do(action: str) -> None:
    everything = (parse({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}, "all"),)
    assert outcome(on_everything(action), everything) == "explicitly_denied"


@pytest.mark.parametrize(
    "action", ["iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:UpdateAssumeRolePolicy"]
)
def test_the_boundary_keeps_the_bot_from_its_own_roles(action: str) -> None:
    everything = (parse({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}, "all"),)
    own = Permission(action=action, resource=f"arn:aws:iam::{ACCOUNT}:role/S3IncidentRemediate")
    other = Permission(action=action, resource=f"arn:aws:iam::{ACCOUNT}:role/payroll-app")
    assert outcome(own, everything) == "explicitly_denied"
    assert outcome(other, everything) == "allowed"


def test_the_victims_objects_are_not_read_through_the_evidence_role() -> None:
    assert (
        outcome(Permission(action="s3:GetObject", resource="arn:aws:s3:::acme-trail/x"), EVIDENCE)
        == "allowed"
    )
    data = Permission(action="s3:GetObject", resource="arn:aws:s3:::acme-payroll/2026/salaries.csv")
    assert outcome(data, EVIDENCE) == "explicitly_denied"


def test_every_policy_fits_into_iam() -> None:
    logs = {"Ref": "ReadableObjects"}
    made = {**evidence_documents(logs, logs, "HasLogKeys"), **remediation_documents(), "boundary": BOUNDARY}
    assert len(made) <= 12
    for name, document in made.items():
        assert len("".join(json.dumps(document).split())) <= MOST_CHARACTERS, name


def test_service_linked_roles_are_made_for_the_service_that_a_row_switches_on_alone() -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/any.amazonaws.com/AWSServiceRoleForAny"

    def made_for(service: str) -> str:
        named = {"StringEquals": {"iam:AWSServiceName": service}}
        wanted = Permission(action="iam:CreateServiceLinkedRole", resource=role, condition=named)
        return outcome(wanted, REMEDIATION)

    assert made_for("access-analyzer.amazonaws.com") == "allowed"
    assert made_for("autoscaling.amazonaws.com") == "implicitly_denied"
