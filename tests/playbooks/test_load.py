from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli.playbook import app
from bot.playbooks.load import load, playbook_path
from bot.playbooks.problems import PlaybookError
from bot.resources import data_folder

GOOD = """\
name: good
title: A good one
steps:
  - key: look
    kind: evidence
    title: Look
    phase: evidence
  - key: deny
    kind: remediation
    title: Deny
    phase: containment
    needs: [look]
    when: proposals | length > 0
    remediation: R2
    approvals: {required: 2, expires_minutes: 30}
  - key: ask
    kind: manual
    title: Ask
    phase: recovery
    needs: [deny]
    text: ask.md.j2
  - key: tell
    kind: notify
    title: Tell
    phase: recovery
    needs: [ask]
    text: "*{{ incident.name }}* is over"
"""


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.yml"
    path.write_text(GOOD)
    (tmp_path / "good").mkdir()
    (tmp_path / "good" / "ask.md.j2").write_text("Line one\n{{ incident.bucket | code }}\n")
    return path


def problems(path: Path) -> list[str]:
    with pytest.raises(PlaybookError) as caught:
        load(path)
    return [str(problem).removeprefix(f"{path.parent}/") for problem in caught.value.problems]


def test_every_playbook_that_is_shipped_is_right() -> None:
    files = sorted(data_folder("playbooks").glob("*.yml"))
    assert [file.stem for file in files] == ["unauthorized-s3-access"]
    for file in files:
        assert load(file).playbook.name == file.stem


def test_a_good_playbook_has_its_texts_inside(good: Path) -> None:
    playbook = load(good).playbook
    assert playbook.step("ask").model_dump()["text"] == "Line one\n{{ incident.bucket | code }}\n"
    deny = playbook.step("deny").model_dump()
    assert deny["remediation"] == ("R2",)
    assert (deny["approvals"]["required"], deny["approvals"]["expires_minutes"]) == (2, 30)


def test_a_team_has_its_own_folder(tmp_path: Path) -> None:
    assert playbook_path("mine", tmp_path) == tmp_path / "mine.yml"
    assert playbook_path("unauthorized-s3-access").is_file()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "phase: evidence",
            "phase: evidence\n    colour: red",
            "good.yml:8: 'colour' is not a key that is known",
        ),
        (
            "title: A good one",
            "title: A good one\nowner: me",
            "good.yml:3: 'owner' is not a key that is known",
        ),
        ("    title: Look\n", "", "good.yml:4: steps.0 has no 'title'. Add 'title'."),
        ("kind: evidence", "kind: magic", "good.yml:4: steps.0 is of no known kind."),
        ("phase: evidence", "phase: lunch", "good.yml:7: steps.0.phase:"),
        ("key: look", "key: Look!", "good.yml:4: steps.0.key is 'Look!'. It must look like"),
        ("required: 2", "required: 0", "good.yml:15: steps.1.approvals.required:"),
        ("needs: [look]", "needs: [lok]", "good.yml:12: The step 'deny' needs 'lok', which is no step."),
        ("key: ask", "key: deny", "good.yml:16: The step 'deny' stands twice."),
        ("remediation: R2", "remediation: R99", "good.yml:14: There is no remediation R99 in the catalogue."),
        ("proposals | length", "proposal | length", "good.yml:13: The condition of 'deny' cannot be decided"),
        ("proposals | length > 0", "proposals |", "good.yml:13: The condition of 'deny' cannot be decided"),
        ("ask.md.j2", "gone.md.j2", "good.yml:21: The template 'gone.md.j2': No such file or directory."),
        ("ask.md.j2", "../../secret.j2", "good.yml:21: The template '../../secret.j2': it lies outside"),
        ("{{ incident.name }}", "{{ incident.nam }}", "good.yml:27: The text of 'tell' does not render"),
        ("{{ incident.name }}", "{{ incident.name ", "good.yml:27: The text of 'tell' does not render"),
        (
            '"*{{ incident.name }}* is over"',
            "|\n      fine\n      {{ incident.nam }}",
            "good.yml:29: The text of 'tell' does not render",
        ),
        ("name: good", "name: other", "good.yml:1: The playbook is named 'other', its file 'good.yml'."),
        ("title: A good one", "title: [", "good.yml:4: This is not YAML"),
        ("title: A good one", "title: one\ntitle: two", "good.yml:3: The key 'title' stands twice"),
    ],
)
def test_a_mistake_is_named_with_file_line_and_what_to_do(
    good: Path, old: str, new: str, expected: str
) -> None:
    assert old in GOOD
    good.write_text(GOOD.replace(old, new, 1))
    found = problems(good)
    assert any(line.startswith(expected) for line in found), found
    assert all(len(line.split(". ")) > 1 or line.endswith(".") for line in found)


def test_a_mistake_in_a_template_is_named_by_its_own_file_and_line(good: Path) -> None:
    (good.parent / "good" / "ask.md.j2").write_text("fine\nfine\n{% if x %}")
    (line,) = problems(good)
    assert line.startswith("good/ask.md.j2:3: The text of 'ask' does not render")


def test_steps_that_wait_for_each_other(good: Path) -> None:
    good.write_text(GOOD.replace("needs: [look]", "needs: [look, tell]"))
    (line,) = problems(good)
    assert line.startswith("good.yml:12: These steps wait for each other: ")
    for key in ("deny", "ask", "tell"):
        assert key in line


def test_all_mistakes_are_named_at_once(good: Path) -> None:
    text = GOOD.replace("needs: [look]", "needs: [lok]").replace("R2", "R99").replace("nt.name", "nt.nam")
    good.write_text(text)
    assert [line.split(":")[1] for line in problems(good)] == ["12", "14", "27"]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "empty"),
        (b"- a\n", "A playbook is a mapping"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"a: !!python/name:os.system", "not YAML"),
    ],
)
def test_files_that_are_no_playbook(tmp_path: Path, content: bytes, what: str) -> None:
    path = tmp_path / "x.yml"
    path.write_bytes(content)
    assert what in problems(path)[0]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert "cannot be read" in problems(tmp_path / "gone.yml")[0]


def test_the_command_says_what_is_wrong_and_ends_with_2(good: Path) -> None:
    run = CliRunner().invoke(app, ["check", str(good)])
    assert run.exit_code == 0
    assert run.stdout == f"{good}: A good one: 4 steps, nothing wrong.\n"

    good.write_text(GOOD.replace("kind: evidence", "kind: magic"))
    run = CliRunner().invoke(app, ["check", str(good)])
    assert run.exit_code == 2
    assert run.stderr.startswith(f"{good}:4: steps.0 is of no known kind.")
