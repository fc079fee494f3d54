"""The playbook that comes with the program: what is automated, by whom it waits, what people still do."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.evidence.proposing.plan import CONTAINING, ROWS
from bot.playbooks.format import RemediationStep
from bot.playbooks.load import load
from bot.remediation.catalogue import listing
from bot.resources import data_folder

SHIPPED = load(data_folder("playbooks") / "unauthorized-s3-access.yml").playbook
STEPS = {step.key: step for step in SHIPPED.steps}
BY_ROW = {step.remediation: step for step in SHIPPED.steps if isinstance(step, RemediationStep)}
#: Proposed without all that planning needs: people say where the logs shall go.
BY_HAND = {"R34"}


def waits_for(key: str) -> Iterator[str]:
    for need in STEPS[key].needs:
        yield need
        yield from waits_for(need)


def test_every_row_that_evidence_proposes_and_the_bot_can_do_is_a_step() -> None:
    assert set(BY_ROW) == (set(ROWS) & {one.row for one in listing()}) - BY_HAND


def test_what_the_bot_does_is_not_asked_of_people_too() -> None:
    rows = {key: set(re.findall(r"\bR\d+\b", STEPS[key].when or "")) for key in ("by-hand", "repair-by-hand")}
    assert rows["by-hand"] == set(BY_ROW) | rows["repair-by-hand"]
    assert not rows["repair-by-hand"] & set(BY_ROW)
    assert rows["repair-by-hand"] == set(ROWS) - CONTAINING - set(BY_ROW)


def test_the_order_that_leaves_no_second_way_in() -> None:
    def first(row: str) -> str:
        return BY_ROW[row].key

    assert first("R2") in waits_for(first("R1"))
    assert {first("R2"), first("R1")} <= set(waits_for(first("R5")))
    assert first("R21") in waits_for(first("R19"))


def test_what_stops_somebody_counts_as_containment() -> None:
    phases = {row: step.phase for row, step in BY_ROW.items()}
    assert {row for row, phase in phases.items() if phase == "containment"} == set(BY_ROW) & CONTAINING
