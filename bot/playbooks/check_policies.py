"""Whether the approval policies of a playbook make sense: rows, numbers of people, times that can come."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bot.playbooks.format import Approvals, Playbook, Policy, RemediationStep
from bot.playbooks.policies import DEFAULT, Asked, asked
from bot.playbooks.problems import Problem
from bot.playbooks.yaml_lines import Document
from bot.playbooks.yaml_lines import Path as Where
from bot.remediation.catalogue import listing

SEVERITIES = (1, 2, 3, 4)
#: Every row of the response plan. One that the bot cannot carry out yet is left to people, and no mistake.
ROWS = frozenset(f"R{number}" for number in range(1, 46))


def policy_problems(playbook: Playbook, path: Path, document: Document) -> Iterator[Problem]:
    """Every problem with a policy or with what a step asks of it, in no particular order."""
    first: dict[str, str] = {}
    for name, policy in playbook.approvals.items():
        for place, row in enumerate(policy.rows):
            line = document.line(("approvals", name, "rows", place))
            yield from _row(name, policy, row, first, Problem(path, line, ""))
        yield from _numbers(name, policy, path, document)
        yield from _times(
            asked_by(playbook, name), f"The policy {name!r}", path, document, ("approvals", name)
        )
    yield from _steps(playbook, path, document)


def no_such_row(path: Path, line: int, row: str) -> Problem:
    todo = "The rows are R1 to R45; `s3incident remediations` tells what each one does."
    return Problem(path, line, f"There is no remediation {row} in the catalogue.", todo)


def asked_by(playbook: Playbook, name: str) -> list[tuple[int, Asked]]:
    """What a policy asks for at each severity."""
    step = RemediationStep.model_construct(approvals=name)
    return [(severity, asked(playbook, step, "", severity)) for severity in SEVERITIES]


def _row(name: str, policy: Policy, row: str, first: dict[str, str], at: Problem) -> Iterator[Problem]:
    if row not in ROWS:
        yield no_such_row(at.path, at.line, row)
    if name == DEFAULT:
        what = "The policy 'default' lists rows."
        yield Problem(at.path, at.line, what, "It holds for every change: give the policy another name.")
    if other := first.get(row):
        what = f"{row} is in the policies {other!r} and {name!r}."
        yield Problem(at.path, at.line, what, "Leave it in one of them.")
    first.setdefault(row, name)
    least = next((one.approvals for one in listing() if one.row == row), 1)
    if "required" in policy.model_fields_set and policy.required < least:
        what = f"{row} needs {least} approvals, {name!r} asks for {policy.required}."
        yield Problem(at.path, at.line, what, "A policy can only raise what the catalogue asks for.")


def _numbers(name: str, policy: Policy, path: Path, document: Document) -> Iterator[Problem]:
    for severity, override in policy.severity.items():
        if "required" in override.model_fields_set and override.required < policy.required:
            line = document.line(("approvals", name, "severity", severity, "required"))
            what = (
                f"{name!r} asks for {policy.required} approvals, and at {severity} for {override.required}."
            )
            yield Problem(path, line, what, "A severity can only raise it.")


def _steps(playbook: Playbook, path: Path, document: Document) -> Iterator[Problem]:
    for index, step in enumerate(playbook.steps):
        if not isinstance(step, RemediationStep):
            continue
        where = ("steps", index, "approvals")
        if isinstance(step.approvals, str) and step.approvals not in playbook.approvals:
            what = f"The step {step.key!r} names the policy {step.approvals!r}, which there is not."
            known = ", ".join(playbook.approvals) or "none: add a section `approvals`"
            yield Problem(path, document.line(where), what, f"The policies are {known}.")
        if isinstance(step.approvals, Approvals):
            each = [(one, asked(playbook, step, step.remediation[0], one)) for one in SEVERITIES]
            yield from _times(each, f"The step {step.key!r}", path, document, where)


def _times(
    each: list[tuple[int, Asked]], whose: str, path: Path, document: Document, where: Where
) -> Iterator[Problem]:
    """The first severity whose escalation or reminder would come when the plan has expired already."""
    for key, does in (("escalate_minutes", "asks the wider group"), ("remind_minutes", "reminds")):
        for severity, one in each:
            minutes, end = getattr(one.policy, key), one.expires_minutes
            if minutes and end and minutes >= end and key in _written(document, where):
                what = f"{whose} {does} after {minutes} minutes at sev{severity}, and expires after {end}."
                yield Problem(path, document.line((*where, key)), what, "Do it before the plan expires.")
                break


def _written(document: Document, where: Where) -> set[str]:
    """The names of all keys under a place of the file: defaults are nobody's mistake."""
    return {str(path[-1]) for path in document.lines if path[: len(where)] == where}
