"""R15: these addresses are out, whoever calls; the bot and break-glass are not, from wherever they call."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.policy.document import parse
from bot.policy.evaluate import Policies, Request, evaluate
from bot.remediation.catalogue import remediation
from bot.remediation.contract import Observed
from bot.remediation.errors import BadTarget, NothingToDo
from tests.aws.account import ACCOUNT, REGION, Account
from tests.remediation.doing import carry_out, plan_for
from tests.remediation.rows.cases import CONTEXT, PUBLIC, new_bucket, policy, put_policy

THIEF = "203.0.113.9"
EVERYTHING = parse({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})


def outcome(account: Account, bucket: str, principal: str, address: str) -> str:
    text = account.client("s3").get_bucket_policy(Bucket=bucket)["Policy"]
    identity = () if principal == "anonymous" else (EVERYTHING,)
    keys = {"aws:SourceIp": address}
    request = Request(principal, "s3:GetObject", f"arn:aws:s3:::{bucket}/payslip", ACCOUNT, keys)
    return evaluate(request, Policies(identity=identity, resource=parse(text))).outcome


def test_the_addresses_are_denied_to_all_but_those_who_must_stay(account: Account) -> None:
    new_bucket(account, "acme-net-1")
    put_policy(account, "acme-net-1", policy(PUBLIC))
    wanted = {"bucket": "acme-net-1", "networks": THIEF}
    assert carry_out(account, plan_for(account, "R15", wanted, CONTEXT)).outcome == "verified"
    user = f"arn:aws:iam::{ACCOUNT}:user/ci-deploy"
    for principal, address, wanted_outcome in (
        (user, THIEF, "explicitly_denied"),
        (user, "198.51.100.7", "allowed"),
        ("anonymous", THIEF, "explicitly_denied"),
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/S3IncidentEvidence/inc-0001", THIEF, "allowed"),
    ):
        assert outcome(account, "acme-net-1", principal, address) == wanted_outcome
    with pytest.raises(NothingToDo, match="has this statement"):
        plan_for(account, "R15", wanted, CONTEXT)


def test_who_calls_from_there_is_named(account: Account) -> None:
    new_bucket(account, "acme-net-2")
    seen = (
        Observed("anonymous", None, "suspect", ("203.0.113.9",), (), 6, None),
        Observed(f"arn:aws:iam::{ACCOUNT}:user/maria", None, "known", ("198.51.100.7",), (), 3, None),
        Observed(f"arn:aws:iam::{ACCOUNT}:user/nightly", None, "known", ("s3.amazonaws.com",), (), 3, None),
    )
    wanted = {"bucket": "acme-net-2", "networks": "203.0.113.0/24"}
    plan = plan_for(account, "R15", wanted, replace(CONTEXT, observed=seen))
    assert [text.split()[2] for text in plan.affected if text.startswith("Calls by")] == ["anonymous"]
    assert "203.0.113.0/24" in plan.title


@pytest.mark.parametrize("networks", ["", "everywhere", "203.0.113.9, 999.1.1.1"])
def test_what_is_no_address_is_refused(networks: str) -> None:
    with pytest.raises(BadTarget):
        remediation("R15").target(ACCOUNT, REGION, {"bucket": "acme", "networks": networks})
