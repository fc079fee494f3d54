"""The ledger: every decision and effect, each entry chained to the one before by SHA-256.

Removing or changing an entry breaks the chain from there on. Cutting off the newest entries cannot be
seen from inside, so the head is published in every digest, report and closing message.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, insert, select, text

from bot.store.statements import dialect, table
from bot.store.tables.ledger import LedgerEntry
from bot.store.types import JsonObject, Tx, to_json, utcnow

GENESIS = "0" * 64
# Any fixed number: it names the ledger among PostgreSQL's advisory locks.
_LOCK = 5_307_001
_LEDGER = table(LedgerEntry)
_APPEND = insert(_LEDGER)
_HEAD = select(_LEDGER.c.seq, _LEDGER.c.hash).order_by(_LEDGER.c.seq.desc()).limit(1)


@dataclass(frozen=True)
class Head:
    """The newest entry: what a digest publishes."""

    seq: int
    hash: str

    def __str__(self) -> str:
        return f"#{self.seq} {self.hash[:12]}"


def append(tx: Tx, actor: str, action: str, incident_id: int | None = None, **detail: Any) -> LedgerEntry:
    """Adds an entry in the transaction whose effect it records: neither exists without the other."""
    if dialect(tx) == "postgresql":
        # Two writers must not chain to the same entry; SQLite has one writer at a time anyway.
        tx.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    last = head(tx)
    entry = LedgerEntry(
        seq=last.seq + 1,
        at=utcnow(),
        actor=actor,
        action=action,
        incident_id=incident_id,
        # As it will be read again: the hash is over that.
        detail=json.loads(to_json(detail)),
        previous=last.hash,
    )
    entry.hash = entry_hash(entry)
    tx.execute(_APPEND, {column.name: getattr(entry, column.name) for column in _LEDGER.columns})
    return entry


def head(tx: Tx) -> Head:
    row = tx.execute(_HEAD).first()
    return Head(row.seq, row.hash) if row else Head(0, GENESIS)


def entries(tx: Tx, incident_id: int | None = None) -> Generator[LedgerEntry]:
    query = select(LedgerEntry).order_by(LedgerEntry.seq)
    if incident_id is not None:
        query = query.where(LedgerEntry.incident_id == incident_id)
    rows = tx.scalars(query.execution_options(yield_per=500))
    try:
        yield from rows
    finally:
        rows.close()


def first_broken(tx: Tx) -> int | None:
    """The sequence number of the first entry that does not fit the chain, or None when all do."""
    previous = GENESIS
    with closing(entries(tx)) as chain:
        for seq, entry in enumerate(chain, start=1):
            if entry.seq != seq or entry.previous != previous or entry.hash != entry_hash(entry):
                return seq
            previous = entry.hash
    return None


def size(tx: Tx) -> int:
    return tx.scalar(select(func.count()).select_from(LedgerEntry)) or 0


def entry_hash(entry: LedgerEntry) -> str:
    """SHA-256 over the canonical JSON of all that the entry says, the previous hash included."""
    content: JsonObject = {
        "seq": entry.seq,
        "at": entry.at.isoformat(timespec="microseconds"),
        "actor": entry.actor,
        "action": entry.action,
        "incident_id": entry.incident_id,
        "detail": entry.detail,
        "previous": entry.previous,
    }
    return hashlib.sha256(canonical(content)).hexdigest()


def canonical(value: object) -> bytes:
    """JSON with sorted keys and no spaces, so that equal content has equal bytes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
