"""The ledger's table: append-only, each entry holding the hash of the one before."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from bot.store.types import Base, JsonObject


class LedgerEntry(Base):
    __tablename__ = "ledger"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str]
    action: Mapped[str]
    incident_id: Mapped[int | None]
    detail: Mapped[JsonObject]
    previous: Mapped[str]
    hash: Mapped[str] = mapped_column(unique=True)
