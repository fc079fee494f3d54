"""The records in docs/decisions: their form, and that the checks they name are really there."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "decisions"
RECORDS = sorted(FOLDER.glob("*.md"))
PARTS = ["Context", "Decision", "Consequences", "Checks"]
_TEST = re.compile(r"- `(?P<path>tests/[\w/]+\.py)::(?P<name>[\w:]+)`")
_CONTRACT = re.compile(r"- contract `(?P<name>[^`]+)`")

each_record = pytest.mark.parametrize("record", RECORDS, ids=lambda path: path.stem[:4])


def checks_of(record: Path) -> list[str]:
    """The lines under "Checks"."""
    text = record.read_text(encoding="utf-8").partition("\n## Checks\n")[2]
    return [line for line in text.splitlines() if line.strip()]


@cache
def names_in(path: Path) -> frozenset[str]:
    """The names of the tests of a file, as pytest writes them after `::`, without running it."""
    return frozenset(_tests(ast.parse(path.read_text(encoding="utf-8")), ""))


def _tests(scope: ast.Module | ast.ClassDef, within: str) -> Iterator[str]:
    for node in scope.body:
        if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            yield from _tests(node, f"{within}{node.name}::")
        elif isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield f"{within}{node.name}"


def contracts() -> set[str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return {contract["name"] for contract in settings["tool"]["importlinter"]["contracts"]}


def test_the_records_are_numbered_without_a_gap() -> None:
    assert [record.name[:5] for record in RECORDS] == [f"{n:04}-" for n in range(1, len(RECORDS) + 1)]


@each_record
def test_a_record_has_its_parts_in_order(record: Path) -> None:
    text = record.read_text(encoding="utf-8")
    assert re.match(rf"# {record.stem[:4]}: \S", text)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == PARTS


@each_record
def test_what_a_record_names_as_its_checks_is_there(record: Path) -> None:
    lines = checks_of(record)
    named = [match for line in lines if (match := _TEST.fullmatch(line))]
    others = [line for line in lines if not _TEST.fullmatch(line)]
    gone = [
        one[0]
        for one in named
        if not (ROOT / one["path"]).is_file() or one["name"] not in names_in(ROOT / one["path"])
    ]
    assert gone == [], "no such test"
    linted = [match["name"] for line in others if (match := _CONTRACT.fullmatch(line))]
    assert len(linted) == len(others), f"neither a test nor a contract: {others}"
    assert set(linted) <= contracts()
    assert len(named) >= 3


def test_a_test_that_is_not_there_would_be_noticed() -> None:
    found = names_in(Path(__file__))
    assert "test_the_records_are_numbered_without_a_gap" in found
    assert "test_that_nobody_wrote" not in found
    assert "TestEveryPlan::test_says_who_feels_it" in names_in(ROOT / "tests/remediation/test_catalogue.py")


def _imported(path: Path) -> Iterator[str]:
    """Every module a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{name.name}" for name in node.names)


def test_the_slack_room_does_not_import_the_aws_room() -> None:
    """Decision 0005. What it calls of other rooms is given a transaction, and no way to AWS either."""
    files = list((ROOT / "bot" / "slack").rglob("*.py"))
    assert any(path.name == "dispatch.py" for path in files)
    assert [path for path in files if "bot.aws" in set(_imported(path))] == []
    assert [path for path in files for name in _imported(path) if name.startswith("bot.aws.")] == []
