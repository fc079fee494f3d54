"""What follows an investigation into its thread: its pictures, and the list of its events as CSV.

A job of its own, after the cards: drawing takes seconds, and nobody waits for it. Killed at any moment it is
done again; the same content lies in the vault once, and what is posted has a key.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.evidence.events import Event
from bot.evidence.report import Investigation
from bot.evidence.vault import vault
from bot.evidence.vault.manifest import Custody
from bot.evidence.vault.vault import Vault
from bot.evidence.view_words import LIST_TITLE
from bot.incidents.evidence_runs import evidence_key
from bot.reports.event_list import write_events
from bot.reports.pictures.pictures import pictures
from bot.reports.recorded import events_in
from bot.store import evidence, incidents, outbox
from bot.store.database import Database
from bot.store.tables.evidence import Artefact
from bot.store.types import JsonObject, Tx, utcnow

PICTURE, LIST = "picture", "list"


@dataclass(frozen=True)
class Exhibit:
    """A file to post: `key` tells it from the others of its run, `alt_text` stands for a picture."""

    key: str
    name: str
    title: str
    kind: str
    content: bytes
    alt_text: str = ""


def show(database: Database, files: Vault, payload: JsonObject) -> None:
    """The handler of evidence.show. Raises OSError when the vault cannot be read or written: tried again."""
    incident_id, run_id = int(payload["incident_id"]), int(payload["run_id"])
    with database.read() as tx:
        incident = incidents.get(tx, incident_id)
        rows = [one for one in evidence.artefacts(tx, incident_id) if one.evidence_run_id == run_id]
    if incident is None or any(row.kind in (PICTURE, LIST) for row in rows):
        return
    found = next((_investigation(files, row) for row in rows if row.kind == "investigation"), None)
    if found is None:
        return
    kept = [row for row in rows if row.kind == "events"]
    events = (event for row in kept for event in events_in(files.read(_stored(row)), row.name))
    made = [*_pictures(found, incident.name), _list(found, incident.name, events)]
    custody = Custody(incident=incident.name, run=run_id)
    stored = [files.put(one.name, one.content, one.kind, f"run {run_id}", custody) for one in made]
    with database.begin() as tx:
        _publish(tx, incident_id, run_id, list(zip(made, stored, strict=True)))


def _investigation(files: Vault, row: Artefact) -> Investigation:
    return Investigation.model_validate_json(files.read(_stored(row)))


def _stored(row: Artefact) -> vault.Artefact:
    return vault.Artefact(row.path, row.sha256, row.size, row.kind, "")


def _pictures(found: Investigation, incident: str) -> Iterator[Exhibit]:
    for one in pictures(found):
        name = f"{incident}-{found.bucket}-{one.name}.png"
        yield Exhibit(one.name, name, one.title, PICTURE, one.png, one.alt_text)


def _list(found: Investigation, incident: str, events: Iterable[Event]) -> Exhibit:
    text = io.StringIO(newline="")
    write_events(found, events, text)
    name = f"{incident}-{found.bucket}-events.csv"
    # Spreadsheets take a file for UTF-8 only when it begins with this mark.
    return Exhibit("events", name, LIST_TITLE, LIST, text.getvalue().encode("utf-8-sig"))


def _publish(tx: Tx, incident_id: int, run_id: int, made: list[tuple[Exhibit, vault.Artefact]]) -> None:
    """Rows and messages, unless another worker was first."""
    # Held, so that of two workers with the same job the second sees the rows of the first.
    incidents.hold(tx, incident_id)
    key = evidence_key(run_id)
    thread = outbox.incident_place(incident_id, thread_of=key)
    for one, stored in made:
        # The parts of the card have keys of their own.
        if outbox.find(tx, posted := f"{key}:file:{one.key}") is None:
            row = evidence.add_artefact(tx, _row(incident_id, run_id, one.name, stored))
            args = {"artefact_id": row.id, "title": one.title, "alt_text": one.alt_text}
            outbox.say(tx, posted, thread, "file", args)


def _row(incident_id: int, run_id: int, name: str, stored: vault.Artefact) -> Artefact:
    return Artefact(
        incident_id=incident_id,
        evidence_run_id=run_id,
        name=name,
        kind=stored.kind,
        path=stored.path,
        sha256=stored.sha256,
        size=stored.size,
        query={"run": run_id},
        created_at=utcnow(),
    )
