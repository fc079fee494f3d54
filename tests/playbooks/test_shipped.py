"""The playbook that comes with the program: what is automated, by whom it waits, what people still do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.evidence.proposing.plan import CONTAINING
from bot.evidence.proposing.plan import ROWS as PROPOSED
from bot.incidents.batches import COMES_AFTER
from bot.playbooks.check_policies import ROWS
from bot.playbooks.context import sample_context
from bot.playbooks.format import RemediationStep
from bot.playbooks.load import load
from bot.playbooks.policies import asked
from bot.playbooks.render import render
from bot.remediation.catalogue import listing
from bot.resources import data_folder

SHIPPED = load(data_folder("playbooks") / "unauthorized-s3-access.yml").playbook
STEPS = {step.key: step for step in SHIPPED.steps}
PROPOSING = [step for step in SHIPPED.steps if isinstance(step, RemediationStep)]
BY_ROW = {row: step for step in PROPOSING for row in step.remediation}
CONTAIN = STEPS["contain-now"]
#: "Two for": what destroys, what cannot be undone completely, what reaches beyond the bucket.
TWO_PEOPLE = {"R10", "R13", "R20", "R22", "R28", "R29", "R32", "R42"}


def said(file: str, *actors: dict[str, object]) -> str:
    text = (data_folder("playbooks") / "unauthorized-s3-access" / file).read_text()
    return render(text, {**sample_context(), "suspects": actors})


def test_the_texts_speak_of_all_suspects() -> None:
    (sample,) = sample_context()["suspects"]
    role = {
        **sample,
        "principal": "arn:aws:sts::111122223333:assumed-role/export/s",
        "objects_read": ["b", "c"],
    }
    nobody = {**sample, "principal": "anonymous", "source_ips": ["192.0.2.180"], "objects_read": ["b"]}
    nothing = {**sample, "objects_read": []}
    alone = said("ask-data-owner.md.j2", role)
    assert "that `assumed-role/export/s` read (2; the list" in alone
    assert "that the suspects read (2; the list" in said("ask-data-owner.md.j2", nothing, role, nobody)
    assert "(no object was read by a suspect" in said("ask-data-owner.md.j2", nothing)
    found = said("found.md.j2", role, nobody)
    assert "*Under suspicion in `" in found
    assert ":* `assumed-role/export/s`, `anonymous` from `192.0.2.180`. The evidence" in found


def waits_for(key: str) -> Iterator[str]:
    for need in STEPS[key].needs:
        yield need
        yield from waits_for(need)


def test_every_row_of_the_response_plan_is_proposed_by_one_step() -> None:
    named = [row for step in PROPOSING for row in step.remediation]
    assert sorted(named) == sorted(ROWS)
    assert {one.row for one in listing()} | set(PROPOSED) <= set(named)


def test_the_order_that_leaves_no_second_way_in() -> None:
    assert isinstance(CONTAIN, RemediationStep)
    place = {row: at for at, row in enumerate(CONTAIN.remediation)}
    for row, first in COMES_AFTER.items():
        assert row not in place or all(place[one] < place[row] for one in first & place.keys())
    assert "contain-now" in waits_for(BY_ROW["R10"].key)


def test_what_stops_somebody_counts_as_containment() -> None:
    assert isinstance(CONTAIN, RemediationStep)
    assert set(CONTAIN.remediation) >= CONTAINING
    assert all(step.phase != "containment" for step in PROPOSING if step is not CONTAIN)


@pytest.mark.parametrize("severity", [1, 2, 3, 4])
def test_two_people_where_one_is_too_few(severity: int) -> None:
    asked_for = {row: asked(SHIPPED, step, row, severity).required for row, step in BY_ROW.items()}
    assert {row for row, required in asked_for.items() if required == 2} == TWO_PEOPLE


def test_the_worst_incidents_are_asked_about_sooner() -> None:
    worst, usual = (asked(SHIPPED, None, "R2", severity).policy for severity in (1, 2))
    assert (worst.remind_minutes, worst.escalate_minutes) == (5, 10)
    assert (usual.remind_minutes, usual.escalate_minutes) == (10, 25)
    assert worst.break_glass == usual.break_glass == ("approvers",)
