"""The queue: claim by conditional UPDATE with a lease, finish, retry with growing pauses, give up loudly.

A worker that dies keeps its lease until it runs out; then another takes the job over. So a job is done
at least once, and each handler must bear being run again.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Insert, bindparam, delete, or_, select, update

from bot.store.database import wake
from bot.store.statements import dialect, insert_into, table
from bot.store.tables.work import Job
from bot.store.types import JsonObject, Tx, utcnow

LEASE = timedelta(seconds=30)
MAX_ATTEMPTS = 8
_LONGEST_PAUSE = timedelta(minutes=5)
_JOBS = table(Job)
_WAITING = select(_JOBS.c.payload).where(_JOBS.c.done_at.is_(None), _JOBS.c.kind == bindparam("kind"))


@dataclass(frozen=True)
class Claim:
    """A job that this worker holds until `lease_until`."""

    id: int
    kind: str
    payload: JsonObject
    attempts: int
    owner: str


def enqueue(
    tx: Tx,
    kind: str,
    *,
    due_at: datetime | None = None,
    dedupe_key: str | None = None,
    priority: int = 0,
    **payload: Any,
) -> None:
    """Queues work as part of the transaction that makes it necessary. A known dedupe_key changes nothing."""
    values = {
        "kind": kind,
        "payload": payload,
        "dedupe_key": dedupe_key,
        "priority": priority,
        "due_at": due_at or utcnow(),
        "attempts": 0,
    }
    tx.execute(_enqueue(dialect(tx)), values)
    wake(tx)


@cache
def _enqueue(name: str) -> Insert:
    return insert_into(name, Job).on_conflict_do_nothing(index_elements=["dedupe_key"])


def claim(tx: Tx, owner: str, kinds: Collection[str], lease: timedelta = LEASE) -> Claim | None:
    """Takes the most urgent job that is due and free, or None. One worker gets it, however many ask."""
    now = utcnow()
    free = (
        select(Job.id)
        .where(
            Job.done_at.is_(None),
            Job.due_at <= now,
            Job.kind.in_(kinds),
            or_(Job.lease_until.is_(None), Job.lease_until < now),
        )
        .order_by(Job.priority.desc(), Job.due_at, Job.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    taken = (
        update(Job)
        .where(Job.id == free.scalar_subquery())
        .values(owner=owner, lease_until=now + lease, attempts=Job.attempts + 1)
        .returning(Job.id, Job.kind, Job.payload, Job.attempts)
    )
    row = tx.execute(taken).first()
    return Claim(row.id, row.kind, row.payload, row.attempts, owner) if row else None


def renew(tx: Tx, claim: Claim, lease: timedelta = LEASE) -> bool:
    """The heartbeat. False: the lease was lost to another worker, and this one must stop."""
    done = tx.execute(update(Job).where(*_held(claim)).values(lease_until=utcnow() + lease).returning(Job.id))
    return done.first() is not None


def finish(tx: Tx, claim: Claim) -> None:
    """Ends the job, unless its lease was lost: then whoever has it now ends it."""
    tx.execute(update(Job).where(*_held(claim)).values(done_at=utcnow(), lease_until=None, last_error=None))


def fail(tx: Tx, claim: Claim, error: str, max_attempts: int = MAX_ATTEMPTS) -> bool:
    """Puts the job back with a growing pause. True when it was given up instead (tried too often).

    Where the lease was lost, nothing changes: the job is in other hands.
    """
    given_up = claim.attempts >= max_attempts
    pause = min(timedelta(seconds=2**claim.attempts), _LONGEST_PAUSE)
    mine = tx.execute(
        update(Job)
        .where(*_held(claim))
        .values(
            last_error=error,
            lease_until=None,
            due_at=utcnow() + pause,
            done_at=utcnow() if given_up else None,
        )
        .returning(Job.id)
    )
    return mine.first() is not None and given_up


def _held(claim: Claim) -> tuple[ColumnElement[bool], ...]:
    """The job is still this claim's. The owner alone does not say so: a process can take over from itself."""
    return (
        Job.id == claim.id,
        Job.owner == claim.owner,
        Job.attempts == claim.attempts,
        Job.done_at.is_(None),
    )


def next_due(tx: Tx) -> datetime | None:
    """When the earliest open job is due: how long an idle worker may sleep at most."""
    return tx.scalar(select(Job.due_at).where(Job.done_at.is_(None)).order_by(Job.due_at).limit(1))


def open_jobs(tx: Tx, kind: str | None = None) -> list[Job]:
    query = select(Job).where(Job.done_at.is_(None)).order_by(Job.id)
    return list(tx.scalars(query.where(Job.kind == kind) if kind else query))


def waiting(tx: Tx, kind: str) -> list[JsonObject]:
    """What each job of this kind that is not done yet is about."""
    return list(tx.scalars(_WAITING, {"kind": kind}))


def forget_done(tx: Tx, before: datetime) -> None:
    """Removes jobs finished before a moment (those with a dedupe_key stay: they say that it happened)."""
    tx.execute(delete(Job).where(Job.done_at < before, Job.dedupe_key.is_(None)))
