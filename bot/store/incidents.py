"""Reading and writing incidents, participants, the timeline and tasks."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy import insert as insert_row
from sqlalchemy.exc import IntegrityError

from bot.store.statements import table
from bot.store.tables.incidents import Incident, Participant, Task, TimelineEntry
from bot.store.types import Tx, utcnow

_ADD_TIMELINE = insert_row(table(TimelineEntry))
_BY_CHANNEL = (
    select(Incident)
    .where(Incident.channel_id == bindparam("channel_id"))
    .order_by(Incident.id.desc())
    .limit(1)
)


def insert(tx: Tx, incident: Incident) -> Incident | None:
    """Adds an incident; None when one is already open for the same bucket of the same account."""
    try:
        with tx.begin_nested():
            tx.add(incident)
            tx.flush()
    except IntegrityError:
        return None
    return incident


def get(tx: Tx, incident_id: int) -> Incident | None:
    return tx.get(Incident, incident_id)


def hold(tx: Tx, incident_id: int) -> Incident | None:
    """The incident now, locked until the transaction ends: for what must happen one after the other.

    Take it before plans and before the ledger, always in this order: so two transactions on PostgreSQL
    never wait for each other. Rows that only refer to the incident may be added by others meanwhile.
    """
    return tx.get(Incident, incident_id, populate_existing=True, with_for_update={"key_share": True})


def open_for_bucket(tx: Tx, account_id: str, bucket: str) -> Incident | None:
    return tx.scalar(
        select(Incident).where(
            Incident.account_id == account_id, Incident.bucket == bucket, Incident.phase != "closed"
        )
    )


def by_channel(tx: Tx, channel_id: str) -> Incident | None:
    return tx.scalar(_BY_CHANNEL, {"channel_id": channel_id})


def listing(tx: Tx, *, closed: bool = False, limit: int = 50) -> list[Incident]:
    query = select(Incident).order_by(Incident.id.desc()).limit(limit)
    return list(tx.scalars(query if closed else query.where(Incident.phase != "closed")))


def move(tx: Tx, incident_id: int, sources: Collection[str], target: str, **values: Any) -> bool:
    """Changes the phase if it is one of `sources`. False: somebody else was first."""
    row = tx.execute(
        update(Incident)
        .where(Incident.id == incident_id, Incident.phase.in_(sources))
        .values(phase=target, **values)
        .returning(Incident.id)
        .execution_options(synchronize_session="fetch")
    ).first()
    return row is not None


def set_channel(tx: Tx, incident_id: int, channel_id: str) -> bool:
    """Remembers the channel; False when the incident already has one."""
    row = tx.execute(
        update(Incident)
        .where(Incident.id == incident_id, Incident.channel_id.is_(None))
        .values(channel_id=channel_id)
        .returning(Incident.id)
        .execution_options(synchronize_session="fetch")
    ).first()
    return row is not None


def mark_contained(tx: Tx, incident_id: int, *, contained: bool) -> None:
    tx.execute(
        update(Incident)
        .where(Incident.id == incident_id)
        .values(contained_at=utcnow() if contained else None)
        .execution_options(synchronize_session="fetch")
    )


def add_participant(tx: Tx, incident_id: int, user_id: str, role: str) -> None:
    known = select(Participant.id).where(
        Participant.incident_id == incident_id, Participant.user_id == user_id, Participant.role == role
    )
    if tx.scalar(known) is None:
        tx.add(Participant(incident_id=incident_id, user_id=user_id, role=role, added_at=utcnow()))
        tx.flush()


def participants(tx: Tx, incident_id: int) -> list[Participant]:
    return list(
        tx.scalars(select(Participant).where(Participant.incident_id == incident_id).order_by(Participant.id))
    )


def add_timeline(tx: Tx, incident_id: int, actor: str, kind: str, text: str, **detail: Any) -> None:
    entry = {"incident_id": incident_id, "at": utcnow(), "actor": actor, "kind": kind, "text": text}
    tx.execute(_ADD_TIMELINE, {**entry, "detail": detail})


def timeline(tx: Tx, incident_id: int, limit: int | None = None) -> list[TimelineEntry]:
    """The timeline in order of time; with a limit, the newest entries only (still in order)."""
    query = select(TimelineEntry).where(TimelineEntry.incident_id == incident_id)
    if limit is None:
        return list(tx.scalars(query.order_by(TimelineEntry.at, TimelineEntry.id)))
    newest = tx.scalars(query.order_by(TimelineEntry.at.desc(), TimelineEntry.id.desc()).limit(limit))
    return list(reversed(list(newest)))


def add_task(tx: Tx, task: Task) -> Task:
    tx.add(task)
    tx.flush()
    return task


def get_task(tx: Tx, task_id: int) -> Task | None:
    return tx.get(Task, task_id)


def tasks(tx: Tx, incident_id: int) -> list[Task]:
    return list(tx.scalars(select(Task).where(Task.incident_id == incident_id).order_by(Task.id)))


def finish_task(tx: Tx, task_id: int, user_id: str) -> bool:
    row = tx.execute(
        update(Task)
        .where(Task.id == task_id, Task.state == "open")
        .values(state="done", done_by=user_id, done_at=utcnow())
        .returning(Task.id)
        .execution_options(synchronize_session="fetch")
    ).first()
    return row is not None
