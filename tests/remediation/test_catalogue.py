"""The catalogue itself, and what holds for every row of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.remediation import rows
from bot.remediation.catalogue import listing, remediation
from bot.remediation.errors import NoSuchRemediation, RemediationError
from bot.remediation.plan import Plan, state_hash
from bot.remediation.session_policy import LIMIT, session_policy
from tests.remediation.samples import one_of_each

#: Service Authorization Reference: actions on the account have no resource.
WITHOUT_RESOURCE = {
    *("s3:PutAccountPublicAccessBlock", "s3:GetAccountPublicAccessBlock", "s3:ListAllMyBuckets"),
    "cloudtrail:DescribeTrails",
    "iam:ListVirtualMFADevices",
    *("iam:GetAccountSummary", "ec2:DescribeVpcEndpoints", "sso:ListInstances"),
    *("support:DescribeTrustedAdvisorChecks", "support:DescribeTrustedAdvisorCheckResult"),
    # Config chooses the ids by which rules are named in ARNs.
    *("config:PutConfigRule", "config:DeleteConfigRule"),
    # Their resources are the organization's and the identity store's, whose ids only reading them tells.
    *("organizations:DescribeOrganization", "organizations:ListPoliciesForTarget"),
    *("organizations:DescribePolicy", "identitystore:GetUserId", "identitystore:DescribeUser"),
    # On whatever key an object is encrypted with: only S3 may use it, in the name of the step.
    *("kms:Decrypt", "kms:GenerateDataKey"),
}


def objects(plan: Plan) -> str:
    """The objects that a change of very many of them may touch; its list says which ones it does."""
    swept = any(call.each for call in plan.calls)
    return f"{plan.target.id}/{plan.target.params['prefix']}*" if swept else ""


def test_rows_and_names_are_unique() -> None:
    all_rows = listing()
    assert len({one.row for one in all_rows}) == len({one.name for one in all_rows}) == len(all_rows)
    assert all(remediation(one.row) is one for one in all_rows)


def test_every_file_of_the_room_is_a_row_and_in_the_order_of_containment() -> None:
    files = {path.stem for path in Path(rows.__file__ or "").parent.glob("*.py")} - {"__init__", "wording"}
    assert {type(one).__module__.rpartition(".")[2] for one in listing()} == files
    order = [one.order for one in listing()]
    assert order == sorted(set(order))
    assert [one.row for one in listing()][:4] == ["R2", "R4", "R3", "R1"]


def test_an_unknown_row_is_answered_with_those_there_are() -> None:
    with pytest.raises(NoSuchRemediation, match="no remediation R99; there are R1, R2, R3, R4, "):
        remediation("R99")
    assert issubclass(NoSuchRemediation, RemediationError)


def arns_in(state: object) -> set[str]:
    """What the state names by its ARN: groups that a user leaves, instance profiles that a role does."""
    if isinstance(state, dict):
        return {arn for part in (*state, *state.values()) for arn in arns_in(part)}
    if isinstance(state, list | tuple):
        return {arn for part in state for arn in arns_in(part)}
    return {state} if isinstance(state, str) and state.startswith("arn:") and "*" not in state else set()


@pytest.mark.parametrize("plan", one_of_each(), ids=lambda plan: plan.remediation)
class TestEveryPlan:
    def test_starts_from_the_state_it_shows(self, plan: Plan) -> None:
        assert plan.base_hash == state_hash(plan.before)
        assert plan.final_hash == state_hash(plan.after)
        assert plan.base_hash != plan.final_hash

    def test_can_be_undone_to_where_it_started(self, plan: Plan) -> None:
        kind = remediation(plan.remediation)
        if kind.reversible and (plan.undo or not plan.irreversible):
            assert plan.undo[-1].after == state_hash(kind.undone(plan.before))
        else:
            assert plan.undo == ()
            assert plan.irreversible

    def test_asks_for_a_permission_for_every_call_on_an_exact_arn(self, plan: Plan) -> None:
        for permission in [p for call in (*plan.calls, *plan.undo) for p in call.permissions]:
            assert "*" not in permission.action
            exact = {plan.target.id, f"arn:aws:s3:::{plan.target.params.get('log_bucket')}", objects(plan)}
            exact |= arns_in(plan.before) | set(plan.target.params.values())
            assert permission.resource in exact or permission.action in WITHOUT_RESOURCE
        changes = {p.action for call in (*plan.calls, *plan.undo) for p in call.permissions}
        for permission in plan.reads:
            assert permission.action not in changes
            without = plan.target.kind == "account" or permission.action in WITHOUT_RESOURCE
            assert permission.resource == objects(plan) or "*" not in permission.resource or without
        assert all(call.permissions for call in (*plan.calls, *plan.undo))

    def test_fits_into_a_session_policy(self, plan: Plan) -> None:
        assert len(session_policy(plan)) <= LIMIT

    def test_says_who_feels_it(self, plan: Plan) -> None:
        assert plan.affected
        assert plan.warnings
        assert plan.title.startswith(plan.verb.split()[0])
