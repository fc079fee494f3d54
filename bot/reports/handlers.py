"""Writing the report when an incident was closed: into the vault, the database and the channel."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from bot.config import Settings
from bot.evidence.vault.manifest import Custody
from bot.evidence.vault.vault import Artefact as Stored
from bot.evidence.vault.vault import Vault
from bot.incidents import jobs
from bot.incidents.recording import BOT, record
from bot.reports import sentences
from bot.reports.data import ReportData
from bot.reports.exhibits import show
from bot.reports.gather import REPORT, gather
from bot.reports.people import with_names
from bot.reports.pictures.pictures import pictures
from bot.reports.render import render
from bot.store import evidence, incidents, outbox
from bot.store.database import Database
from bot.store.tables.evidence import Artefact
from bot.store.types import JsonObject, Tx, utcnow


def handlers(
    database: Database,
    settings: Settings,
    vault: Vault | None = None,
    name_of: Callable[[str], str | None] = lambda _: None,
) -> dict[str, Callable[[JsonObject], None]]:
    """One handler for each kind of job of this room. Each bears being run again with the same payload.

    `name_of` gives the name behind a Slack user id, where it can be had.
    """
    files = vault or Vault(settings.vault_dir)
    return {
        jobs.EVIDENCE_SHOW: partial(show, database, files),
        jobs.REPORT_WRITE: partial(write, database, files, name_of),
    }


def report_key(incident_id: int) -> str:
    """The outbox key of the report's file."""
    return f"incident:{incident_id}:report"


def write(
    database: Database, files: Vault, name_of: Callable[[str], str | None], payload: JsonObject
) -> None:
    """The handler of report.write: one report for each incident, as the incident was when it was closed.

    Raises OSError when the vault cannot be written, upon which the job is tried again.
    """
    incident_id = int(payload["incident_id"])
    with database.read() as tx:
        data = None if _written(tx, incident_id) else gather(tx, incident_id, files)
    if data is None:
        return
    name = f"{data.facts.name}-{data.facts.bucket}-report.html"
    custody = Custody(incident=data.facts.name)
    data = with_names(data, name_of)
    page = render(data, pictures=pictures(data.whole) if data.whole else ())
    stored = files.put(name, page.encode(), REPORT, f"incident {incident_id}", custody)
    with database.begin() as tx:
        _publish(tx, data, name, stored)


def _written(tx: Tx, incident_id: int) -> bool:
    return any(row.kind == REPORT for row in evidence.artefacts(tx, incident_id))


def _publish(tx: Tx, data: ReportData, name: str, stored: Stored) -> None:
    """Row, ledger entry and message, unless another worker was first."""
    incident_id = data.facts.id
    # Held, so that of two workers with the same job the second sees the report of the first.
    incidents.hold(tx, incident_id)
    if _written(tx, incident_id):
        return
    row = evidence.add_artefact(tx, _row(data, name, stored))
    record(tx, incident_id, BOT, "report.written", sentences.written(stored.sha256), sha256=stored.sha256)
    args = {"artefact_id": row.id, "title": sentences.FILE_TITLE}
    outbox.say(tx, report_key(incident_id), outbox.incident_place(incident_id), "file", args)


def _row(data: ReportData, name: str, stored: Stored) -> Artefact:
    return Artefact(
        incident_id=data.facts.id,
        evidence_run_id=None,
        name=name,
        kind=stored.kind,
        path=stored.path,
        sha256=stored.sha256,
        size=stored.size,
        query={"written_at": data.written_at.isoformat(), "ledger": data.chain.hash},
        created_at=utcnow(),
    )
