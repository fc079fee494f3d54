"""`s3incident investigate` against a fake AWS over real HTTP: the sources of the bot, without the bot."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from bot.cli.investigate import investigate_command
from bot.evidence.sources.plan import LookupPlan
from bot.incidents import evidence_sources
from tests.aws.account import ACCOUNT, EVIDENCE_ROLE, Account, running
from tests.incidents.test_investigation import TRAIL_MAY_WRITE

BUCKET, LOGS = "acme-payroll", "acme-trail-logs"
app = typer.Typer()
app.command()(investigate_command)


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with running() as made:
        made.bucket(BUCKET)
        made.bucket(LOGS, TRAIL_MAY_WRITE)
        trail = made.client("cloudtrail")
        trail.create_trail(Name="acme-trail", S3BucketName=LOGS)
        everything = {"Type": "AWS::S3::Object", "Values": [f"arn:aws:s3:::{BUCKET}/"]}
        selector = {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": [everything]}
        trail.put_event_selectors(TrailName="acme-trail", EventSelectors=[selector])
        trail.start_logging(Name="acme-trail")
        thief = made.user("ci-deploy")
        made.of("s3", thief).get_object(Bucket=BUCKET, Key="2026/salaries.csv")
        made.fake.deliver()
        yield made


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty working folder without settings. CloudTrail answers two look-ups a second: three will do."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(evidence_sources, "LookupPlan", partial(LookupPlan, most=3))


@pytest.fixture
def known(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings name the account and where its trail's files are."""
    (one,) = account.settings.accounts
    settings = one.model_copy(update={"trail_logs": f"s3://{LOGS}"}).model_dump(mode="json")
    monkeypatch.setenv("S3INCIDENT_ACCOUNTS", json.dumps([settings]))


@pytest.fixture
def as_root(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", account.fake.root_access_key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", account.fake.root_secret_access_key)


def run(*arguments: object) -> Result:
    result = CliRunner(env={"COLUMNS": "120", "TERM": "dumb"}).invoke(app, [str(one) for one in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_with_settings_everything_is_read_with_the_evidence_role(account: Account, known: None) -> None:
    result = run("--bucket", BUCKET, "--account", ACCOUNT, "--json", "-")
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    assert [one["kind"] for one in found["sources"]] == ["trail files", "event history"]
    readers = {one["principal"] for one in found["actors"] if one["get_object_calls"]}
    assert readers == {f"arn:aws:iam::{ACCOUNT}:user/ci-deploy"}
    assert {"GuardDuty findings", "Config history"} <= {one["subject"] for one in found["coverage"]}
    assert f"with the role {EVIDENCE_ROLE}" in " ".join(result.stderr.split())


def test_of_the_only_account_in_the_settings_nothing_need_be_said(account: Account, known: None) -> None:
    result = run("--bucket", BUCKET)
    assert result.exit_code == 0, result.stderr
    assert "What could have been seen" in result.stdout


def test_without_settings_ones_own_credentials_are_used_and_named(account: Account, as_root: None) -> None:
    result = run("--bucket", BUCKET, "--account", ACCOUNT, "--json", "-")
    assert result.exit_code == 0, result.stderr
    assert [one["kind"] for one in json.loads(result.stdout)["sources"]] == ["event history"]
    said = " ".join(result.stderr.split())
    assert f"with your own AWS credentials (arn:aws:iam::{ACCOUNT}:root)" in said


def test_credentials_of_another_account_are_refused(account: Account, as_root: None) -> None:
    result = run("--bucket", BUCKET, "--account", "999988887777")
    assert result.exit_code == 2
    assert f"Your AWS credentials belong to account {ACCOUNT}, not to 999988887777." in result.stderr


def test_credentials_that_may_not_read_end_it_with_awss_own_words(account: Account) -> None:
    result = run("--bucket", BUCKET, "--account", ACCOUNT)
    assert result.exit_code == 2
    assert "AWS refused" in result.stderr
    assert result.stdout == ""


def test_without_an_account_it_asks_for_one(account: Account, as_root: None) -> None:
    result = run("--bucket", BUCKET)
    assert result.exit_code == 2
    assert "Say with --account whose bucket it is" in result.stderr


def test_a_bucket_that_is_gone_is_investigated_all_the_same(account: Account, known: None) -> None:
    result = run("--bucket", "acme-deleted", "--account", ACCOUNT)
    assert result.exit_code == 0, result.stderr
    assert "AWS does not show the bucket acme-deleted" in result.stderr
