"""What happened according to the logs and what people did about it, as one timeline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pydantic import ValidationError

from bot.evidence.report import Investigation, TimelineEntry
from bot.evidence.vault import vault
from bot.evidence.vault.vault import Vault
from bot.reports import sentences
from bot.reports.data import Chronology, Happening
from bot.store import evidence, incidents
from bot.store.tables.evidence import Artefact, EvidenceRun
from bot.store.tables.incidents import TimelineEntry as Entry
from bot.store.types import Tx

#: The first and the last of the acts in the logs are shown; those between are in the evidence file.
MOST_ACTS = 400

#: Entries whose text is what a person typed: the line says what the person did with it.
_PERSONS_WORDS = {"note": sentences.noted, "incident.closed": sentences.closed_with}


def chronology(tx: Tx, incident_id: int, found: Investigation | None, *, gone: bool) -> Chronology:
    """The whole timeline. `found` is the investigation in the vault; `gone`: it was there, and is lost."""
    shown, left_out = _middle_out(found.timeline if found else ())
    response = map(_response, incidents.timeline(tx, incident_id))
    happenings = sorted([*map(_act, shown), *response], key=lambda one: one.time)
    return Chronology(tuple(happenings), left_out, sentences.TIMELINE_GONE if gone else None)


def stored(row: Artefact) -> vault.Artefact:
    """The row as the vault knows it."""
    return vault.Artefact(row.path, row.sha256, row.size, row.kind, "")


def in_vault(tx: Tx, run: EvidenceRun, files: Vault) -> Investigation | None:
    """The investigation with its timeline, which the database does not keep; None when its file is gone or
    is not what was put there.
    """
    for row in evidence.artefacts(tx, run.incident_id):
        if row.evidence_run_id == run.id and row.kind == "investigation" and files.verify(stored(row)):
            try:
                return Investigation.model_validate_json(files.read(stored(row)))
            except ValidationError:
                return None
    return None


def _middle_out(acts: tuple[TimelineEntry, ...]) -> tuple[Iterable[TimelineEntry], int]:
    if len(acts) <= MOST_ACTS:
        return acts, 0
    half = MOST_ACTS // 2
    return (*acts[:half], *acts[-half:]), len(acts) - 2 * half


def _act(act: TimelineEntry) -> Happening:
    return Happening(
        time=act.time,
        until=act.until,
        side="attack" if act.label == "suspect" else "bucket",
        who=act.principal,
        text=act.text,
        outcome=act.outcome,
        events=act.events,
    )


def _response(entry: Entry) -> Happening:
    said = _PERSONS_WORDS.get(entry.kind, str)(entry.text)
    return Happening(entry.at, entry.at, "response", entry.actor, said)


def spans_of_containment(tx: Tx, incident_id: int) -> Iterator[Entry]:
    """The moments at which containment began or ended, in order."""
    for entry in incidents.timeline(tx, incident_id):
        if entry.kind in ("incident.contained", "incident.not_contained"):
            yield entry
