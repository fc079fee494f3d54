"""What two people or two processes may do at once, and what must happen exactly once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from bot.store import inbox, incidents, plans
from bot.store.database import Database
from bot.store.tables.incidents import Incident
from bot.store.tables.plans import PlanRow
from bot.store.types import utcnow

SLOT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def together(count: int, act: Callable[[int], bool]) -> int:
    """Runs `act` in many threads at once; how many of them were told True."""
    start = threading.Barrier(count)
    wins: list[bool] = []

    def one(number: int) -> None:
        start.wait()
        wins.append(act(number))

    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(wins) == count
    return sum(wins)


def new_incident(database: Database, bucket: str = "acme-payroll") -> Incident | None:
    with database.begin() as tx:
        return incidents.insert(
            tx,
            Incident(
                bucket=bucket,
                account_id="111122223333",
                region="us-east-1",
                severity=1,
                phase="triage",
                opened_by="U1",
                opened_at=utcnow(),
            ),
        )


@pytest.fixture
def plan(database: Database) -> PlanRow:
    incident = new_incident(database)
    assert incident is not None
    with database.begin() as tx:
        return plans.insert(
            tx,
            PlanRow(
                id="p1",
                incident_id=incident.id,
                number=1,
                remediation="R2",
                account_id="111122223333",
                region="us-east-1",
                target={},
                body={},
                digest="d",
                base_hash="b",
                state="proposed",
                requested_by="U1",
                required_approvals=1,
                created_at=utcnow(),
                expires_at=utcnow() + timedelta(hours=1),
            ),
        )


def test_one_open_incident_a_bucket_however_many_open_it(database: Database) -> None:
    assert together(8, lambda _: new_incident(database) is not None) == 1


def test_a_closed_incident_lets_the_next_one_open(database: Database) -> None:
    first = new_incident(database)
    assert first is not None
    with database.begin() as tx:
        assert incidents.move(tx, first.id, ["triage"], "closed")
    second = new_incident(database)
    assert second is not None
    assert (first.name, second.name) == ("inc-0001", "inc-0002")


def test_one_click_decides(database: Database, plan: PlanRow) -> None:
    def decide(number: int) -> bool:
        with database.begin() as tx:
            return plans.move(tx, plan.id, ["proposed"], "approved" if number % 2 else "rejected")

    assert together(20, decide) == 1


def test_one_person_counts_once(database: Database, plan: PlanRow) -> None:
    def approve(number: int) -> bool:
        with database.begin() as tx:
            return plans.add_approval(tx, plan.id, f"U{number % 3}", "d")

    assert together(12, approve) == 3


def test_a_slot_fires_once_and_a_delivery_is_taken_once(database: Database) -> None:
    def fire(_: int) -> bool:
        with database.begin() as tx:
            return inbox.fire_slot(tx, "audit:C1:daily", SLOT)

    def deliver(_: int) -> bool:
        with database.begin() as tx:
            return inbox.first_time(tx, "trigger-1", "command")

    assert together(6, fire) == 1
    assert together(6, deliver) == 1


def test_a_second_intent_is_a_new_attempt_of_the_same_call(database: Database, plan: PlanRow) -> None:
    with database.begin() as tx:
        execution = plans.start_execution(tx, plan.id, "inc-0001.p1", "slack-T1-U2")
        for _ in range(2):
            plans.write_intent(tx, execution.id, 0, "iam", "attach_user_policy", {"UserName": "x"})
        plans.write_outcome(tx, execution.id, 0, "done", "req-1")
        assert plans.end_execution(tx, execution.id, "verified", {})
        assert not plans.end_execution(tx, execution.id, "failed", {})
    with database.read() as tx:
        [entry] = plans.journal(tx, execution.id)
        assert (entry.state, entry.attempts, entry.request_id) == ("done", 2, "req-1")


def test_moments_without_a_timezone_are_refused(database: Database) -> None:
    with pytest.raises(Exception, match="no timezone"), database.begin() as tx:
        inbox.fire_slot(tx, "audit", datetime(2026, 1, 1))  # noqa: DTZ001
