"""What cannot be worked with ends in a sentence and exit code 2, before anything is read or written."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from bot.cli.investigate import investigate_command
from tests.evidence.records import BUCKET, leaked_key, write

app = typer.Typer()
app.command()(investigate_command)


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    write(tmp_path / "logs", leaked_key().records)
    return tmp_path / "logs"


def run(logs: Path, *arguments: object, **env: str) -> Result:
    given = ["--bucket", BUCKET, "--logs", str(logs), *map(str, arguments)]
    return CliRunner(env={"COLUMNS": "120", "TERM": "dumb", **env}).invoke(app, given)


def refused(result: Result, said: str) -> None:
    assert result.exit_code == 2, result.output
    assert said in result.stderr
    assert isinstance(result.exception, SystemExit)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--from", "0001-01-01T00:00+14:00"], "no time that logs can be from"),
        (["--to", "9999-12-31T23:59-12:00"], "no time that logs can be from"),
        (["--from", "9999-12-31"], "no time that logs can be from"),
        (["--from", "0001-01-01", "--baseline", "365"], "too early for a --baseline"),
        (["--csv", "-"], "only --json writes to standard output"),
        (["--html", "-"], "only --json writes to standard output"),
        (["--matches", "-"], "only --json writes to standard output"),
    ],
)
def test_refused(logs: Path, arguments: list[str], said: str) -> None:
    refused(run(logs, *arguments), said)


def test_two_results_need_two_files(logs: Path, tmp_path: Path) -> None:
    target, link = tmp_path / "one", tmp_path / "two"
    link.symlink_to(target)
    refused(run(logs, "--csv", target, "--json", link), "is the file of --json")
    refused(run(logs, "--csv", target, "--matches", target), "is the file of --csv")
    assert not target.exists()


def test_no_log_is_written_over(logs: Path) -> None:
    (log,) = (one for one in logs.rglob("*") if one.is_file())
    before = log.read_bytes()
    refused(run(log, "--csv", log), "is the file of --logs")
    delivered = logs / "111122223333_CloudTrail_us-east-1_20261120T0300Z_abc.json"
    log.rename(delivered)
    refused(run(logs, "--html", delivered), "is one of the logs")
    assert delivered.read_bytes() == before


def test_a_result_among_the_logs_may_be_written_again(logs: Path) -> None:
    for _ in range(2):
        assert run(logs, "--json", logs / "result.json").exit_code == 0


def test_a_database_that_is_not_ours_is_no_file_of_matches(logs: Path, tmp_path: Path) -> None:
    other = tmp_path / "notes.sqlite"
    other.write_text("remember the milk" * 100)
    refused(run(logs, "--matches", other), "cannot be used")
    assert other.read_text() == "remember the milk" * 100


def test_own_rules_that_do_not_load_are_named(logs: Path, tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "broken.yml").write_text("title: [")
    for result in (
        run(logs, "--detections", tmp_path / "rules"),
        run(logs, S3INCIDENT_DETECTIONS_DIR=str(tmp_path / "rules")),
    ):
        assert result.exit_code == 0
        assert "Not in force" in result.stderr
        assert "broken.yml" in result.stderr


def test_a_folder_of_rules_that_is_gone_is_refused(logs: Path, tmp_path: Path) -> None:
    refused(run(logs, S3INCIDENT_DETECTIONS_DIR=str(tmp_path / "gone")), "There is no file or folder")
