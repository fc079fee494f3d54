"""Whether a playbook of the right shape also makes sense: names, order, rows of the catalogue, templates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from bot.playbooks.check_policies import ROWS, no_such_row, policy_problems
from bot.playbooks.conditions import holds
from bot.playbooks.context import empty_context, sample_context
from bot.playbooks.format import Playbook, RemediationStep, Step
from bot.playbooks.problems import Problem
from bot.playbooks.render import RenderError, render
from bot.playbooks.yaml_lines import Document

#: For each step's index: the file its text comes from, and the line before the text's first one.
Texts = dict[int, tuple[Path, int]]


def problems_in(
    playbook: Playbook, path: Path, document: Document, texts: Mapping[int, tuple[Path, int]]
) -> Iterator[Problem]:
    """Every problem, in no particular order."""
    yield from _names(playbook, path, document)
    yield from _order(playbook, path, document)
    yield from policy_problems(playbook, path, document)
    for index, step in enumerate(playbook.steps):
        yield from _rows(step, path, document, index)
        yield from _condition(step, path, document.line(("steps", index, "when")))
        yield from _text(step, *texts[index])


def _names(playbook: Playbook, path: Path, document: Document) -> Iterator[Problem]:
    if playbook.name != path.stem:
        what = f"The playbook is named {playbook.name!r}, its file {path.name!r}."
        yield Problem(path, document.line(("name",)), what, "Give both the same name.")
    counts = Counter(step.key for step in playbook.steps)
    for index, step in enumerate(playbook.steps):
        line = document.line(("steps", index, "key"))
        if counts[step.key] > 1:
            yield Problem(path, line, f"The step {step.key!r} stands twice.", "Give each step its own key.")
        for place, need in enumerate(step.needs):
            if need not in counts:
                known = ", ".join(counts)
                what = f"The step {step.key!r} needs {need!r}, which is no step."
                line = document.line(("steps", index, "needs", place))
                yield Problem(path, line, what, f"The steps are {known}.")


def _order(playbook: Playbook, path: Path, document: Document) -> Iterator[Problem]:
    try:
        TopologicalSorter({step.key: step.needs for step in playbook.steps}).prepare()
    except CycleError as error:
        # graphlib gives a cycle as [a, b, a], each needed by the next.
        cycle: list[str] = error.args[1]
        index = min(i for i, step in enumerate(playbook.steps) if step.key in cycle)
        what = f"These steps wait for each other: {' -> '.join(cycle)}."
        line = document.line(("steps", index, "needs"))
        yield Problem(path, line, what, "Remove one of these from a needs.")


def _rows(step: Step, path: Path, document: Document, index: int) -> Iterator[Problem]:
    if not isinstance(step, RemediationStep):
        return
    for place, row in enumerate(step.remediation):
        line = document.line(("steps", index, "remediation", place))
        if row not in ROWS:
            yield no_such_row(path, line, row)
        if row in step.remediation[:place]:
            yield Problem(path, line, f"{row} stands twice in the step {step.key!r}.", "Remove one of them.")


def _condition(step: Step, path: Path, line: int) -> Iterator[Problem]:
    for context in (sample_context(), empty_context()):
        try:
            holds(step.when, context)
        except RenderError as error:
            what = f"The condition of {step.key!r} cannot be decided: {error}."
            yield Problem(path, line, what, _SPEAK_OF)
            return


def _text(step: Step, path: Path, offset: int) -> Iterator[Problem]:
    for context in (sample_context(), empty_context()):
        try:
            render(getattr(step, "text", ""), context)
        except RenderError as error:
            line = offset + (error.line or 1)
            yield Problem(path, line, f"The text of {step.key!r} does not render: {error}.", _SPEAK_OF)
            return


_SPEAK_OF = (
    "It can speak of incident, findings, answers (answers.E10.answer), actors, suspects, proposals"
    " and evidence."
)
