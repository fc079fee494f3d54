"""The room's README: its table is the catalogue's, its policy is that of the sandbox's base identity."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.remediation.catalogue import listing, remediation
from bot.remediation.cloudformation import template
from bot.remediation.listing import table
from bot.sandbox.scenarios import policies

README = Path(__file__).parents[2] / "bot" / "remediation" / "README.md"
ROLE = "arn:aws:iam::ACCOUNT:role/"


def text() -> str:
    return README.read_text(encoding="utf-8")


def test_the_table_is_what_the_catalogue_says() -> None:
    wanted = table(listing())
    assert wanted in text(), f"Put this table there:\n{wanted}"


@pytest.mark.parametrize("row", [one.row for one in listing() if one.reversible])
def test_what_the_undo_brings_back_is_quoted(row: str) -> None:
    assert remediation(row).undo_warning in " ".join(text().split())


def test_the_base_identity_is_the_sandboxs() -> None:
    given = json.loads(text().partition("```json\n")[2].partition("```")[0])
    assert given == json.loads(policies.bot_base(f"{ROLE}S3IncidentEvidence", f"{ROLE}S3IncidentRemediate"))


def test_the_parameters_that_are_named_exist() -> None:
    parameters = template()["Parameters"]
    command = text().partition("--parameter-overrides")[2].partition("\n\n")[0]
    named = {word.partition("=")[0] for word in command.split() if "=" in word}
    assert named == {name for name, one in parameters.items() if "Default" not in one}
    assert "`BreakGlassArns`" in text()
