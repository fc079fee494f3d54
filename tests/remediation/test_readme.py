"""The room's README: its table is the catalogue's, its policies are those of the sandbox's account."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.policy.document import Policy, parse
from bot.policy.evaluate import Policies, Request, evaluate
from bot.remediation.catalogue import listing, remediation
from bot.remediation.listing import table
from bot.remediation.plan import Permission, Plan
from bot.remediation.session_policy import session_policy
from bot.sandbox.scenarios import policies
from tests.aws.account import ACCOUNT
from tests.remediation.samples import one_of_each

README = Path(__file__).parents[2] / "bot" / "remediation" / "README.md"
ROLE = "arn:aws:iam::ACCOUNT:role/"


#: For each row, a plan of every form that its calls can take.
PLANS: tuple[Plan, ...] = one_of_each()


def documents() -> dict[str, Any]:
    """The policies of the README, by the heading that each stands under."""
    found = {}
    for part in README.read_text(encoding="utf-8").split("\n### ")[1:]:
        heading, _, body = part.partition("\n")
        found[heading] = json.loads(body.partition("```json\n")[2].partition("```")[0])
    return found


#: What the sandbox's account really has, with the README's placeholders.
GIVEN = {
    "Base identity: permissions": policies.bot_base(
        f"{ROLE}S3IncidentEvidence", f"{ROLE}S3IncidentRemediate"
    ),
    "Evidence role: trust": policies.bot_trust(
        "arn:aws:iam::ACCOUNT:user/s3incident", "EXTERNAL-ID", sourced=False
    ),
    "Evidence role: permissions": policies.evidence("TRAIL-BUCKET"),
    "Remediation role: trust": policies.bot_trust(
        "arn:aws:iam::ACCOUNT:user/s3incident", "EXTERNAL-ID", sourced=True
    ),
    "Remediation role: permissions": policies.remediation(),
}


def role(heading: str) -> Policy:
    return parse(documents()[heading], heading)


def outcome(permission: Permission, may: Policy, session: Policy | None = None) -> str:
    """What AWS decides about the call that a permission is asked for."""
    tests = (permission.condition or {}).values()
    request = Request(
        principal=f"arn:aws:sts::{ACCOUNT}:assumed-role/S3Incident/inc-0001.p1",
        action=permission.action,
        resource=permission.resource,
        resource_account=ACCOUNT,
        context={key: value for test in tests for key, value in test.items()},
    )
    return evaluate(request, Policies(identity=(may,), session=session)).outcome


def test_there_is_a_plan_for_every_row() -> None:
    assert {plan.remediation for plan in PLANS} == {one.row for one in listing()}


def test_the_table_is_what_the_catalogue_says() -> None:
    wanted = table(listing())
    assert wanted in README.read_text(encoding="utf-8"), f"Put this table there:\n{wanted}"


@pytest.mark.parametrize("row", [one.row for one in listing()])
def test_what_the_undo_brings_back_is_quoted(row: str) -> None:
    assert remediation(row).undo_warning in " ".join(README.read_text(encoding="utf-8").split())


@pytest.mark.parametrize("heading", GIVEN)
def test_the_policies_are_those_that_the_sandbox_proves(heading: str) -> None:
    wanted = json.loads(GIVEN[heading])
    assert documents()[heading] == wanted, f"Put this policy there:\n{json.dumps(wanted, indent=2)}"


def test_no_other_policy_is_given() -> None:
    assert documents().keys() == GIVEN.keys()


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.remediation)
def test_the_remediation_role_may_do_what_every_plan_asks_for(plan: Plan) -> None:
    may, session = role("Remediation role: permissions"), parse(session_policy(plan), "session")
    for permission in [p for call in plan.calls for p in call.permissions] + list(plan.reads):
        assert outcome(permission, may, session) == "allowed", permission
    for permission in [p for call in plan.undo for p in call.permissions]:
        assert outcome(permission, may) == "allowed", permission


def test_what_the_remediation_role_may_beyond_the_table_is_what_the_text_says() -> None:
    statements = documents()["Remediation role: permissions"]["Statement"]
    may = {action for one in statements if one["Effect"] == "Allow" for action in one["Action"]}
    asked = {p.action for plan in PLANS for call in (*plan.calls, *plan.undo) for p in call.permissions}
    reads = {permission.action for plan in PLANS for permission in plan.reads}
    more = {"iam:GetAccessKeyLastUsed", "s3:GetBucketPolicyStatus", "s3:GetBucketPublicAccessBlock"}
    assert may == asked | reads | more


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.remediation)
def test_the_evidence_role_may_read_and_never_change(plan: Plan) -> None:
    may = role("Evidence role: permissions")
    assert {outcome(permission, may) for permission in plan.reads} == {"allowed"}
    changes = [p for call in (*plan.calls, *plan.undo) for p in call.permissions]
    assert {outcome(permission, may) for permission in changes} == {"implicitly_denied"}
