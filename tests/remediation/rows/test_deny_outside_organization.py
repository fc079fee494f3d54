"""R16: outsiders are out, services and named accounts are not, and never the bot."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.policy.document import parse
from bot.policy.evaluate import Policies, Request, evaluate
from bot.remediation.catalogue import remediation
from bot.remediation.contract import Observed
from bot.remediation.errors import BadTarget, Refused
from tests.aws.account import ACCOUNT, REGION, Account
from tests.remediation.doing import carry_out, plan_for
from tests.remediation.rows.cases import CONTEXT, ORGANIZATION, new_bucket

EVERYTHING = parse({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})


@pytest.mark.parametrize(
    ("keys", "outcome"),
    [
        ({"aws:PrincipalOrgID": ORGANIZATION}, "allowed"),
        ({"aws:PrincipalOrgID": "o-somebodyelse"}, "explicitly_denied"),
        ({"aws:PrincipalOrgID": "o-vendor1234", "aws:PrincipalAccount": "444455556666"}, "allowed"),
    ],
)
def test_only_the_organization_and_named_accounts_stay(
    account: Account, keys: dict[str, str], outcome: str
) -> None:
    bucket = f"acme-org-{len(keys)}-{outcome.replace('_', '-')}"
    new_bucket(account, bucket)
    wanted = {"bucket": bucket, "organization": ORGANIZATION, "accounts": "444455556666"}
    assert carry_out(account, plan_for(account, "R16", wanted, CONTEXT)).outcome == "verified"
    text = account.client("s3").get_bucket_policy(Bucket=bucket)["Policy"]
    principal = f"arn:aws:iam::{ACCOUNT}:user/x"
    request = Request(principal, "s3:GetObject", f"arn:aws:s3:::{bucket}/x", ACCOUNT, keys)
    assert evaluate(request, Policies(identity=(EVERYTHING,), resource=parse(text))).outcome == outcome


@pytest.mark.parametrize("known", [{}, {"aws:PrincipalOrgID": "o-another1234"}])
def test_where_the_bot_is_not_known_to_be_inside_it_is_refused(
    account: Account, known: dict[str, str]
) -> None:
    bucket = f"acme-org-refused-{len(known)}"
    new_bucket(account, bucket)
    wanted = {"bucket": bucket, "organization": ORGANIZATION}
    with pytest.raises(Refused, match="never locks out its owner"):
        plan_for(account, "R16", wanted, replace(CONTEXT, known=known))


def test_who_is_kept_out_is_named(account: Account) -> None:
    new_bucket(account, "acme-org-seen")
    seen = (
        Observed("arn:aws:iam::444455556666:user/vendor", None, "known", (), (), 6, None),
        Observed("arn:aws:iam::777788889999:user/thief", None, "suspect", (), (), 3, None),
    )
    wanted = {"bucket": "acme-org-seen", "organization": ORGANIZATION, "accounts": "444455556666"}
    plan = plan_for(account, "R16", wanted, replace(CONTEXT, observed=seen))
    named = [text.split()[2] for text in plan.affected if text.startswith("Calls by")]
    assert named == ["arn:aws:iam::777788889999:user/thief"]


@pytest.mark.parametrize("more", [{}, {"organization": "acme"}, {"organization": "o-1", "accounts": "12"}])
def test_what_is_no_organization_or_account_is_refused(more: dict[str, str]) -> None:
    with pytest.raises(BadTarget):
        remediation("R16").target(ACCOUNT, REGION, {"bucket": "acme", **more})
