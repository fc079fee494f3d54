"""`s3incident db`, `ledger`, `manifest`: looking after the database, and setting the app up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from bot.cli.main import app
from bot.slack.manifest import scopes
from bot.store import ledger, migrate
from bot.store.database import Database
from tests.store.tampering import tamper


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Database:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'kept.db'}")
    return Database(f"sqlite:///{tmp_path / 'kept.db'}")


def s3incident(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_upgrade_makes_the_newest_schema_and_can_be_repeated(database: Database) -> None:
    for _ in range(2):
        assert s3incident("db", "upgrade").exit_code == 0
    assert migrate.revision(database) == migrate.newest_revision(database)
    database.close()


def test_verify_says_whole_and_names_the_first_broken_entry(database: Database) -> None:
    migrate.upgrade(database)
    assert "empty" in s3incident("ledger", "verify").output
    for number in range(3):
        with database.begin() as tx:
            ledger.append(tx, "U1", "incident.note", 1, text=str(number))
    whole = s3incident("ledger", "verify")
    assert whole.exit_code == 0
    assert "whole: 3 entries" in whole.output
    tamper(database, "UPDATE ledger SET actor = 'U2' WHERE seq = 2")
    broken = s3incident("ledger", "verify")
    assert broken.exit_code == 1
    assert "broken at entry 2" in broken.output
    database.close()


def test_the_manifest_is_yaml_or_json_and_asks_for_the_needed_scopes() -> None:
    socket = yaml.safe_load(s3incident("manifest").output)
    http = json.loads(s3incident("manifest", "--json", "--url", "https://bot.example.com").output)
    assert socket["settings"]["socket_mode_enabled"] is True
    assert http["settings"]["socket_mode_enabled"] is False
    assert http["settings"]["interactivity"]["request_url"] == "https://bot.example.com/slack/events"
    for made in (socket, http):
        assert made["oauth_config"]["scopes"]["bot"] == scopes()
        assert made["features"]["slash_commands"][0]["command"] == "/s3incident"


def test_an_unknown_scenario_is_a_sentence_with_those_there_are() -> None:
    result = s3incident("demo", "--headless", "--scenario", "nothing")
    assert result.exit_code == 2
    assert "leaked-key" in result.output


@pytest.mark.parametrize(
    "command",
    [
        ("evidence", "list", "1"),
        ("evidence", "verify", "1"),
        ("report", "1", "--html", "r.html"),
        ("ledger", "verify"),
    ],
)
def test_a_database_without_our_tables_is_a_sentence(database: Database, command: tuple[str, ...]) -> None:
    result = s3incident(*command)
    assert result.exit_code == 2
    assert "Run `s3incident db upgrade`" in result.stderr
    assert isinstance(result.exception, SystemExit)


def test_a_database_that_cannot_be_reached_is_a_sentence(
    database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "folder.db").mkdir()
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'folder.db'}")
    result = s3incident("evidence", "list", "1")
    assert result.exit_code == 2
    assert "cannot be reached" in result.stderr


def test_a_demo_on_a_port_that_does_not_exist() -> None:
    result = s3incident("demo", "--port", "99999")
    assert result.exit_code == 2
    assert "65535" in result.stderr
