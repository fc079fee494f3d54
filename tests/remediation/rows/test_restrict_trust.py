"""R6: what is special about trust policies: who is outside, who was deleted, what stays."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.remediation.catalogue import remediation
from bot.remediation.contract import Observed, PlanContext
from bot.remediation.errors import BadTarget, NothingToDo, Refused
from bot.remediation.plan import Plan
from bot.remediation.trust_policy import NOBODY
from bot.remediation.undo import undo_plan
from tests.aws.account import ACCOUNT, REGION, Account
from tests.remediation.doing import CONTEXT, carry_out, plan_for
from tests.remediation.rows.cases import new_role
from tests.remediation.rows.cases_credentials import (
    DENY,
    EVERYBODY,
    GOOGLE,
    ORGANIZATION,
    OUTSIDE,
    OWN,
    PARTNER,
    put_trust,
    trust,
    trusts,
)

ROLE = f"arn:aws:iam::{ACCOUNT}:role/entry"


def pure(*statements: dict[str, Any], context: PlanContext = CONTEXT, **wanted: str) -> Plan:
    kind = remediation("R6")
    target = kind.target(ACCOUNT, REGION, {"role": "entry", **wanted})
    return kind.plan(target, {"Role": "entry", "Arn": ROLE, **trust(*statements)}, context)


def after(plan: Plan) -> list[Any]:
    statements: list[Any] = plan.after["Trust"]["Statement"]
    return statements


def test_only_who_is_outside_goes() -> None:
    plan = pure(OWN, OUTSIDE, EVERYBODY, ORGANIZATION, DENY)
    mine = trusts({"AWS": [f"arn:aws:iam::{ACCOUNT}:root"]})
    assert after(plan) == [OWN, mine, ORGANIZATION, DENY]
    assert plan.title == f"Take {PARTNER}, * out of the trust policy of entry"
    assert "Everybody in the world can no longer assume entry." in plan.affected


@pytest.mark.parametrize(
    "provider",
    [
        "accounts.google.com",
        "cognito-identity.amazonaws.com",
        "arn:aws:iam::444455556666:saml-provider/theirs",
        "arn:aws:iam::444455556666:oidc-provider/token.actions.githubusercontent.com",
    ],
)
def test_identity_providers_of_others_go(provider: str) -> None:
    own = trusts({"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/ours"})
    assert after(pure(own, trusts({"Federated": provider}))) == [own]


def test_where_nobody_is_left_a_deny_stands() -> None:
    plan = pure(EVERYBODY, DENY)
    assert after(plan) == [DENY, NOBODY]
    assert any("Nobody is left" in one for one in plan.warnings)


@pytest.mark.parametrize(
    ("principal", "left"),
    [
        (PARTNER, trusts({"AWS": ["arn:aws:iam::444455556666:user/bob", ACCOUNT]})),
        ("444455556666", trusts({"AWS": [ACCOUNT]})),
        (f"{PARTNER}, arn:aws:iam::444455556666:user/bob", trusts({"AWS": [ACCOUNT]})),
    ],
)
def test_one_who_is_named_goes(principal: str, left: dict[str, Any]) -> None:
    both = trusts({"AWS": [PARTNER, "arn:aws:iam::444455556666:user/bob", ACCOUNT]})
    assert after(pure(both, GOOGLE, principal=principal)) == [left, GOOGLE]


def test_somebody_inside_can_be_named_too() -> None:
    assert after(pure(OWN, principal=ACCOUNT)) == [trusts({"Service": ["ec2.amazonaws.com"]})]
    assert after(pure(OWN, principal="ec2.amazonaws.com")) == [trusts({"AWS": ACCOUNT})]


def test_nothing_to_do_says_so() -> None:
    with pytest.raises(NothingToDo, match="nobody from outside"):
        pure(OWN, ORGANIZATION, DENY)
    with pytest.raises(NothingToDo, match="does not let in 999900001111"):
        pure(OUTSIDE, principal="999900001111")


def test_who_comes_in_by_it_is_told() -> None:
    seen = Observed(f"{PARTNER[:-4]}user/bob", None, "suspect", ("198.51.100.7",), ("aws-cli",), 7, None)
    context = PlanContext("inc-0001", observed=(seen,))
    assert f"{seen.principal} was seen in the evidence (7 calls) and comes in no more by this role." in (
        pure(OUTSIDE, context=context).affected
    )


@pytest.mark.parametrize(
    "arn",
    [
        f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/s3.amazonaws.com/AWSServiceRoleForX",
        f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_1",
        ROLE,
    ],
)
def test_protected_roles_are_refused(arn: str) -> None:
    kind = remediation("R6")
    target = kind.target(ACCOUNT, REGION, {"role": arn})
    with pytest.raises(Refused):
        kind.plan(target, {"Role": "x", "Arn": arn, **trust(EVERYBODY)}, PlanContext("i", protected=(ROLE,)))


def test_a_principal_of_another_account_is_no_role() -> None:
    with pytest.raises(BadTarget):
        remediation("R6").target(ACCOUNT, REGION, {"role": PARTNER})


def test_who_was_deleted_goes_out_for_good(account: Account) -> None:
    """IAM shows a deleted user by its id, and would refuse a document that has it."""
    iam = account.client("iam")
    new_role(account, "entry")
    guest = iam.create_user(UserName="guest")["User"]
    put_trust(account, "entry", trust(trusts({"AWS": [guest["Arn"], PARTNER, ACCOUNT]})))
    iam.delete_user(UserName="guest")

    plan = plan_for(account, "R6", {"role": "entry"})
    assert guest["UserId"] in json.dumps(plan.before)
    assert after(plan) == [trusts({"AWS": [ACCOUNT]})]
    assert any(guest["UserId"] in one for one in plan.irreversible)
    assert carry_out(account, plan).outcome == "verified"
    undone = carry_out(account, undo_plan(plan))
    assert undone.outcome == "verified"
    assert undone.state is not None
    assert undone.state["Trust"]["Statement"] == [trusts({"AWS": [PARTNER, ACCOUNT]})]
