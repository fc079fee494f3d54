"""From the database and the vault to everything that a report says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from bot.evidence.report import Investigation
from bot.evidence.vault.vault import Vault
from bot.incidents.headline import investigation_of
from bot.incidents.queries import StepLine, status
from bot.reports import risks
from bot.reports.changes import changes
from bot.reports.chronology import chronology, in_vault, spans_of_containment, stored
from bot.reports.data import Chain, Change, Duty, Exhibit, Facts, ReportData, Risk
from bot.reports.haul import hauls, taken_by_suspects
from bot.reports.summary import summary, unknown
from bot.store import evidence, incidents, ledger, plans
from bot.store.tables.evidence import Artefact
from bot.store.tables.incidents import Incident, Task
from bot.store.types import Tx, utcnow

#: The kind of artefact that a report itself is.
REPORT = "report"


def gather(tx: Tx, incident_id: int, files: Vault) -> ReportData | None:
    """Everything about one incident as of now; None when there is no such incident.

    Reads every evidence file once, to say whether it still is what was put into the vault.
    """
    incident = incidents.get(tx, incident_id)
    if incident is None:
        return None
    facts = _facts(incident)
    run = evidence.latest_run(tx, incident_id)
    found = investigation_of(run) if run else None
    whole = in_vault(tx, run, files) if run else None
    made = changes(tx, incident_id)
    exhibits = tuple(_exhibits(tx, incident_id, files))
    chain = _chain(tx)
    return ReportData(
        facts=facts,
        written_at=utcnow(),
        summary=summary(facts, found, list(spans_of_containment(tx, incident_id)), made),
        unknown=unknown(found),
        found=found,
        whole=whole,
        chronology=chronology(tx, incident_id, whole, gone=run is not None and whole is None),
        hauls=hauls(found) if found else (),
        keys=taken_by_suspects(found) if found else (),
        changes=made,
        duties=tuple(map(_duty, incidents.tasks(tx, incident_id))),
        risks=(*risks.of_record(chain, exhibits), *_risks(tx, facts, made, found)),
        exhibits=exhibits,
        chain=chain,
    )


def _facts(incident: Incident) -> Facts:
    return Facts(
        id=incident.id,
        name=incident.name,
        bucket=incident.bucket,
        account_id=incident.account_id,
        region=incident.region,
        severity=incident.severity,
        suspicion=incident.suspicion,
        phase=incident.phase,
        opened_by=incident.opened_by,
        opened_at=incident.opened_at,
        contained_at=incident.contained_at,
        closed_by=incident.closed_by,
        closed_at=incident.closed_at,
    )


def _risks(tx: Tx, facts: Facts, made: Sequence[Change], found: Investigation | None) -> Iterator[Risk]:
    now = status(tx, facts.id)
    steps: Sequence[StepLine] = now.steps if now else ()
    runs = [run for line in steps if (run := evidence.run_of_step(tx, line.step.id))]
    targets = [(row.remediation, row.target) for row in plans.of_incident(tx, facts.id)]
    yield from risks.of_changes(facts, made)
    yield from risks.of_steps(steps)
    yield from risks.of_evidence(found, runs, targets)


def _duty(task: Task) -> Duty:
    return Duty(task.title, task.text, task.state == "open", task.done_by, task.done_at)


def _exhibits(tx: Tx, incident_id: int, files: Vault) -> Iterator[Exhibit]:
    """The evidence files; earlier reports are not evidence."""
    for row in evidence.artefacts(tx, incident_id):
        if row.kind != REPORT:
            yield _exhibit(row, whole=files.verify(stored(row)))


def _exhibit(row: Artefact, *, whole: bool) -> Exhibit:
    query = json.dumps(row.query, sort_keys=True, ensure_ascii=False)
    return Exhibit(row.name, row.kind, row.sha256, row.size, row.created_at, query, whole)


def _chain(tx: Tx) -> Chain:
    head = ledger.head(tx)
    return Chain(head.seq, head.hash, ledger.size(tx), ledger.first_broken(tx))
