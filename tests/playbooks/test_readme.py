"""playbooks/README.md: every key, name and filter that it tells of, and no other."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bot.playbooks.context import QUESTIONS, sample_context
from bot.playbooks.format import (
    Approvals,
    EvidenceStep,
    ManualStep,
    NotifyStep,
    Playbook,
    Policy,
    RemediationStep,
    StepPhase,
)
from bot.playbooks.render import environment

README = (Path(__file__).parents[2] / "playbooks" / "README.md").read_text(encoding="utf-8")
KINDS = (EvidenceStep, RemediationStep, ManualStep, NotifyStep)


def section(heading: str) -> str:
    return README.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def rows(heading: str) -> list[list[str]]:
    """The cells of a section's table, without its head."""
    lines = [line for line in section(heading).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def names(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def test_the_keys_of_the_file() -> None:
    given = {names(key)[0]: needed for key, needed, _ in rows("The file")}
    assert given == _keys(Playbook)


def test_the_keys_of_every_step() -> None:
    given = {names(key)[0]: needed for key, needed, _ in rows("Every step")}
    common = set.intersection(*(set(kind.model_fields) for kind in KINDS))
    assert given == {key: needed for key, needed in _keys(ManualStep).items() if key in common}


def test_the_keys_of_each_kind() -> None:
    given: dict[str, dict[str, str]] = {}
    for kind, key, needed, _ in rows("What each kind adds"):
        # A line without a kind goes on with the kind above it.
        [current] = names(kind) or [next(reversed(given))]
        given.setdefault(current, {}).update(dict.fromkeys(names(key), needed))
    common = {names(key)[0] for key, *_ in rows("Every step")}
    assert given == {
        get_args(kind.model_fields["kind"].annotation)[0]: {
            key: needed for key, needed in _keys(kind).items() if key not in common
        }
        for kind in KINDS
    }


def _keys(model: type[Playbook] | type[ManualStep]) -> dict[str, str]:
    return {key: "yes" if field.is_required() else "" for key, field in model.model_fields.items()}


def test_the_values_of_phase_and_approvals() -> None:
    [phase] = [what for key, _, what in rows("Every step") if key == "`phase`"]
    assert names(phase) == list(get_args(StepPhase))


def test_the_keys_of_an_approval_policy() -> None:
    given = [names(key)[0] for key, _ in rows("Who must agree")]
    assert given == ["rows", *Approvals.model_fields, "severity"]
    assert set(given) == set(Policy.model_fields)


def test_the_names_that_texts_speak_of() -> None:
    context = sample_context()
    given = {name: names(what) for cells, what in rows("Conditions and texts") for name in names(cells)}
    assert given.keys() == context.keys()
    assert given["incident"] == list(context["incident"])
    assert given["evidence"] == list(context["evidence"])
    for name in ("findings", "actors", "suspects", "proposals"):
        assert given[name] == list(context[name][0])
    assert (QUESTIONS[0], QUESTIONS[-1]) == ("E1", "E30")


def test_the_filters_that_are_added() -> None:
    added = environment().filters.keys() - ImmutableSandboxedEnvironment().filters.keys()
    [sentence] = re.findall(r"Two filters are\s+added.*?\.\n", section("Conditions and texts"), re.DOTALL)
    assert set(names(sentence)) == added


@pytest.mark.parametrize("setting", ["playbook", "playbooks_dir", "approval_minutes"])
def test_the_settings_it_names(setting: str) -> None:
    assert f"S3INCIDENT_{setting.upper()}`" in README
