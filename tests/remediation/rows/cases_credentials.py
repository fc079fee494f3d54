"""The cases of the credentials' rows that change IAM."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from bot.remediation.plan import State
from tests.aws.account import ACCOUNT, Account
from tests.remediation.rows.cases import Case, new_role

# -- who may assume a role -----------------------------------------------------------------------------

PARTNER = "arn:aws:iam::444455556666:root"


def trusts(principal: Any, *, effect: str = "Allow", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Principal": principal, "Action": "sts:AssumeRole", **more}


def trust(*statements: dict[str, Any]) -> State:
    return {"Trust": {"Version": "2012-10-17", "Statement": list(statements)}}


def put_trust(account: Account, name: str, state: State) -> None:
    document = json.dumps(state["Trust"])
    account.client("iam").update_assume_role_policy(RoleName=name, PolicyDocument=document)


OWN = trusts({"AWS": ACCOUNT, "Service": ["ec2.amazonaws.com"]})
OUTSIDE = trusts({"AWS": [PARTNER, f"arn:aws:iam::{ACCOUNT}:root"]})
EVERYBODY = trusts({"AWS": "*"})
ORGANIZATION = trusts({"AWS": "*"}, Condition={"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}})
GOOGLE = {**trusts({"Federated": "accounts.google.com"}), "Action": "sts:AssumeRoleWithWebIdentity"}
DENY = trusts({"AWS": PARTNER}, effect="Deny")
_KEPT = st.lists(st.sampled_from([OWN, ORGANIZATION, DENY]), unique_by=repr)
RESTRICT_TRUST = Case(
    "R6",
    make=new_role,
    states=st.builds(
        lambda kept, out: trust(*kept[:1], *out, *kept[1:]),
        _KEPT,
        st.lists(st.sampled_from([OUTSIDE, EVERYBODY, GOOGLE]), unique_by=repr, min_size=1),
    ),
    put=put_trust,
    drift=lambda account, name: put_trust(account, name, trust(OWN, DENY)),
    examples=(trust(OWN, OUTSIDE, EVERYBODY),),
    wanted=lambda _, name: {"role": name},
    known=lambda name: ({"role": name}, {"Role": name, "Arn": f"arn:aws:iam::{ACCOUNT}:role/{name}"}),
)

CASES: tuple[Case, ...] = (RESTRICT_TRUST,)
