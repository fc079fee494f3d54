"""`s3incident doctor`: everything well, and each ill thing named with what to do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli.main import app
from bot.sandbox.sandbox import Sandbox
from bot.store import migrate
from bot.store.database import Database


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    found = Sandbox(lookups_per_second=100)
    found.start()
    yield found
    found.stop()


@pytest.fixture(autouse=True)
def _settings(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in sandbox.environment(tmp_path).items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def migrated(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 's3incident.db'}")
    migrate.upgrade(database)
    database.close()


def doctor() -> Result:
    return CliRunner().invoke(app, ["doctor"])


@pytest.mark.usefixtures("migrated")
def test_all_is_well_in_the_sandbox() -> None:
    result = doctor()
    assert result.exit_code == 0, result.output
    for what in ("Database", "Playbook", "Slack scopes", "Slack socket", "AWS identity", "Remediation role"):
        assert what in result.output
    assert "->" not in result.output


def test_a_database_without_tables_says_how_to_make_them() -> None:
    result = doctor()
    assert result.exit_code == 1
    assert "s3incident db upgrade" in result.output


@pytest.mark.usefixtures("migrated")
@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("SLACK_BOT_TOKEN", "xoxb-wrong", "Copy SLACK_BOT_TOKEN anew"),
        ("SLACK_APP_TOKEN", "xapp-wrong", "connections:write"),
        ("S3INCIDENT_APPROVERS", "S0NOBODY", "Mend S3INCIDENT_APPROVERS"),
        ("AWS_ACCESS_KEY_ID", "AKIAWRONG", "AWS credentials"),
        ("S3INCIDENT_PLAYBOOK", "no-such-playbook", "Playbook"),
        ("S3INCIDENT_VAULT_URL", "s3://acme-no-such-vault/x", "Check S3INCIDENT_VAULT_URL"),
        ("DATABASE_URL", "postgresql://nobody:hunter2@127.0.0.1:1/none", "Check DATABASE_URL"),
    ],
)
def test_each_ill_thing_is_named_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, says: str
) -> None:
    monkeypatch.setenv(variable, value)
    result = doctor()
    assert result.exit_code == 1, result.output
    assert says in result.output
    assert "hunter2" not in result.output


@pytest.mark.usefixtures("migrated")
def test_a_role_that_cannot_be_assumed_is_ill(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    wrong = os.environ["S3INCIDENT_ACCOUNTS"].replace("s3incident-sandbox", "another-external-id")
    monkeypatch.setenv("S3INCIDENT_ACCOUNTS", wrong)
    result = doctor()
    assert result.exit_code == 1
    assert result.output.count("Check the role's trust policy") == 2


def test_settings_that_are_missing_are_all_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("SLACK_BOT_TOKEN", "S3INCIDENT_ACCOUNTS", "S3INCIDENT_APPROVERS"):
        monkeypatch.delenv(variable)
    result = doctor()
    assert result.exit_code == 2
    for variable in ("SLACK_BOT_TOKEN", "S3INCIDENT_ACCOUNTS", "S3INCIDENT_APPROVERS"):
        assert f"{variable} is not set" in result.output
