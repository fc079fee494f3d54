from __future__ import annotations

import hashlib
import threading

from bot.incidents import jobs
from bot.reports.handlers import report_key
from bot.slack import files
from bot.store import incidents, ledger, outbox
from tests.incidents.doing import later
from tests.reports.case import Case, Page


def test_closing_queues_the_report_once(both: Case) -> None:
    assert both.desk.queued(jobs.REPORT_WRITE) == []
    both.close()
    assert both.desk.queued(jobs.REPORT_WRITE) == [{"incident_id": 1}]


def test_the_report_lies_in_the_vault_and_is_posted(both: Case) -> None:
    both.investigate()
    both.close()
    both.write()
    (row,) = both.reports()
    assert row.name == "inc-0001-acme-payroll-report.html"
    with both.desk.database.read() as tx:
        message = outbox.find(tx, report_key(1))
        assert message is not None
        assert (message.card, message.destination) == ("file", "incident:1")
        file = files.load(tx, both.vault.root, message)
    assert hashlib.sha256(file.content).hexdigest() == row.sha256
    assert file.title == "Post-incident report (HTML)"
    page = Page.of(file.content.decode())
    assert "Post-incident report" in page.text
    images = [attributes for tag, attributes in page.elements if tag == "img"]
    assert len(images) == 2
    assert all(one["alt"] for one in images)


def test_timeline_and_ledger_hold_the_reports_hash(case: Case) -> None:
    case.close()
    case.write()
    (row,) = case.reports()
    with case.desk.database.read() as tx:
        entry = list(ledger.entries(tx, 1))[-1]
        assert incidents.timeline(tx, 1)[-1].kind == "report.written"
        assert ledger.first_broken(tx) is None
    assert (entry.action, entry.detail) == ("report.written", {"sha256": row.sha256})


def test_run_again_it_changes_nothing(both: Case) -> None:
    both.close()
    both.write()
    with both.desk.database.read() as tx:
        head = ledger.head(tx)
    with later(minutes=5):
        both.write(job_id=7)
    with both.desk.database.read() as tx:
        assert ledger.head(tx) == head
        message = outbox.find(tx, report_key(1))
    assert len(both.reports()) == 1
    assert message is not None
    assert message.wanted == 1


def test_two_workers_at_once_publish_one(both: Case) -> None:
    both.close()
    ready = threading.Barrier(2)

    def work() -> None:
        ready.wait()
        both.write()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(both.reports()) == 1


def test_a_job_for_an_incident_that_is_gone_ends_quietly(case: Case) -> None:
    case.write(incident_id=99)
    assert case.reports() == []
    assert not case.vault.root.exists()


def test_an_earlier_report_is_no_evidence(case: Case) -> None:
    case.close()
    case.write()
    assert case.gather().exhibits == ()


def test_people_are_named_as_slack_shows_them_beside_their_ids(case: Case) -> None:
    case.close()
    asked: list[str] = []

    def name_of(user_id: str) -> str:
        asked.append(user_id)
        return "Dana <b>Okafor</b>"

    case.write(name_of)
    page = case.written()
    assert asked == ["U0DANA"]
    assert "PeopleDana <b>Okafor</b> is U0DANA" in page.text
    assert "b" not in page.tags
    assert "U0DANA closed it on" in page.text


def test_whom_nobody_can_name_keeps_the_id(case: Case) -> None:
    case.close()
    case.write()
    assert "People are named by their Slack user id." in case.written().text
