"""R33: from then on a delete keeps the object; going back is suspending, and the card says so."""

from __future__ import annotations

import pytest

from bot.remediation.errors import NothingToDo, Refused
from bot.remediation.undo import undo_plan
from tests.aws.account import ACCOUNT, Account
from tests.remediation.doing import carry_out, plan_for
from tests.remediation.rows.cases import new_bucket


def test_a_delete_keeps_the_version(account: Account) -> None:
    s3 = account.client("s3")
    new_bucket(account, "acme-ver-1")
    plan = plan_for(account, "R33", {"bucket": "acme-ver-1"})
    assert carry_out(account, plan).outcome == "verified"
    s3.put_object(Bucket="acme-ver-1", Key="payslip", Body=b"1")
    s3.delete_object(Bucket="acme-ver-1", Key="payslip")
    assert len(s3.list_object_versions(Bucket="acme-ver-1")["Versions"]) == 1


def test_a_bucket_never_goes_back_to_unversioned(account: Account) -> None:
    new_bucket(account, "acme-ver-2")
    plan = plan_for(account, "R33", {"bucket": "acme-ver-2"})
    assert any("never takes a bucket back" in text for text in plan.irreversible)
    carry_out(account, plan)
    undo = undo_plan(plan)
    assert undo.after["Status"] == "Suspended"
    assert carry_out(account, undo).state == undo.after


def test_on_already_is_nothing_to_do_and_mfa_delete_is_left_to_its_holder(account: Account) -> None:
    s3 = account.client("s3")
    for name in ("acme-ver-3", "acme-ver-4"):
        new_bucket(account, name)
    s3.put_bucket_versioning(Bucket="acme-ver-3", VersioningConfiguration={"Status": "Enabled"})
    with pytest.raises(NothingToDo, match="Versioning is on"):
        plan_for(account, "R33", {"bucket": "acme-ver-3"})
    s3.put_bucket_versioning(
        Bucket="acme-ver-4",
        VersioningConfiguration={"Status": "Suspended", "MFADelete": "Enabled"},
        MFA=f"arn:aws:iam::{ACCOUNT}:mfa/root 123456",
    )
    with pytest.raises(Refused, match="has MFA Delete"):
        plan_for(account, "R33", {"bucket": "acme-ver-4"})
