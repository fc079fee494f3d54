"""The clock: says that it is time, and nothing else. The database decides who acts on it, once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from bot.config import AuditSchedule
from bot.incidents import jobs as kinds
from bot.store import inbox, jobs
from bot.store.database import Database
from bot.store.types import utcnow

#: A slot that was missed while no process ran still fires when one starts within this time.
CATCH_UP = timedelta(hours=2)


class Clock:
    """One ticker a second; each schedule's slots since the last tick are fired.

    Any number of processes may run a clock: `digest_runs` lets each slot fire once.
    """

    def __init__(self, database: Database, schedules: tuple[AuditSchedule, ...]) -> None:
        self._database = database
        self._schedules = schedules
        self._looked_until = utcnow() - CATCH_UP
        self._scheduler = BackgroundScheduler(timezone="UTC")

    def start(self) -> None:
        self._scheduler.add_job(
            self.tick, "interval", seconds=1, max_instances=1, coalesce=True, misfire_grace_time=None
        )
        self._scheduler.start()

    def stop(self) -> None:
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)

    def tick(self) -> int:
        """Fires every slot since the last tick; how many this process fired."""
        now = utcnow()
        fired = 0
        for schedule in self._schedules:
            for cadence, slot in newest_slots(schedule, self._looked_until, now):
                fired += self._fire(schedule, cadence, slot)
        self._looked_until = now
        return fired

    def _fire(self, schedule: AuditSchedule, cadence: str, slot: datetime) -> bool:
        with self._database.begin() as tx:
            first = inbox.fire_slot(tx, f"audit:{schedule.account_id}:{schedule.channel}:{cadence}", slot)
            if first:
                jobs.enqueue(
                    tx,
                    kinds.AUDIT_RUN,
                    account_id=schedule.account_id,
                    channel_id=schedule.channel,
                    cadence=cadence,
                    requested_by=None,
                )
        return first


def newest_slots(schedule: AuditSchedule, since: datetime, until: datetime) -> Iterator[tuple[str, datetime]]:
    """For each cadence the newest slot after `since`, up to `until`: older missed ones are not repeated."""
    for cadence, cron in (("daily", schedule.daily), ("weekly", schedule.weekly)):
        if cron is not None:
            trigger = CronTrigger.from_crontab(cron, timezone=schedule.zone)
            slots = [slot for slot in _slots(trigger, since, until) if slot > since]
            if slots:
                yield cadence, slots[-1]


def _slots(trigger: CronTrigger, since: datetime, until: datetime) -> Iterator[datetime]:
    """The trigger's slots in UTC. An hour that the clocks repeat counts once: by its first passing."""
    cursor = since
    while True:
        fire = trigger.get_next_fire_time(None, cursor + timedelta(microseconds=1))
        if fire is None or fire.astimezone(UTC) > until:
            return
        yield fire.replace(fold=0).astimezone(UTC)
        # In the repeated hour the trigger may answer with a time that is already past: always move on.
        cursor = max(fire.astimezone(UTC), cursor + timedelta(minutes=1))
