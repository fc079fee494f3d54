"""Tables of the incident itself: who, where, which phase, what happened, what people must do."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.types import Base, JsonObject


class Incident(Base):
    """One incident about one bucket. `phase` is one of bot.incidents.phases.Phase (NIST SP 800-61)."""

    __tablename__ = "incidents"
    __table_args__ = (
        # Two people opening at once cannot make two incidents of one bucket.
        Index(
            "uq_incidents_open_bucket",
            "account_id",
            "bucket",
            unique=True,
            sqlite_where=text("phase <> 'closed'"),
            postgresql_where=text("phase <> 'closed'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    bucket: Mapped[str]
    account_id: Mapped[str]
    region: Mapped[str]
    severity: Mapped[int]
    suspicion: Mapped[str] = mapped_column(default="")
    phase: Mapped[str] = mapped_column(index=True)
    channel_id: Mapped[str | None] = mapped_column(index=True)
    opened_by: Mapped[str]
    opened_at: Mapped[datetime]
    contained_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]
    closed_at: Mapped[datetime | None]

    @property
    def name(self) -> str:
        """`inc-0001`: how people call it."""
        return f"inc-{self.id:04d}"


class Participant(Base):
    __tablename__ = "participants"
    __table_args__ = (UniqueConstraint("incident_id", "user_id", "role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), index=True)
    user_id: Mapped[str]
    role: Mapped[str]
    added_at: Mapped[datetime]


class TimelineEntry(Base):
    """One line of the timeline: `actor` is a Slack user id or `s3incident`; `text` is plain text."""

    __tablename__ = "timeline"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), index=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    kind: Mapped[str]
    text: Mapped[str]
    detail: Mapped[JsonObject] = mapped_column(default=dict)


class Task(Base):
    """Something a person must do (a manual step of the playbook)."""

    __tablename__ = "tasks"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), index=True)
    step_id: Mapped[int | None] = mapped_column(ForeignKey("steps.id"), unique=True)
    title: Mapped[str]
    text: Mapped[str] = mapped_column(default="")
    state: Mapped[str]
    done_by: Mapped[str | None]
    done_at: Mapped[datetime | None]
