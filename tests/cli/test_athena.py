"""`s3incident evidence athena-setup` against a fake AWS."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from typer.testing import CliRunner

from bot.cli.evidence import app
from bot.evidence.athena.table import Table
from tests.aws.account import ACCOUNT, Account, running
from tests.evidence.athena.stage import Stage, let_query


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with running() as account:
        yield Stage.of(account)


@pytest.fixture(autouse=True)
def surroundings(stage: Stage, tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(str(tmp_path))
    (one,) = stage.account.settings.accounts
    settings = one.model_copy(update={"trail_logs": f"s3://{stage.bucket}"}).model_dump(mode="json")
    monkeypatch.setenv("S3INCIDENT_ACCOUNTS", json.dumps([settings]))
    monkeypatch.setenv("S3INCIDENT_ATHENA_WORKGROUP", stage.workgroup)


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["athena-setup", *arguments])
    return result.exit_code, result.output


def test_without_permission_it_says_what_is_needed(stage: Stage) -> None:
    code, said = run(ACCOUNT)
    assert code == 2
    assert "AWS refused athena:start_query_execution" in said
    assert "glue:CreateTable" in said


def test_it_makes_the_table_and_can_be_run_again(stage: Stage) -> None:
    account: Account = stage.account
    let_query(account)
    for _ in range(2):
        code, said = run(ACCOUNT)
        assert code == 0, said
        assert f"over s3://{stage.bucket}/AWSLogs/ is there" in said
    table = Table(f"s3://{stage.bucket}/AWSLogs/")
    assert stage.queries().has_table(table.database, table.name)


def test_it_shows_the_statements_and_runs_nothing(stage: Stage) -> None:
    before = stage.account.fake.recent()[-1].seq
    code, said = run(ACCOUNT, "--show")
    assert code == 0
    assert Table(f"s3://{stage.bucket}/AWSLogs/").create in said
    assert stage.account.fake.recent(before) == []


def test_without_a_workgroup_it_says_which_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("S3INCIDENT_ATHENA_WORKGROUP")
    code, said = run(ACCOUNT)
    assert code == 2
    assert "S3INCIDENT_ATHENA_WORKGROUP" in said


def test_an_unknown_account_is_named() -> None:
    code, said = run("999999999999")
    assert code == 2
    assert "999999999999" in said
