"""What comes of an investigation: files in the vault, rows in the database, cards in the channel."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.evidence.events import Event
from bot.evidence.questions import Question
from bot.evidence.report import Investigation
from bot.evidence.vault.vault import Artefact as Stored
from bot.evidence.vault.vault import Vault
from bot.incidents import sentences
from bot.incidents.evidence_runs import end_step, evidence_key
from bot.incidents.headline import headline, summary_of
from bot.incidents.recording import BOT, record
from bot.store import evidence, outbox
from bot.store.tables.evidence import Artefact, Finding
from bot.store.types import JsonObject, Tx, utcnow

#: The parts that follow the evidence card in its thread, in this order.
PARTS = ("actors", "timeline", "answers", "coverage")


@dataclass(frozen=True)
class Kept:
    """The files of one investigation, already in the vault, and the question they answer."""

    report: Stored
    events: Stored
    question: JsonObject
    name: str

    @classmethod
    def of(cls, vault: Vault, incident: str, found: Investigation, events: Path, question: Question) -> Kept:
        """Puts the whole result and every relevant event, as received, into the vault."""
        asked = asked_of(question)
        query = json.dumps(asked, sort_keys=True)
        name = f"{incident}-{found.bucket}"
        report = found.model_dump_json(indent=2).encode()
        return cls(
            report=vault.put(f"{name}-investigation.json", report, "investigation", query),
            events=vault.put_file(f"{name}-events.jsonl", events, "events", query),
            question=asked,
            name=name,
        )


@contextmanager
def keep_events(path: Path) -> Iterator[Callable[[Event], None]]:
    """A function that writes each event's record as received, one a line."""
    with path.open("wb") as file:

        def keep(event: Event) -> None:
            file.write(event.raw.replace(b"\n", b" ") + b"\n")

        yield keep


def asked_of(question: Question) -> JsonObject:
    """The question as plain values."""
    return {
        "bucket": question.bucket,
        "account_id": question.account_id,
        "window": [moment.isoformat() for moment in question.window or ()],
        "own_principals": sorted(question.own_principals),
        "responders": sorted(question.responders),
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
    report = evidence.add_artefact(
        tx, _artefact(incident_id, run_id, kept, kept.report, "investigation.json")
    )
    evidence.add_artefact(tx, _artefact(incident_id, run_id, kept, kept.events, "events.jsonl"))
    _post(tx, incident_id, run_id, report)
    text = sentences.evidence_done(headline(found))
    hashes = {"report_sha256": kept.report.sha256, "events_sha256": kept.events.sha256}
    record(tx, incident_id, BOT, "evidence.done", text, run_id=run_id, **hashes)
    end_step(tx, incident_id, step_id, "done", text)


def _post(tx: Tx, incident_id: int, run_id: int, report: Artefact) -> None:
    key = evidence_key(run_id)
    outbox.show(tx, key, outbox.incident_place(incident_id), "evidence", {"run_id": run_id})
    thread = outbox.incident_place(incident_id, thread_of=key)
    for part in PARTS:
        outbox.say(tx, f"{key}:{part}", thread, "evidence_detail", {"run_id": run_id, "part": part})
    args = {"artefact_id": report.id, "title": sentences.REPORT_TITLE}
    outbox.say(tx, f"{key}:file", thread, "file", args)


def _artefact(incident_id: int, run_id: int, kept: Kept, stored: Stored, suffix: str) -> Artefact:
    return Artefact(
        incident_id=incident_id,
        evidence_run_id=run_id,
        name=f"{kept.name}-{suffix}",
        kind=stored.kind,
        path=stored.path,
        sha256=stored.sha256,
        size=stored.size,
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
