"""Pictures and list of an investigation: in the vault, in the database and in the thread, once."""

from __future__ import annotations

import csv
import io
import threading

import pytest

from bot.incidents import jobs
from bot.reports.handlers import handlers
from bot.slack import files
from bot.store import evidence, incidents, outbox
from bot.store.tables.evidence import Artefact
from bot.store.tables.work import OutboxMessage
from tests.reports.case import Case

NAMES = ["timeline", "lineage", "events"]


def show(case: Case) -> None:
    handlers(case.desk.database, case.desk.settings)[jobs.EVIDENCE_SHOW]({"incident_id": 1, "run_id": 1})


def shown(case: Case) -> list[OutboxMessage]:
    with case.desk.database.read() as tx:
        return [one for one in outbox.pending(tx) if one.key.startswith("evidence:1:file:")]


def kept(case: Case) -> list[Artefact]:
    with case.desk.database.read() as tx:
        return [one for one in evidence.artefacts(tx, 1) if one.kind in ("picture", "list")]


def test_an_investigation_queues_it_once(both: Case) -> None:
    both.investigate()
    assert both.desk.queued(jobs.EVIDENCE_SHOW) == [{"incident_id": 1, "run_id": 1}]


def test_pictures_and_list_follow_into_the_thread(both: Case) -> None:
    both.investigate()
    show(both)
    assert [one.name for one in kept(both)] == [
        "inc-0001-acme-payroll-timeline.png",
        "inc-0001-acme-payroll-lineage.png",
        "inc-0001-acme-payroll-events.csv",
    ]
    messages = {one.key.rpartition(":")[2]: one for one in shown(both)}
    assert list(messages) == NAMES
    assert {one.thread_of for one in messages.values()} == {"evidence:1"}
    with both.desk.database.read() as tx:
        picture = files.load(tx, both.vault, messages["timeline"])
        listed = files.load(tx, both.vault, messages["events"])
    assert picture.content.startswith(b"\x89PNG")
    assert picture.alt_text.startswith("Requests over time in acme-payroll")
    rows = list(csv.DictReader(io.StringIO(listed.content.decode("utf-8-sig"), newline="")))
    assert {row["label"] for row in rows} >= {"suspect", "known"}
    assert any("D6" in row["why"] for row in rows)


def test_run_again_it_changes_nothing(both: Case) -> None:
    both.investigate()
    show(both)
    before = [(one.key, one.wanted) for one in shown(both)], [one.id for one in kept(both)]
    show(both)
    assert ([(one.key, one.wanted) for one in shown(both)], [one.id for one in kept(both)]) == before


def test_two_workers_at_once_post_it_once(both: Case) -> None:
    both.investigate()
    together = [threading.Thread(target=show, args=(both,)) for _ in range(2)]
    for one in together:
        one.start()
    for one in together:
        one.join()
    assert len(kept(both)) == 3
    assert [one.key.rpartition(":")[2] for one in shown(both)] == NAMES


def test_killed_before_it_was_posted_it_is_done_again(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    case.investigate()
    with monkeypatch.context() as patch:
        patch.setattr(incidents, "hold", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            show(case)
    assert kept(case) == []
    show(case)
    assert len(kept(case)) == 3


def test_without_its_files_the_job_is_tried_again(case: Case) -> None:
    case.investigate()
    for file in case.vault.root.glob("*/*.gz"):
        file.unlink()
    with pytest.raises(OSError, match=r"\S"):
        show(case)


def test_of_a_run_that_is_not_there_nothing_is_shown(case: Case) -> None:
    show(case)
    assert shown(case) == []
