"""Reading and writing audits, their results and waivers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select, update

from bot.store.tables.audits import Audit, AuditResult, Waiver
from bot.store.types import Tx, utcnow


def start(tx: Tx, account_id: str, channel_id: str, cadence: str, requested_by: str | None) -> Audit:
    audit = Audit(
        account_id=account_id,
        channel_id=channel_id,
        cadence=cadence,
        requested_by=requested_by,
        state="running",
        started_at=utcnow(),
    )
    tx.add(audit)
    tx.flush()
    return audit


def get(tx: Tx, audit_id: int) -> Audit | None:
    return tx.get(Audit, audit_id, populate_existing=True)


def finish(tx: Tx, audit_id: int, state: str, **values: Any) -> bool:
    """Ends a running audit; False when it had ended already."""
    row = tx.execute(
        update(Audit)
        .where(Audit.id == audit_id, Audit.state == "running")
        .values(state=state, finished_at=utcnow(), **values)
        .returning(Audit.id)
        .execution_options(synchronize_session="fetch")
    ).first()
    return row is not None


def add_results(tx: Tx, rows: Iterable[AuditResult]) -> None:
    tx.add_all(list(rows))
    tx.flush()


def results(tx: Tx, audit_id: int) -> list[AuditResult]:
    return list(
        tx.scalars(select(AuditResult).where(AuditResult.audit_id == audit_id).order_by(AuditResult.id))
    )


def previous(tx: Tx, audit: Audit) -> Audit | None:
    """The last finished audit before this one, of the same account, channel and cadence."""
    query = select(Audit).where(
        Audit.account_id == audit.account_id,
        Audit.channel_id == audit.channel_id,
        Audit.cadence == audit.cadence,
        Audit.state == "done",
        Audit.id < audit.id,
    )
    return tx.scalar(query.order_by(Audit.id.desc()).limit(1))


def waivers(tx: Tx, account_id: str) -> list[Waiver]:
    """The waivers that hold today."""
    return list(
        tx.scalars(select(Waiver).where(Waiver.account_id == account_id, Waiver.expires_at > utcnow()))
    )
