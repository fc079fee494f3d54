"""What Config kept of the bucket: the state before, each change in words, and the moment it opened."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.aws.fact import Fact
from bot.evidence.clues.config import told
from bot.evidence.clues.gathered import Gathered
from tests.evidence.clues.answers import (
    ACCOUNT,
    BUCKET,
    OPEN,
    T0,
    TLS,
    account_item,
    block,
    config,
    document,
    item,
)

CLOSED = {"PublicAccessBlockConfiguration": block(on=True)}


def of(*items: Any, **more: Any) -> Gathered:
    return told(config(*items, **more), BUCKET, ACCOUNT)


def test_the_bucket_that_was_opened() -> None:
    found = of(
        item(-600, policy=document(TLS), **CLOSED),
        item(14, policy=document(TLS)),
        item(15, policy=document(TLS, OPEN)),
    )
    before, unblocked, opened = found.clues
    assert before.time == T0 - timedelta(minutes=600)
    assert "statement Tls" in before.text
    assert (unblocked.severity, opened.severity) == ("medium", "high")
    assert "Block Public Access of the bucket was switched off" in unblocked.text
    assert opened.title == "The bucket became public"
    assert "statement PartnerSync added" in opened.text
    assert "It was not public and is public since" in opened.text
    assert [row.answer for row in found.coverage] == ["yes"]


def test_the_state_to_go_back_to_has_the_shapes_of_s3() -> None:
    logged = {"destinationBucketName": "logs", "logFilePrefix": "payroll/"}
    versioned = {"status": "Enabled", "isMfaDeleteEnabled": True}
    found = of(
        item(
            -1,
            policy=document(TLS),
            BucketLoggingConfiguration=logged,
            BucketVersioningConfiguration=versioned,
            grants=[{"grantee": "LogDelivery", "permission": "WriteAcp"}],
            **CLOSED,
        ),
        item(5),
    )
    before = found.bucket_before
    assert before is not None
    assert before["policy"]["Statement"] == [TLS]
    assert before["public_access_block"]["RestrictPublicBuckets"] is True
    assert before["versioning"] == {"Status": "Enabled", "MFADelete": "Enabled"}
    assert before["logging"] == {"LoggingEnabled": {"TargetBucket": "logs", "TargetPrefix": "payroll/"}}
    grant = before["acl"]["Grants"][1]
    assert grant["Grantee"]["URI"] == "http://acs.amazonaws.com/groups/s3/LogDelivery"
    assert grant["Permission"] == "WRITE_ACP"
    changed = found.clues[-1].text
    for part in (
        "bucket policy was deleted",
        "Versioning: Enabled before, Off now",
        "MFA Delete",
        "taken back",
    ):
        assert part in changed


def test_an_acl_opens_a_bucket_too() -> None:
    grants = [{"grantee": "AllUsers", "permission": "Read"}]
    found = of(item(-5), item(5, grants=grants))
    assert found.clues[-1].title == "The bucket became public"
    assert "READ to AllUsers granted" in found.clues[-1].text


def test_what_the_account_blocks_counts_and_when_it_stopped() -> None:
    found = of(
        item(-10),
        item(5, policy=document(OPEN)),
        account=(account_item(-20, on=True), account_item(9, on=False)),
    )
    put, opened = found.clues[1:]
    assert "public since" not in put.text
    assert opened.time == T0 + timedelta(minutes=9)
    assert opened.title == "The bucket became public"
    assert "Block Public Access of the account was switched off" in opened.text


def test_closing_is_told_as_well() -> None:
    found = of(item(-5, policy=document(OPEN)), item(5, policy=document(OPEN), **CLOSED))
    assert found.clues[-1].title == "The bucket was closed to the public"
    assert found.clues[-1].severity == "info"


def test_a_state_seen_again_is_no_change_and_a_changed_statement_is_one() -> None:
    other = {**TLS, "Action": "s3:GetObject"}
    found = of(item(-5, policy=document(TLS)), item(5, policy=document(TLS)), item(6, policy=document(other)))
    assert len(found.clues) == 2
    assert "statement Tls changed" in found.clues[-1].text


def test_a_deleted_bucket() -> None:
    gone = {**item(5), "configurationItemStatus": "ResourceDeleted", "supplementaryConfiguration": {}}
    found = of(item(-5, policy=document(TLS)), gone)
    assert (found.clues[-1].title, found.clues[-1].severity) == ("The bucket was deleted", "high")
    assert found.bucket_before is not None


def test_a_policy_that_is_none_is_kept_as_text_and_never_put_back() -> None:
    found = of(item(-5, policy="{not json"), item(5, policy=document(OPEN)))
    assert "under a policy that cannot be read" in found.clues[0].text
    assert found.bucket_before is not None
    assert found.bucket_before["policy"] is None


def test_without_a_state_from_before_there_is_nothing_to_go_back_to() -> None:
    found = of(item(5, policy=document(OPEN)))
    assert found.clues == ()
    assert found.bucket_before is None
    assert "no state from before" in found.coverage[0].because


def test_coverage_says_why_there_is_no_history() -> None:
    whole = config(item(-5))
    start = whole.start
    kind = type(whole)
    denied: Fact[Any] = Fact(unknown="AWS refused config:describe_configuration_recorders", denied=True)
    cases = {
        "cannot_know": kind(start, denied, Fact(()), Fact(())),
        "no": kind(start, Fact(None), Fact(()), Fact(())),
    }
    for answer, history in cases.items():
        [row] = told(history, BUCKET, ACCOUNT).coverage
        assert row.answer == answer
        assert row.turn_on is not None
    assert "GetResourceConfigHistory" in str(told(cases["cannot_know"], BUCKET, ACCOUNT).coverage[0].turn_on)
