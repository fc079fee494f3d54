"""`s3incident detections`: what it prints and how it ends."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli.detections import app
from bot.resources import data_folder
from tests.evidence.detections.sigma.test_files import RULE, write


def run(*arguments: object) -> Result:
    return CliRunner(env={"COLUMNS": "160", "TERM": "dumb"}).invoke(app, [str(one) for one in arguments])


def test_ours_are_in_order() -> None:
    result = run("check", data_folder("playbooks") / "detections")
    assert result.exit_code == 0
    assert "The bucket was opened to everybody" in result.output
    assert "0 to mend, 0 left out" in result.output


def test_what_does_not_load_is_named_and_ends_with_1(tmp_path: Path) -> None:
    broken = RULE.replace("eventName: A", "eventName|sounds_like: A")
    other = RULE.replace("product: aws, service: cloudtrail", "product: windows").replace("1111-1", "2222-2")
    folder = write(tmp_path, good=RULE.replace("1111-1111-4", "3333-3333-4"), broken=broken, other=other)
    result = run("check", folder)
    assert result.exit_code == 1
    assert "A rule" in result.output
    assert f"wrong: {folder}/broken.yml: A rule: Unknown modifier 'sounds_like'." in result.output
    assert "left out:" in result.output
    assert "1 rule loaded, 1 to mend, 1 left out." in result.output


def test_the_same_as_json(tmp_path: Path) -> None:
    folder = write(tmp_path, a=RULE, b="title: [")
    result = run("check", folder, "--json")
    told = json.loads(result.stdout)
    assert result.exit_code == 1
    assert [(one["row"], one["level"], one["several_records"]) for one in told["rules"]] == [
        ("S-11111111", "low", False)
    ]
    assert [(one["file"], one["to_mend"]) for one in told["left_out"]] == [(str(folder / "b.yml"), True)]


def test_the_list_has_the_teams_rules_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("S3INCIDENT_DETECTIONS_DIR", str(write(tmp_path / "own", a=RULE)))
    result = run("list", "--json")
    titles = {one["title"] for one in json.loads(result.stdout)["rules"]}
    assert {"A rule", "A ransom note was written"} <= titles
    assert "A rule" in run("list").output
