from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import time_machine

from bot.store import jobs
from bot.store.database import Database

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)


def _claim(database: Database, owner: str = "w1", kinds: tuple[str, ...] = ("a",)) -> jobs.Claim | None:
    with database.begin() as tx:
        return jobs.claim(tx, owner, kinds)


def test_eight_workers_do_forty_jobs_once_each(database: Database) -> None:
    with database.begin() as tx:
        for number in range(40):
            jobs.enqueue(tx, "a", number=number)
    done: list[int] = []

    def work(name: str) -> None:
        while claim := _claim(database, name):
            done.append(claim.payload["number"])
            with database.begin() as tx:
                jobs.finish(tx, claim)

    threads = [threading.Thread(target=work, args=(f"w{i}",)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == list(range(40))


def test_a_dead_workers_job_is_taken_over_when_its_lease_ends(database: Database) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        with database.begin() as tx:
            jobs.enqueue(tx, "a")
        first = _claim(database, "dead")
        assert first is not None
        assert _claim(database, "heir") is None
        clock.shift(jobs.LEASE + timedelta(seconds=1))
        heir = _claim(database, "heir")
        assert heir is not None
        assert (heir.id, heir.attempts) == (first.id, 2)
        with database.begin() as tx:
            assert not jobs.renew(tx, first)
            assert jobs.renew(tx, heir)
            jobs.finish(tx, first)  # the dead one wakes up: too late
            assert len(jobs.open_jobs(tx)) == 1
            jobs.finish(tx, heir)
            assert jobs.open_jobs(tx) == []


def test_the_same_dedupe_key_queues_once_even_after_it_is_done(database: Database) -> None:
    with database.begin() as tx:
        jobs.enqueue(tx, "a", dedupe_key="execute:p1")
        jobs.enqueue(tx, "a", dedupe_key="execute:p1")
    claim = _claim(database)
    assert claim is not None
    with database.begin() as tx:
        jobs.finish(tx, claim)
        jobs.enqueue(tx, "a", dedupe_key="execute:p1")
        assert jobs.open_jobs(tx) == []


def test_a_failing_job_waits_longer_each_time_and_is_then_given_up(database: Database) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        with database.begin() as tx:
            jobs.enqueue(tx, "a")
        pauses = []
        given_up = False
        while not given_up:
            claim = _claim(database)
            assert claim is not None
            with database.begin() as tx:
                given_up = jobs.fail(tx, claim, "AccessDenied", max_attempts=4)
                due = jobs.next_due(tx)
            if due is not None:
                pauses.append((due - datetime.now(UTC)).total_seconds())
                assert _claim(database) is None
                clock.move_to(due)
        assert pauses == [2, 4, 8]
        assert _claim(database) is None


def test_urgent_work_goes_first_and_future_work_waits(database: Database) -> None:
    with time_machine.travel(NOW, tick=False), database.begin() as tx:
        jobs.enqueue(tx, "a", name="later", due_at=NOW + timedelta(minutes=1))
        jobs.enqueue(tx, "a", name="plain")
        jobs.enqueue(tx, "a", name="urgent", priority=10)
        jobs.enqueue(tx, "other", name="not mine")
        order = []
        while claim := jobs.claim(tx, "w", ("a",)):
            order.append(claim.payload["name"])
        assert order == ["urgent", "plain"]


def test_a_job_queued_in_a_transaction_that_fails_was_never_queued(database: Database) -> None:
    try:
        with database.begin() as tx:
            jobs.enqueue(tx, "a")
            raise RuntimeError("the state change failed")
    except RuntimeError:
        pass
    assert _claim(database) is None
    assert database.wakeup.count == 0


def test_a_commit_with_work_wakes_the_worker(database: Database) -> None:
    with database.begin() as tx:
        jobs.enqueue(tx, "a")
        assert database.wakeup.count == 0
    assert database.wakeup.count == 1


def test_who_lost_the_lease_to_itself_ends_nothing(database: Database) -> None:
    """A process that slept: another of its own threads has the job now, under the same owner."""
    with database.begin() as tx:
        jobs.enqueue(tx, "a")
        slept = jobs.claim(tx, "one process", ["a"], lease=timedelta(seconds=-1))
        now_has_it = jobs.claim(tx, "one process", ["a"])
        assert slept is not None
        assert now_has_it is not None
        assert not jobs.renew(tx, slept)
        jobs.finish(tx, slept)
        assert not jobs.fail(tx, slept, "too late", max_attempts=1)
        assert jobs.renew(tx, now_has_it)
        [job] = jobs.open_jobs(tx)
        assert (job.last_error, job.attempts) == (None, 2)
        jobs.finish(tx, now_has_it)
        assert jobs.open_jobs(tx) == []
