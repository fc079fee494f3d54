"""The inbox: Slack delivers at least once; what was already taken in is recognised here."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite

from bot.store.tables.work import DigestRun, InboxDelivery
from bot.store.types import Tx, utcnow


def first_time(tx: Tx, delivery_id: str, kind: str) -> bool:
    """True exactly once for each delivery id (Slack's event id, trigger id or action timestamp)."""
    insert = postgresql.insert if tx.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = tx.execute(
        insert(InboxDelivery)
        .values(delivery_id=delivery_id, kind=kind, at=utcnow())
        .on_conflict_do_nothing()
        .returning(InboxDelivery.delivery_id)
    ).first()
    return row is not None


def fire_slot(tx: Tx, job: str, slot: datetime) -> bool:
    """True for the one process that may fire this slot of this schedule."""
    insert = postgresql.insert if tx.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = tx.execute(
        insert(DigestRun)
        .values(job=job, slot=slot, fired_at=utcnow())
        .on_conflict_do_nothing(index_elements=["job", "slot"])
        .returning(DigestRun.id)
    ).first()
    return row is not None


def forget(tx: Tx, before: datetime) -> None:
    tx.execute(delete(InboxDelivery).where(InboxDelivery.at < before))
