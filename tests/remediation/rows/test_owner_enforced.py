"""R23: ACLs lose their effect all at once, and only where S3 takes it."""

from __future__ import annotations

import pytest

from bot.remediation.errors import NothingToDo, Refused
from bot.remediation.undo import undo_plan
from tests.aws.account import Account
from tests.remediation.doing import carry_out, plan_for
from tests.remediation.rows.cases import EVERYBODY, acl, grant, new_bucket, put_acl
from tests.remediation.rows.test_block_public_access import status


def test_the_acl_of_an_object_has_no_effect_until_the_undo(account: Account) -> None:
    new_bucket(account, "acme-own-1")
    put_acl(account, "acme-own-1", acl([]))
    account.client("s3").put_object(Bucket="acme-own-1", Key="payslip", Body=b"1", ACL="public-read")
    url = f"{account.fake.endpoint}/acme-own-1/payslip"
    assert status(url) == 200
    plan = plan_for(account, "R23", {"bucket": "acme-own-1"})
    assert carry_out(account, plan).outcome == "verified"
    assert status(url) == 403
    assert carry_out(account, undo_plan(plan)).outcome == "verified"
    assert status(url) == 200


def test_a_bucket_acl_with_others_in_it_is_refused_before_anybody_approves(account: Account) -> None:
    new_bucket(account, "acme-own-2")
    put_acl(account, "acme-own-2", acl([grant("READ", uri=EVERYBODY)]))
    with pytest.raises(Refused, match=r"Make the ACL private first \(R21\)"):
        plan_for(account, "R23", {"bucket": "acme-own-2"})


def test_off_already_is_nothing_to_do(account: Account) -> None:
    new_bucket(account, "acme-own-3")
    with pytest.raises(NothingToDo, match="ACLs are off in acme-own-3"):
        plan_for(account, "R23", {"bucket": "acme-own-3"})
