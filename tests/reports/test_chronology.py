from __future__ import annotations

import pytest

from bot.incidents.notes import add_note
from bot.reports import chronology
from tests.incidents.doing import DANA, later
from tests.reports.case import Case


def test_the_logs_and_the_response_are_one_timeline_in_order(case: Case) -> None:
    found = case.investigate()
    lines = case.gather().chronology.happenings
    assert [line.time for line in lines] == sorted(line.time for line in lines)
    attack = [line for line in lines if line.side == "attack"]
    assert len(attack) == sum(entry.label == "suspect" for entry in found.timeline)
    assert {line.side for line in lines} >= {"attack", "response"}


def test_what_a_person_wrote_is_told_as_theirs(case: Case) -> None:
    with later(minutes=1), case.desk.database.begin() as tx:
        add_note(tx, 1, DANA.user_id, "the owner was called")
    with later(minutes=2):
        case.close("key rotated")
    *_, note, closed = case.gather().chronology.happenings
    assert (note.who, note.text) == ("U0DANA", "Note: the owner was called")
    assert closed.text == "Closed. key rotated"


def test_days_are_headings(case: Case) -> None:
    case.investigate()
    shown = case.page().text
    assert "2026-03-01, Sunday (UTC)" in shown
    assert "2026-11-23, Monday (UTC)" in shown


@pytest.mark.parametrize("harm", ["gone", "changed"])
def test_a_lost_investigation_leaves_a_gap_that_is_named(case: Case, harm: str) -> None:
    case.investigate()
    (file,) = [one for one in case.gather().exhibits if one.kind == "investigation"]
    path = case.vault.root / file.sha256[:2] / f"{file.sha256}.gz"
    path.unlink() if harm == "gone" else path.write_bytes(path.read_bytes()[:-9])
    told = case.gather().chronology
    assert {line.side for line in told.happenings} == {"response"}
    assert told.gap
    assert told.gap in case.page().text


def test_a_long_attack_is_cut_in_the_middle_and_says_so(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    found = case.investigate()
    monkeypatch.setattr(chronology, "MOST_ACTS", 4)
    told = case.gather().chronology
    acts = [line for line in told.happenings if line.side != "response"]
    assert [act.time for act in acts] == [found.timeline[n].time for n in (0, 1, -2, -1)]
    assert told.left_out == len(found.timeline) - 4
    assert f"{told.left_out} acts in the middle" in case.page().text
