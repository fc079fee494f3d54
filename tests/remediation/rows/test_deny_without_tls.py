"""R17: plain http is denied once, whoever wrote the statement."""

from __future__ import annotations

import pytest

from bot.policy.document import parse
from bot.policy.evaluate import Policies, Request, evaluate
from bot.remediation.errors import NothingToDo
from bot.sandbox.scenarios.policies import tls_only
from tests.aws.account import ACCOUNT, Account
from tests.remediation.doing import carry_out, plan_for
from tests.remediation.rows.cases import CONTEXT, PARTNER, new_bucket, policy, put_policy


@pytest.mark.parametrize(("tls", "outcome"), [("false", "explicitly_denied"), ("true", "allowed")])
def test_only_requests_without_tls_are_denied(account: Account, tls: str, outcome: str) -> None:
    name = f"acme-tls-{tls}"
    new_bucket(account, name)
    put_policy(account, name, policy(PARTNER))
    plan = plan_for(account, "R17", {"bucket": name}, CONTEXT)
    assert carry_out(account, plan).outcome == "verified"
    text = account.client("s3").get_bucket_policy(Bucket=name)["Policy"]
    request = Request(
        "arn:aws:iam::444455556666:user/partner",
        "s3:GetObject",
        f"arn:aws:s3:::{name}/payslip",
        ACCOUNT,
        {"aws:SecureTransport": tls},
    )
    everything = parse({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
    assert evaluate(request, Policies(identity=(everything,), resource=parse(text))).outcome == outcome


def test_a_statement_of_another_name_that_does_it_is_enough(account: Account) -> None:
    new_bucket(account, "acme-tls-own")
    put_policy(account, "acme-tls-own", policy(tls_only("acme-tls-own")))
    with pytest.raises(NothingToDo, match="DenyInsecureTransport"):
        plan_for(account, "R17", {"bucket": "acme-tls-own"}, CONTEXT)
