"""Tables of the audits: each run, what it found per bucket and check, and what was waived until when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.types import Base


class Audit(Base):
    """`state`: running, done or failed. `cadence`: daily, weekly or asked."""

    __tablename__ = "audits"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[str] = mapped_column(index=True)
    channel_id: Mapped[str]
    cadence: Mapped[str]
    requested_by: Mapped[str | None]
    state: Mapped[str]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    error: Mapped[str | None]


class AuditResult(Base):
    """`status`: good, bad or unknown. Unknown is never shown as good."""

    __tablename__ = "audit_results"
    __table_args__ = (UniqueConstraint("audit_id", "bucket", "check"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    audit_id: Mapped[int] = mapped_column(ForeignKey("audits.id"), index=True)
    bucket: Mapped[str]
    check: Mapped[str]
    status: Mapped[str]
    severity: Mapped[str]
    detail: Mapped[str]


class Waiver(Base):
    """A finding somebody answers for, until a day."""

    __tablename__ = "waivers"
    __table_args__ = (UniqueConstraint("account_id", "bucket", "check"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[str]
    bucket: Mapped[str]
    check: Mapped[str]
    owner: Mapped[str]
    reason: Mapped[str]
    expires_at: Mapped[datetime]
