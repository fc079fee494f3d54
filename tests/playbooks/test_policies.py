"""Approval policies of a playbook: how the layers add up; what cannot be meant is said with its line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.playbooks.format import Playbook, RemediationStep
from bot.playbooks.load import load
from bot.playbooks.policies import asked
from bot.playbooks.problems import PlaybookError

NUMBER = st.integers(1, 5)
GOOD = """\
name: good
title: Good
approvals:
  default:
    expires_minutes: 60
    remind_minutes: 10
    escalate_minutes: 30
    break_glass: approvers
    severity:
      sev1: {escalate_minutes: 5}
  two-people:
    rows: [R20]
    required: 2
    approvers: [S0HEADS, U0GRACE]
    escalate_to: S0ALL
    severity:
      sev1: {required: 3}
steps:
  - key: contain
    kind: remediation
    title: Contain
    phase: containment
    remediation: [R2, R20]
"""


def playbook(step: dict[str, Any] | str | None = None, **policies: Any) -> Playbook:
    contain = {"key": "contain", "kind": "remediation", "title": "Contain", "phase": "containment"}
    steps = [{**contain, "remediation": ["R2"], "approvals": step}]
    return Playbook.model_validate({"name": "t", "title": "T", "approvals": policies, "steps": steps})


def first(made: Playbook) -> RemediationStep:
    [step] = made.steps
    assert isinstance(step, RemediationStep)
    return step


def problems(folder: Path, text: str) -> str:
    path = folder / "good.yml"
    path.write_text(text)
    try:
        load(path)
    except PlaybookError as error:
        return "\n".join(f"{one.path.name}:{one.line}: {one.what} {one.todo}" for one in error.problems)
    return ""


@given(NUMBER, NUMBER, NUMBER, NUMBER, NUMBER)
def test_no_layer_lowers_the_number_of_people(a: int, b: int, c: int, d: int, e: int) -> None:
    made = playbook(
        {"required": e},
        default={"required": a, "severity": {"sev1": {"required": b}}},
        keys={"rows": ["R1"], "required": c, "severity": {"sev1": {"required": d}}},
    )
    assert asked(made, first(made), "R1", 1).required == max(a, b, c, d, e)
    assert asked(made, None, "R1", 2).required == max(a, c)
    assert asked(made, None, "R2", 1).required == max(a, b)


def test_what_a_policy_leaves_out_comes_from_the_default(tmp_path: Path) -> None:
    (tmp_path / "good.yml").write_text(GOOD)
    made = load(tmp_path / "good.yml").playbook
    worst, usual = (asked(made, None, "R20", severity) for severity in (1, 2))
    assert (worst.required, usual.required, usual.expires_minutes) == (3, 2, 60)
    assert (worst.policy.escalate_minutes, usual.policy.escalate_minutes) == (5, 30)
    assert (usual.policy.name, usual.policy.approvers) == ("two-people", ("S0HEADS", "U0GRACE"))
    assert (usual.policy.escalate_to, usual.policy.break_glass) == (("S0ALL",), ("approvers",))
    other = asked(made, None, "R2", 2)
    assert (other.required, other.policy.name, other.policy.approvers) == (1, "default", ())


def test_a_step_can_name_a_policy_or_ask_for_more() -> None:
    strict = {"required": 2, "approvers": ["S0HEADS"]}
    named = playbook("strict", strict=strict)
    assert asked(named, first(named), "R2", 3).policy.approvers == ("S0HEADS",)
    more = playbook({"required": 3, "break_glass": []}, default={"required": 2, "break_glass": ["U0DANA"]})
    answer = asked(more, first(more), "R2", 3)
    assert (answer.required, answer.policy.break_glass) == (3, ())


def test_without_policies_the_catalogue_and_the_settings_hold() -> None:
    answer = asked(playbook(), None, "R2", 1)
    assert (answer.required, answer.expires_minutes) == (1, None)
    assert (answer.policy.break_glass, answer.policy.remind_minutes) == ((), 15)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("rows: [R20]", "rows: [R20, R99]", "good.yml:12: There is no remediation R99"),
        ("required: 2\n", "required: 1\n", "good.yml:12: R20 needs 2 approvals, 'two-people' asks for 1."),
        ("sev1: {required: 3}", "sev1: {required: 1}", "good.yml:17: 'two-people' asks for 2 approvals, and"),
        ("sev1: {required: 3}", "sev5: {required: 3}", "good.yml:17: approvals.two-people.severity.sev5"),
        ("escalate_minutes: 30", "escalate_minutes: 60", "good.yml:7: The policy 'default' asks the wider"),
        ("remind_minutes: 10", "remind_minutes: 90", "good.yml:6: The policy 'default' reminds after 90"),
        (
            "[S0HEADS, U0GRACE]",
            "[S0HEADS, grace]",
            "good.yml:14: approvals.two-people.approvers.1 is 'grace'",
        ),
        ("break_glass: approvers", "break_glass: anybody", "good.yml:8: approvals.default.break_glass"),
        ("required: 2\n", "needed: 2\n", "good.yml:13: 'needed' is not a key that is known here."),
        (
            "[R2, R20]\n",
            "[R2, R20]\n    approvals: both\n",
            "good.yml:24: The step 'contain' names the policy",
        ),
        ("[R2, R20]\n", "[R2, R2]\n", "good.yml:23: R2 stands twice in the step 'contain'."),
        ("  two-people:", "  other: {rows: [R20]}\n  two-people:", "good.yml:13: R20 is in the policies"),
        ("default:\n", "default:\n    rows: [R1]\n", "good.yml:5: The policy 'default' lists rows."),
    ],
)
def test_what_cannot_be_meant_is_said_with_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in GOOD
    assert said in problems(tmp_path, GOOD.replace(old, new, 1))


def test_a_good_one_has_no_problem(tmp_path: Path) -> None:
    assert problems(tmp_path, GOOD) == ""
