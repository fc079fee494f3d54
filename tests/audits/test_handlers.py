"""One audit of a real account, end to end but for Slack."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.audits import collect, handlers
from bot.aws.access import AwsAccess
from bot.config import load_settings
from bot.sandbox.sandbox import Sandbox
from bot.store import audits, ledger, outbox
from bot.store.database import Database

PAYLOAD = {
    "account_id": "111122223333",
    "channel_id": "C0SECURITY",
    "cadence": "daily",
    "requested_by": None,
    "job_id": 17,
}


@pytest.fixture
def aws(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AwsAccess:
    monkeypatch.chdir(tmp_path)
    for name, value in sandbox.environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    return AwsAccess(load_settings("run"))


def test_an_audit_finds_what_the_attacker_opened_and_what_is_well_kept(
    sqlite: Database, aws: AwsAccess
) -> None:
    handlers.run(sqlite, aws, PAYLOAD)
    with sqlite.read() as tx:
        found = {(row.bucket, row.check): row for row in audits.results(tx, 1)}
        audit = audits.get(tx, 1)
        digest = outbox.find(tx, "audit:1")
    assert audit is not None
    assert audit.state == "done"
    payroll = found["acme-payroll", "public-access"]
    assert (payroll.status, payroll.severity) == ("bad", "critical")
    assert found["acme-archive", "versioning"].status == "good"
    assert found["acme-archive", "mfa-delete"].status == "good"
    assert found["acme-payroll", "versioning"].status == "bad"
    assert digest is not None
    assert (digest.card, digest.destination) == ("digest", "C0SECURITY")


def test_the_same_job_again_makes_no_second_audit(sqlite: Database, aws: AwsAccess) -> None:
    handlers.run(sqlite, aws, PAYLOAD)
    handlers.run(sqlite, aws, PAYLOAD)
    with sqlite.read() as tx:
        assert audits.get(tx, 2) is None
        assert [entry.action for entry in ledger.entries(tx)] == ["audit.done"]


def test_an_account_that_cannot_be_read_is_a_failed_audit_with_its_reason(
    sqlite: Database, aws: AwsAccess, sandbox: Sandbox
) -> None:
    sandbox.aws.faults.fail("s3", "ListBuckets", 50)
    try:
        handlers.run(sqlite, aws, PAYLOAD)
    finally:
        sandbox.aws.faults.clear()
    with sqlite.read() as tx:
        audit = audits.get(tx, 1)
        assert outbox.find(tx, "audit:1") is not None
    assert audit is not None
    assert audit.state == "failed"
    assert audit.error


def test_settings_are_read_with_access_points_the_organisation_and_s3s_own_verdict(
    aws: AwsAccess, sandbox: Sandbox
) -> None:
    found = {bucket.name: bucket for bucket in collect.buckets(aws.reader("111122223333"))}
    assert found["acme-payroll"].policy_is_public is True
    assert found["acme-archive"].policy_is_public is False
    assert found["acme-payroll"].access_points == ()
    assert found["acme-payroll"].organization_public_access_block is None
