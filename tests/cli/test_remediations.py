"""The catalogue from the command line."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from bot.cli.main import app
from bot.remediation.catalogue import listing
from bot.remediation.listing import table


def test_it_names_every_row_and_what_it_needs() -> None:
    result = CliRunner().invoke(app, ["remediations"], env={"COLUMNS": "200"})
    assert result.exit_code == 0
    for one in listing():
        assert one.title in result.output
        assert all(action in result.output for action in one.permissions)


def test_the_json_is_what_programs_read(tmp_path: Path) -> None:
    path = tmp_path / "remediations.json"
    assert CliRunner().invoke(app, ["remediations", "--json", str(path)]).exit_code == 0
    entries = {entry["row"]: entry for entry in json.loads(path.read_text(encoding="utf-8"))}
    assert list(entries) == [one.row for one in listing()]
    assert entries["R1"] == {
        "id": "deactivate-access-key",
        "row": "R1",
        "family": "credentials",
        "mode": "automated",
        "reversible": True,
        "approvals": 1,
        "permissions": ["iam:UpdateAccessKey", "iam:GetUser", "iam:ListAccessKeys"],
    }


def test_a_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["remediations", "--json", str(tmp_path / "no" / "such.json")])
    assert result.exit_code == 1
    assert "cannot be written: No such file or directory." in result.output


def test_the_table_of_the_documentation() -> None:
    assert CliRunner().invoke(app, ["remediations", "--markdown"]).output == table(listing())
