"""Tables of the evidence: runs, files in the vault, findings. The events themselves stay in the vault."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.types import Base, JsonObject


class EvidenceRun(Base):
    """One investigation. `summary` is the JSON of bot.evidence.report.Investigation without its timeline."""

    __tablename__ = "evidence_runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), index=True)
    step_id: Mapped[int | None] = mapped_column(ForeignKey("steps.id"))
    state: Mapped[str]
    question: Mapped[JsonObject]
    progress: Mapped[str] = mapped_column(default="")
    summary: Mapped[JsonObject | None]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    error: Mapped[str | None]


class Artefact(Base):
    """A file in the vault: SHA-256 of the content as received, and the query that produced it."""

    __tablename__ = "artefacts"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), index=True)
    evidence_run_id: Mapped[int | None] = mapped_column(ForeignKey("evidence_runs.id"))
    name: Mapped[str]
    kind: Mapped[str]
    path: Mapped[str]
    sha256: Mapped[str] = mapped_column(index=True)
    size: Mapped[int]
    query: Mapped[JsonObject]
    created_at: Mapped[datetime]


class Finding(Base):
    __tablename__ = "findings"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), index=True)
    evidence_run_id: Mapped[int] = mapped_column(ForeignKey("evidence_runs.id"), index=True)
    rule: Mapped[str]
    severity: Mapped[str]
    title: Mapped[str]
    principal: Mapped[str | None]
    access_key_id: Mapped[str | None]
    source_ip: Mapped[str | None]
    time: Mapped[datetime | None]
    event_ids: Mapped[list[Any]]
    mitre: Mapped[list[Any]]
