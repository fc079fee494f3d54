"""Tables of the work between processes: jobs with leases, outbox to and inbox from Slack, slots."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.types import Base, JsonObject


class Job(Base):
    """One piece of work, done at least once: its handler must bear being run again.

    `dedupe_key`, where given, lets the same work be asked for many times and be queued once.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        Index(
            "ix_jobs_open",
            "due_at",
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    payload: Mapped[JsonObject]
    dedupe_key: Mapped[str | None] = mapped_column(unique=True)
    priority: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    owner: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]
    last_error: Mapped[str | None]


class OutboxMessage(Base):
    """One message in Slack, wanted in version `wanted` and there in version `sent` (0 = not yet posted).

    `destination` is a channel id or `incident:N` (that incident's channel, once there is one). The text
    is drawn from the database when it is delivered, so what people see is always the present truth.
    `attempted_at` set while `slack_ts` is not means: look in Slack whether it arrived before posting again.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_open",
            "due_at",
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    destination: Mapped[str]
    user_id: Mapped[str | None]
    card: Mapped[str]
    args: Mapped[JsonObject]
    thread_of: Mapped[str | None]
    wanted: Mapped[int]
    sent: Mapped[int]
    state: Mapped[str]
    channel_id: Mapped[str | None]
    slack_ts: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    attempted_at: Mapped[datetime | None]
    due_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    last_error: Mapped[str | None]


class InboxDelivery(Base):
    """A delivery from Slack that was already taken in: the same one again changes nothing."""

    __tablename__ = "inbox"

    delivery_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    at: Mapped[datetime]


class DigestRun(Base):
    """A slot of a schedule that has fired. UNIQUE: once, whatever the number of processes."""

    __tablename__ = "digest_runs"
    __table_args__ = (UniqueConstraint("job", "slot"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    job: Mapped[str]
    slot: Mapped[datetime]
    fired_at: Mapped[datetime]
