"""The inbox: Slack delivers at least once; what was already taken in is recognised here."""

from __future__ import annotations

from datetime import datetime
from functools import cache

from sqlalchemy import delete
from sqlalchemy.sql.dml import ReturningInsert

from bot.store.statements import dialect, insert_into, table
from bot.store.tables.work import DigestRun, InboxDelivery
from bot.store.types import Tx, utcnow


def first_time(tx: Tx, delivery_id: str, kind: str) -> bool:
    """True exactly once for each delivery id (Slack's event id, trigger id or action timestamp)."""
    taken = {"delivery_id": delivery_id, "kind": kind, "at": utcnow()}
    return tx.execute(_take_in(dialect(tx)), taken).first() is not None


@cache
def _take_in(name: str) -> ReturningInsert[tuple[str]]:
    delivery_id = table(InboxDelivery).c.delivery_id
    return insert_into(name, InboxDelivery).on_conflict_do_nothing().returning(delivery_id)


def fire_slot(tx: Tx, job: str, slot: datetime) -> bool:
    """True for the one process that may fire this slot of this schedule."""
    row = tx.execute(
        insert_into(dialect(tx), DigestRun)
        .values(job=job, slot=slot, fired_at=utcnow())
        .on_conflict_do_nothing(index_elements=["job", "slot"])
        .returning(table(DigestRun).c.id)
    ).first()
    return row is not None


def forget(tx: Tx, before: datetime) -> None:
    tx.execute(delete(InboxDelivery).where(InboxDelivery.at < before))
