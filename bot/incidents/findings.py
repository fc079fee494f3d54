"""What comes of an investigation: files in the vault, rows in the database, cards in the channel."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

from msgspec.structs import replace

from bot.evidence.events import Event
from bot.evidence.questions import Question
from bot.evidence.report import Investigation, Source
from bot.evidence.sources.base import Part
from bot.evidence.vault import records
from bot.evidence.vault.manifest import Custody, Head, ReadFrom
from bot.evidence.vault.vault import Artefact as Stored
from bot.evidence.vault.vault import Vault
from bot.incidents import evidence_sentences as sentences
from bot.incidents import jobs
from bot.incidents.evidence_runs import end_step, evidence_key
from bot.incidents.headline import headline, summary_of
from bot.incidents.recording import BOT, record
from bot.store import evidence, outbox
from bot.store.jobs import enqueue
from bot.store.tables.evidence import Artefact, Finding
from bot.store.types import JsonObject, Tx, utcnow

#: The parts that follow the evidence card in its thread, in this order.
PARTS = ("actors", "timeline", "answers", "coverage")


@dataclass(frozen=True)
class KeptFile:
    """A file in the vault, and what people call it."""

    name: str
    stored: Stored


@dataclass(frozen=True)
class Kept:
    """The files of one investigation, already in the vault, and the question they answer.

    `report` is the whole result; `beside` are the records as received, in one or more files, and the list
    of the sources' parts that were read. `manifest` is the vault's newest line, which the ledger keeps.
    """

    report: KeptFile
    beside: tuple[KeptFile, ...]
    question: JsonObject
    manifest: Head | None

    @classmethod
    def of(
        cls,
        vault: Vault,
        incident: str,
        found: Investigation,
        events: Path,
        question: Question,
        custody: Custody | None = None,
        parts: Iterable[Part] = (),
    ) -> Kept:
        """Puts the whole result, and the records that `keep_events` left in `events`, into the vault.

        `custody` says who asked (`asked_by`), in which `run`, and what was searched for (`wanted`); the rest
        of it is filled in here. `parts` of the sources were read. Raises OSError.
        """
        asked = asked_of(question)
        name = f"{incident}-{found.bucket}"
        custody = replace(
            custody or Custody(),
            incident=incident,
            query=json.dumps(asked, sort_keys=True),
            window=tuple(asked["window"]),
            sources=tuple(map(_read_from, found.sources)),
        )
        read = tuple(_keep_parts(vault, name, custody, parts))
        custody = replace(custody, parts_sha256=read[0].stored.sha256 if read else "")
        sealed = (_seal(vault, name, custody, file) for file in records.files_in(events))
        beside = (*sealed, *read)
        whole = found.model_dump_json(indent=2).encode()
        report = _put(vault, f"{name}-investigation.json", whole, "investigation", custody)
        return cls(report, beside, asked, vault.head())


@contextmanager
def keep_events(folder: Path) -> Iterator[Callable[[Event], None]]:
    """A function that writes each event's record as received into files in a folder."""
    with records.kept_in(folder) as keep:
        yield lambda event: keep(event.raw)


def _keep_parts(vault: Vault, name: str, custody: Custody, parts: Iterable[Part]) -> Iterator[KeptFile]:
    """The list of parts as a file of its own: a log has hundreds of thousands."""
    lines = [
        json.dumps({"part": part.id, "records": part.records, "size": part.size}) + "\n"
        for part in sorted(parts, key=lambda part: part.id)
    ]
    if lines:
        counted = replace(custody, records=len(lines))
        yield _put(vault, f"{name}-parts.jsonl", "".join(lines).encode(), "parts", counted)


def _put(vault: Vault, name: str, data: bytes, kind: str, custody: Custody) -> KeptFile:
    return KeptFile(name, vault.put(name, data, kind, custody.query, custody))


def _seal(vault: Vault, name: str, custody: Custody, file: Path) -> KeptFile:
    name = f"{name}-events-{file.name}"
    counted = replace(custody, records=records.count_in(file))
    return KeptFile(name, vault.seal(name, file, "events", custody.query, counted))


def _read_from(source: Source) -> ReadFrom:
    return ReadFrom(source.kind, source.where, source.files, source.lookups, source.complete)


def asked_of(question: Question) -> JsonObject:
    """The question as plain values."""
    return {
        "bucket": question.bucket,
        "account_id": question.account_id,
        "window": [moment.isoformat() for moment in question.window or ()],
        "own_principals": sorted(question.own_principals),
        "responders": sorted(question.responders),
        "known_accounts": sorted(question.known_accounts),
        "keys": sorted(question.keys),
        "baseline_days": question.baseline / timedelta(days=1) if question.baseline else None,
    }


def publish(
    tx: Tx, incident_id: int, step_id: int | None, run_id: int, found: Investigation, kept: Kept
) -> None:
    """Stores the result, posts card, details and file, and lets the playbook go on. Once for each run."""
    run = evidence.get_run(tx, run_id)
    if run is None or run.state == "done":
        return
    evidence.update_run(
        tx, run_id, state="done", progress="", summary=summary_of(found), finished_at=utcnow(), error=None
    )
    evidence.add_findings(tx, _rows(incident_id, run_id, found))
    report = evidence.add_artefact(tx, _artefact(incident_id, run_id, kept, kept.report))
    for file in kept.beside:
        evidence.add_artefact(tx, _artefact(incident_id, run_id, kept, file))
    _post(tx, incident_id, run_id, report)
    enqueue(tx, jobs.EVIDENCE_SHOW, dedupe_key=f"show:{run_id}", incident_id=incident_id, run_id=run_id)
    text = sentences.evidence_done(headline(found))
    # With these the ledger's chain vouches for the vault's.
    sealed = {
        "sha256": [kept.report.stored.sha256, *(file.stored.sha256 for file in kept.beside)],
        "manifest": asdict(kept.manifest) if kept.manifest else None,
    }
    record(tx, incident_id, BOT, "evidence.done", text, run_id=run_id, **sealed)
    end_step(tx, incident_id, step_id, "done", text)


def _post(tx: Tx, incident_id: int, run_id: int, report: Artefact) -> None:
    key = evidence_key(run_id)
    outbox.show(tx, key, outbox.incident_place(incident_id), "evidence", {"run_id": run_id})
    thread = outbox.incident_place(incident_id, thread_of=key)
    for part in PARTS:
        outbox.say(tx, f"{key}:{part}", thread, "evidence_detail", {"run_id": run_id, "part": part})
    args = {"artefact_id": report.id, "title": sentences.REPORT_TITLE}
    outbox.say(tx, f"{key}:file", thread, "file", args)


def _artefact(incident_id: int, run_id: int, kept: Kept, file: KeptFile) -> Artefact:
    return Artefact(
        incident_id=incident_id,
        evidence_run_id=run_id,
        name=file.name,
        kind=file.stored.kind,
        path=file.stored.path,
        sha256=file.stored.sha256,
        size=file.stored.size,
        query=kept.question,
        created_at=utcnow(),
    )


def _rows(incident_id: int, run_id: int, found: Investigation) -> Iterator[Finding]:
    for one in found.findings:
        yield Finding(
            incident_id=incident_id,
            evidence_run_id=run_id,
            rule=one.rule,
            severity=one.severity,
            title=one.title,
            principal=one.principal,
            access_key_id=one.access_key_id,
            source_ip=one.source_ip,
            time=one.time,
            event_ids=list(one.event_ids),
            mitre=list(one.mitre),
        )
