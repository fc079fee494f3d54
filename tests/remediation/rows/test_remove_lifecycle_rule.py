"""R29: exactly the named rule goes; everybody else's stay byte for byte."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from bot.remediation.errors import NothingToDo, Refused
from bot.remediation.undo import undo_plan
from tests.aws.account import ACCOUNT, Account
from tests.remediation.doing import carry_out, plan_for
from tests.remediation.rows.cases import new_bucket
from tests.remediation.rows.cases_bucket import PURGE, lifecycle, put_lifecycle

KEEP = {"ID": "archive, old", "Filter": {"Prefix": "logs/"}, "Status": "Enabled", "Expiration": {"Days": 400}}


def test_the_minimum_size_for_transitions_is_kept(account: Account) -> None:
    s3 = account.client("s3")
    new_bucket(account, "acme-life-1")
    put_lifecycle(account, "acme-life-1", lifecycle(KEEP, PURGE, minimum="varies_by_storage_class"))
    plan = plan_for(account, "R29", {"bucket": "acme-life-1", "rule": "purge"})
    assert carry_out(account, plan).outcome == "verified"
    found = s3.get_bucket_lifecycle_configuration(Bucket="acme-life-1")
    assert found["Rules"] == [KEEP]
    assert found["TransitionDefaultMinimumObjectSize"] == "varies_by_storage_class"
    assert plan.title == "Remove the lifecycle rule purge from acme-life-1"
    assert "every object of the bucket" in plan.affected[0]


def test_the_last_rule_takes_the_configuration_with_it_and_the_undo_brings_it_back(account: Account) -> None:
    s3 = account.client("s3")
    new_bucket(account, "acme-life-2")
    put_lifecycle(account, "acme-life-2", lifecycle(PURGE, minimum="varies_by_storage_class"))
    plan = plan_for(account, "R29", {"bucket": "acme-life-2"})
    assert carry_out(account, plan).outcome == "verified"
    with pytest.raises(ClientError, match="NoSuchLifecycleConfiguration"):
        s3.get_bucket_lifecycle_configuration(Bucket="acme-life-2")
    assert carry_out(account, undo_plan(plan)).outcome == "verified"
    found = s3.get_bucket_lifecycle_configuration(Bucket="acme-life-2")
    assert (found["Rules"], found["TransitionDefaultMinimumObjectSize"]) == (
        [PURGE],
        "varies_by_storage_class",
    )


def test_among_several_the_rule_must_be_named_and_a_comma_may_be_part_of_a_name(account: Account) -> None:
    new_bucket(account, "acme-life-3")
    put_lifecycle(account, "acme-life-3", lifecycle(KEEP, PURGE))
    with pytest.raises(Refused, match=r"has 2 of them: 'archive, old', 'purge'. Name what"):
        plan_for(account, "R29", {"bucket": "acme-life-3"})
    with pytest.raises(Refused, match="nothing named 'other'"):
        plan_for(account, "R29", {"bucket": "acme-life-3", "rule": "purge, other"})
    one = plan_for(account, "R29", {"bucket": "acme-life-3", "rule": "archive, old"})
    assert one.after["Rules"] == [PURGE]


def test_several_named_rules_go_in_one_change(account: Account) -> None:
    new_bucket(account, "acme-life-4")
    put_lifecycle(account, "acme-life-4", lifecycle(PURGE, KEEP, {**PURGE, "ID": "purge-2"}))
    plan = plan_for(account, "R29", {"bucket": "acme-life-4", "rule": "purge, purge-2"})
    assert (plan.after["Rules"], len(plan.calls)) == ([KEEP], 1)
    with pytest.raises(Refused, match="nothing named ' , '"):
        plan_for(account, "R29", {"bucket": "acme-life-4", "rule": " , "})


def test_none_is_nothing_to_do(account: Account) -> None:
    new_bucket(account, "acme-life-5")
    with pytest.raises(NothingToDo, match="no lifecycle rules"):
        plan_for(account, "R29", {"bucket": "acme-life-5"})


def test_an_undo_under_mfa_delete_fails_as_the_card_had_said(account: Account) -> None:
    new_bucket(account, "acme-life-6")
    put_lifecycle(account, "acme-life-6", lifecycle(PURGE))
    plan = plan_for(account, "R29", {"bucket": "acme-life-6"})
    assert any("MFA Delete" in text for text in plan.warnings)
    carry_out(account, plan)
    account.client("s3").put_bucket_versioning(
        Bucket="acme-life-6",
        VersioningConfiguration={"Status": "Enabled", "MFADelete": "Enabled"},
        MFA=f"arn:aws:iam::{ACCOUNT}:mfa/root 123456",
    )
    undone = carry_out(account, undo_plan(plan))
    assert (undone.outcome, "InvalidBucketState" in undone.sentence) == ("failed", True)
