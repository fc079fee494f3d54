"""R35: nobody writes under a key that only they have, and what the owner chose stays."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from bot.remediation.errors import NothingToDo
from bot.remediation.undo import undo_plan
from tests.aws.account import Account
from tests.remediation.doing import carry_out, plan_for
from tests.remediation.rows.cases import CONTEXT, FOREIGN_KEY, OWN_KEY, encrypted, new_bucket, put_encryption

THEIRS = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "k" * 32}


def test_a_ransom_write_is_refused_until_the_undo(account: Account) -> None:
    new_bucket(account, "acme-enc-1")
    s3 = account.client("s3")
    s3.put_object(Bucket="acme-enc-1", Key="payslip", Body=b"x", **THEIRS)
    plan = plan_for(account, "R35", {"bucket": "acme-enc-1"}, CONTEXT)
    assert carry_out(account, plan).outcome == "verified"
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.put_object(Bucket="acme-enc-1", Key="payslip", Body=b"x", **THEIRS)
    s3.put_object(Bucket="acme-enc-1", Key="payslip", Body=b"1")
    assert carry_out(account, undo_plan(plan)).outcome == "verified"
    s3.put_object(Bucket="acme-enc-1", Key="payslip", Body=b"x", **THEIRS)


def test_the_owner_s_key_stays_and_another_account_s_does_not(account: Account) -> None:
    for name, key, kept in (
        ("acme-enc-2", OWN_KEY, encrypted("aws:kms", OWN_KEY, bucket_key=True)),
        ("acme-enc-3", FOREIGN_KEY, encrypted()),
    ):
        new_bucket(account, name)
        put_encryption(account, name, encrypted("aws:kms", key, bucket_key=True))
        plan = plan_for(account, "R35", {"bucket": name}, CONTEXT)
        assert plan.after["Rules"] == [kept]
        assert any(FOREIGN_KEY in text for text in plan.warnings) == (key == FOREIGN_KEY)


def test_a_bucket_of_before_2023_without_a_default_counts_as_sse_s3(account: Account) -> None:
    new_bucket(account, "acme-enc-4")
    account.client("s3").delete_bucket_encryption(Bucket="acme-enc-4")
    plan = plan_for(account, "R35", {"bucket": "acme-enc-4"}, CONTEXT)
    assert plan.before["Rules"] == [encrypted()]
    assert [carry_out(account, one).outcome for one in (plan, undo_plan(plan))] == ["verified"] * 2


def test_blocked_already_is_nothing_to_do(account: Account) -> None:
    new_bucket(account, "acme-enc-5")
    carry_out(account, plan_for(account, "R35", {"bucket": "acme-enc-5"}, CONTEXT))
    with pytest.raises(NothingToDo, match="nothing to do"):
        plan_for(account, "R35", {"bucket": "acme-enc-5"}, CONTEXT)
