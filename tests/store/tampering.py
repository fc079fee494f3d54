"""Changing the ledger as only the owner of the database can: its triggers are taken off first."""

from __future__ import annotations

from sqlalchemy import text

from bot.store.database import Database


def tamper(database: Database, statement: str) -> None:
    """Runs one statement on an unprotected ledger."""
    with database.begin() as tx:
        if database.engine.dialect.name == "postgresql":
            tx.execute(text("ALTER TABLE ledger DISABLE TRIGGER USER"))
        else:
            for event in ("UPDATE", "DELETE"):
                tx.execute(text(f"DROP TRIGGER IF EXISTS ledger_refuses_{event}"))
        tx.execute(text(statement))
