from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import time_machine

from bot.clock import CATCH_UP, Clock, newest_slots
from bot.config import AuditSchedule
from bot.incidents.jobs import AUDIT_RUN
from bot.store import jobs
from bot.store.database import Database

BERLIN = AuditSchedule(
    channel="C0SECURITY",
    account_id="111122223333",
    timezone="Europe/Berlin",
    daily="0 9 * * mon-fri",
    weekly="0 8 * * mon",
)


def queued(database: Database) -> list[tuple[str, str]]:
    with database.read() as tx:
        return [(job.payload["channel_id"], job.payload["cadence"]) for job in jobs.open_jobs(tx, AUDIT_RUN)]


def slots(since: datetime, until: datetime) -> dict[str, datetime]:
    return dict(newest_slots(BERLIN, since, until))


def test_a_slot_is_in_the_channels_own_timezone_in_winter_and_in_summer() -> None:
    winter = slots(datetime(2026, 1, 14, 7, 0, tzinfo=UTC), datetime(2026, 1, 14, 12, 0, tzinfo=UTC))
    summer = slots(datetime(2026, 7, 15, 6, 0, tzinfo=UTC), datetime(2026, 7, 15, 12, 0, tzinfo=UTC))
    assert winter["daily"].astimezone(UTC).hour == 8
    assert summer["daily"].astimezone(UTC).hour == 7
    assert "weekly" not in winter


def test_the_clock_change_fires_neither_twice_nor_never() -> None:
    nightly = BERLIN.model_copy(update={"daily": "30 2 * * *", "weekly": None})
    for day in (datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 10, 24, 12, tzinfo=UTC)):
        assert len(list(newest_slots(nightly, day, day + timedelta(days=1)))) == 1


def test_a_slot_fires_once_for_many_clocks(database: Database) -> None:
    with time_machine.travel(datetime(2026, 1, 14, 7, 59, 59, tzinfo=UTC), tick=False) as now:
        clocks = [Clock(database, (BERLIN,)) for _ in range(4)]
        for clock in clocks:
            clock.tick()
        assert queued(database) == []
        now.shift(1)
        threads = [threading.Thread(target=clock.tick) for clock in clocks]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert queued(database) == [("C0SECURITY", "daily")]
        now.shift(1)
        assert sum(clock.tick() for clock in clocks) == 0


def test_a_monday_morning_has_a_daily_and_a_weekly_slot(sqlite: Database) -> None:
    with time_machine.travel(datetime(2026, 1, 12, 6, 0, tzinfo=UTC), tick=False) as now:
        clock = Clock(sqlite, (BERLIN,))
        now.shift(timedelta(hours=2, minutes=1))
        clock.tick()
        assert sorted(cadence for _, cadence in queued(sqlite)) == ["daily", "weekly"]


def test_a_slot_missed_while_everything_was_down_fires_late_but_an_old_one_does_not(sqlite: Database) -> None:
    slot = datetime(2026, 1, 14, 8, 0, tzinfo=UTC)
    with time_machine.travel(slot + CATCH_UP - timedelta(minutes=1), tick=False):
        assert Clock(sqlite, (BERLIN,)).tick() == 1
    with time_machine.travel(slot + timedelta(days=1) + CATCH_UP + timedelta(minutes=1), tick=False):
        assert Clock(sqlite, (BERLIN,)).tick() == 0


def test_the_ticker_ticks_by_itself(sqlite: Database) -> None:
    every_minute = BERLIN.model_copy(update={"daily": "* * * * *", "weekly": None})
    clock = Clock(sqlite, (every_minute,))
    clock.start()
    try:
        for _ in range(60):
            if queued(sqlite):
                break
            threading.Event().wait(0.1)
    finally:
        clock.stop()
    assert queued(sqlite) == [("C0SECURITY", "daily")]
