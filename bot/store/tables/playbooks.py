"""Tables of a running playbook: the definition as it was when the run began, and each step's state."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.types import Base, JsonObject


class PlaybookRun(Base):
    __tablename__ = "playbook_runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), unique=True)
    playbook: Mapped[str]
    definition: Mapped[JsonObject]
    state: Mapped[str]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class Step(Base):
    """`state`: waiting, running, done, skipped or failed; `result` says why, or what came out."""

    __tablename__ = "steps"
    __table_args__ = (UniqueConstraint("run_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("playbook_runs.id"), index=True)
    position: Mapped[int]
    key: Mapped[str]
    kind: Mapped[str]
    state: Mapped[str]
    result: Mapped[JsonObject] = mapped_column(default=dict)
    updated_at: Mapped[datetime]
