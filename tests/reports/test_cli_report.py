from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from bot.cli.report import report_command
from tests.reports.case import Case, Page

app = typer.Typer()
app.command()(report_command)


@pytest.fixture
def environment(case: Case, monkeypatch: pytest.MonkeyPatch) -> Case:
    monkeypatch.setenv("DATABASE_URL", case.desk.database.url)
    monkeypatch.setenv("S3INCIDENT_VAULT_DIR", str(case.vault.root))
    return case


@pytest.mark.parametrize("name", ["1", "inc-0001", "INC-1"])
def test_the_report_is_written_to_a_file(environment: Case, tmp_path: Path, name: str) -> None:
    environment.investigate()
    environment.close()
    result = CliRunner().invoke(app, [name, "--html", str(tmp_path / "report.html")])
    assert result.exit_code == 0
    assert "the report of inc-0001, closed." in result.output
    assert "payroll/34.csv" in Page.of((tmp_path / "report.html").read_text("utf-8")).text


def test_an_open_incident_is_said_to_be_open(environment: Case, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["1", "--html", str(tmp_path / "report.html")])
    assert "not closed yet (phase triage)" in result.output
    assert "not closed yet" in Page.of((tmp_path / "report.html").read_text("utf-8")).text


@pytest.mark.parametrize(
    ("name", "file", "said"),
    [
        ("payroll", "report.html", "'payroll' is not an incident."),
        ("inc-0009", "report.html", "There is no incident inc-0009."),
        ("1", "no/such/folder/report.html", "could not be written"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    environment: Case, tmp_path: Path, name: str, file: str, said: str
) -> None:
    result = CliRunner().invoke(app, [name, "--html", str(tmp_path / file)])
    assert result.exit_code == 2
    assert said in result.output
    assert not list(tmp_path.rglob("report.html"))
