from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from bot.store import jobs, ledger
from bot.store.database import Database
from bot.store.types import JsonObject, Tx
from bot.worker import LETHAL, Worker


class Desk:
    """Handlers that note what they were given."""

    def __init__(self) -> None:
        self.seen: list[JsonObject] = []
        self.arrived = threading.Condition()

    def take(self, payload: JsonObject) -> None:
        with self.arrived:
            self.seen.append(payload)
            self.arrived.notify_all()

    def wait_for(self, count: int, timeout: float = 5) -> None:
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.seen) >= count, timeout), self.seen


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def started() -> Iterator[list[Worker]]:
    workers: list[Worker] = []
    yield workers
    for worker in workers:
        worker.stop()


def test_work_is_done_as_soon_as_it_is_committed_and_knows_its_job(
    database: Database, desk: Desk, started: list[Worker]
) -> None:
    worker = Worker(database, {"a": desk.take}, lambda: False, threads=2)
    started.append(worker)
    worker.start()
    with database.begin() as tx:
        jobs.enqueue(tx, "a", number=1)
    desk.wait_for(1)
    assert desk.seen[0]["number"] == 1
    assert isinstance(desk.seen[0]["job_id"], int)


def test_two_workers_share_the_queue(database: Database, desk: Desk, started: list[Worker]) -> None:
    with database.begin() as tx:
        for number in range(30):
            jobs.enqueue(tx, "a", number=number)
    for _ in range(2):
        started.append(Worker(database, {"a": desk.take}, lambda: False, threads=2))
        started[-1].start()
    desk.wait_for(30)
    assert sorted(one["number"] for one in desk.seen) == list(range(30))


def test_a_failing_handler_is_tried_again_and_the_thread_lives(
    sqlite: Database, desk: Desk, started: list[Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail_once(payload: JsonObject) -> None:
        desk.take(payload)
        if len(desk.seen) == 1:
            raise ValueError("the first try fails")

    monkeypatch.setattr("bot.store.jobs._LONGEST_PAUSE", __import__("datetime").timedelta(0))
    worker = Worker(sqlite, {"a": fail_once}, lambda: False, threads=1)
    started.append(worker)
    worker.start()
    with sqlite.begin() as tx:
        jobs.enqueue(tx, "a")
    desk.wait_for(2)
    assert desk.seen[0]["job_id"] == desk.seen[1]["job_id"]


def test_work_that_never_succeeds_is_given_up_aloud(
    sqlite: Database, started: list[Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    def always_fail(_: JsonObject) -> None:
        raise ValueError("no such luck")

    monkeypatch.setattr("bot.store.jobs._LONGEST_PAUSE", __import__("datetime").timedelta(0))
    worker = Worker(sqlite, {"a": always_fail}, lambda: False, threads=1)
    started.append(worker)
    worker.start()
    with sqlite.begin() as tx:
        jobs.enqueue(tx, "a")
    for _ in range(100):
        with sqlite.read() as tx:
            if ledger.size(tx):
                break
        threading.Event().wait(0.1)
    with sqlite.read() as tx:
        [entry] = ledger.entries(tx)
        assert jobs.open_jobs(tx) == []
    assert (entry.action, entry.detail["error"]) == ("job.given_up", "ValueError: no such luck")


def test_work_that_no_process_survives_is_given_up_aloud(
    database: Database, desk: Desk, started: list[Worker]
) -> None:
    """As often as it may be tried, it was taken up by a process that never came back."""
    with database.begin() as tx:
        jobs.enqueue(tx, "a")
    for _ in range(jobs.MAX_ATTEMPTS):
        with database.begin() as tx:
            assert jobs.claim(tx, "dies", ("a",), lease=timedelta(0))
    started.append(Worker(database, {"a": desk.take}, lambda: False, threads=1))
    started[0].start()
    for _ in range(100):
        with database.read() as tx:
            if not jobs.open_jobs(tx):
                break
        threading.Event().wait(0.1)
    with database.read() as tx:
        [entry] = ledger.entries(tx)
    assert (entry.action, entry.detail["error"], desk.seen) == ("job.given_up", LETHAL, [])


def test_delivery_goes_on_after_an_unexpected_error(sqlite: Database, started: list[Worker]) -> None:
    calls = threading.Semaphore(0)

    def deliver() -> bool:
        calls.release()
        raise RuntimeError("Slack said something new")

    worker = Worker(sqlite, {}, deliver, threads=1)
    started.append(worker)
    worker.start()
    for _ in range(2):
        assert calls.acquire(timeout=5)


def test_leases_are_kept_after_the_database_was_away_for_a_moment(
    sqlite: Database, started: list[Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the job would be taken over while it runs, again and again until the process ends."""
    monkeypatch.setattr("bot.store.jobs.LEASE", timedelta(seconds=0.4))
    renewals: list[bool] = []
    renew, end = jobs.renew, threading.Event()

    def failing_once(tx: Tx, claim: jobs.Claim) -> bool:
        if not renewals:
            renewals.append(False)
            raise OperationalError("the database is away", None, Exception())
        renewals.append(renew(tx, claim))
        return renewals[-1]

    monkeypatch.setattr("bot.store.jobs.renew", failing_once)
    worker = Worker(sqlite, {"a": lambda _: assert_(end.wait(10))}, lambda: False, threads=1)
    started.append(worker)
    worker.start()
    with sqlite.begin() as tx:
        jobs.enqueue(tx, "a")
    deadline = time.monotonic() + 5
    while len(renewals) < 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    end.set()
    assert renewals[:3] == [False, True, True]


def assert_(condition: bool) -> None:
    assert condition
