"""Reading and writing evidence runs, artefacts and findings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select, update

from bot.store.tables.evidence import Artefact, EvidenceRun, Finding
from bot.store.types import JsonObject, Tx, utcnow


def start_run(tx: Tx, incident_id: int, step_id: int | None, question: JsonObject) -> EvidenceRun:
    run = EvidenceRun(
        incident_id=incident_id, step_id=step_id, state="running", question=question, started_at=utcnow()
    )
    tx.add(run)
    tx.flush()
    return run


def get_run(tx: Tx, run_id: int) -> EvidenceRun | None:
    return tx.get(EvidenceRun, run_id, populate_existing=True)


def latest_run(tx: Tx, incident_id: int) -> EvidenceRun | None:
    """The newest finished run of an incident."""
    query = select(EvidenceRun).where(EvidenceRun.incident_id == incident_id, EvidenceRun.state == "done")
    return tx.scalar(query.order_by(EvidenceRun.id.desc()).limit(1))


def runs(tx: Tx, incident_id: int) -> list[EvidenceRun]:
    """All of an incident, whatever came of them, in order."""
    return list(
        tx.scalars(select(EvidenceRun).where(EvidenceRun.incident_id == incident_id).order_by(EvidenceRun.id))
    )


def run_of_step(tx: Tx, step_id: int) -> EvidenceRun | None:
    query = select(EvidenceRun).where(EvidenceRun.step_id == step_id)
    return tx.scalar(query.order_by(EvidenceRun.id.desc()).limit(1))


def update_run(tx: Tx, run_id: int, **values: Any) -> None:
    tx.execute(
        update(EvidenceRun)
        .where(EvidenceRun.id == run_id)
        .values(**values)
        .execution_options(synchronize_session="fetch")
    )


def add_artefact(tx: Tx, artefact: Artefact) -> Artefact:
    tx.add(artefact)
    tx.flush()
    return artefact


def artefacts(tx: Tx, incident_id: int) -> list[Artefact]:
    return list(tx.scalars(select(Artefact).where(Artefact.incident_id == incident_id).order_by(Artefact.id)))


def add_findings(tx: Tx, rows: Iterable[Finding]) -> None:
    tx.add_all(list(rows))
    tx.flush()


def findings(tx: Tx, run_id: int) -> list[Finding]:
    return list(tx.scalars(select(Finding).where(Finding.evidence_run_id == run_id).order_by(Finding.id)))
