"""AWS's own word on whether a policy grants more than another, asked of a fake that reads for itself."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.aws.new_access import grants_new_access
from bot.incidents.measured import measured
from bot.remediation.errors import Refused
from bot.remediation.impact_sentences import verdict
from tests.aws.account import ACCOUNT, Account
from tests.remediation.rows.test_least_privilege import S3, pure, used_by

BUCKET = "arn:aws:s3:::acme"
DENY = {"Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "*"}


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action: str | list[str], resource: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def may_ask(account: Account, *actions: str) -> None:
    account.client("iam").put_role_policy(
        RoleName="S3IncidentEvidence",
        PolicyName="ask",
        PolicyDocument=json.dumps(policy(allow(list(actions)))),
    )


OVER_TLS = {"Bool": {"aws:SecureTransport": "true"}}


@pytest.mark.parametrize(
    ("new", "existing", "more"),
    [
        (allow("s3:GetObject", f"{BUCKET}/in/*"), allow("s3:*"), False),
        (allow("S3:getobject", f"{BUCKET}/in/*"), allow("s3:Get*", f"{BUCKET}/*"), False),
        (allow(["s3:GetObject", "s3:PutObject"]), allow("s3:Get*"), True),
        (allow("s3:Get*"), allow("s3:GetObject"), True),
        (allow("s3:GetObject", f"{BUCKET}*"), allow("s3:GetObject", f"{BUCKET}/*"), True),
        (allow("s3:GetObject", Condition=OVER_TLS), allow("s3:*"), False),
        (allow("s3:GetObject"), allow("s3:*", Condition=OVER_TLS), True),
        ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, allow("*"), False),
        ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, allow("s3:*"), True),
        (DENY, DENY, False),
    ],
)
def test_each_statement_must_have_been_allowed(
    account: Account, new: dict[str, Any], existing: dict[str, Any], more: bool
) -> None:
    may_ask(account, "access-analyzer:CheckNoNewAccess")
    reader = account.access.reader(ACCOUNT)
    assert grants_new_access(reader, policy(new), policy(existing)).value is more


def test_a_deny_that_is_gone_is_new_access(account: Account) -> None:
    may_ask(account, "access-analyzer:CheckNoNewAccess")
    reader, work = account.access.reader(ACCOUNT), allow("s3:*")
    assert grants_new_access(reader, policy(work), policy(work, DENY)).value is True
    assert grants_new_access(reader, policy(DENY, work), policy(work, DENY)).value is False


def test_what_cannot_be_asked_is_unknown_with_its_reason(account: Account) -> None:
    may_ask(account, "access-analyzer:CheckNoNewAccess")
    reader = account.access.reader(ACCOUNT)
    assert "InvalidParameterException" in str(grants_new_access(reader, {}, policy(DENY)).unknown)
    may_ask(account, "access-analyzer:ListAnalyzers")
    said = grants_new_access(reader, policy(DENY), policy(DENY))
    assert said.value is None
    assert "AccessDenied" in str(said.unknown)


def test_a_rewritten_policy_is_shown_with_aws_s_word_beside_our_proof(account: Account) -> None:
    may_ask(account, "access-analyzer:CheckNoNewAccess")
    reader, plan = account.access.reader(ACCOUNT), pure(used_by("acme"), S3)
    (said,) = measured(plan, reader, None).aws_verdicts
    assert (said.by, said.public, said.ours) == ("CheckNoNewAccess", False, False)
    assert "proven, and CheckNoNewAccess says the same" in verdict(said)
    may_ask(account, "access-analyzer:ListAnalyzers")
    (unknown,) = measured(plan, reader, None).aws_verdicts
    assert "by this program alone. CheckNoNewAccess could not be had" in verdict(unknown)


def test_where_aws_says_that_it_allows_more_nothing_is_planned(account: Account) -> None:
    may_ask(account, "access-analyzer:CheckNoNewAccess")
    plan = pure(used_by("acme"), S3)
    wider = plan.model_copy(update={"after": {**plan.after, "Document": policy(allow("*"))}})
    with pytest.raises(Refused, match=r"AWS says that the policy planned for .* would allow more"):
        measured(wider, account.access.reader(ACCOUNT), None)
