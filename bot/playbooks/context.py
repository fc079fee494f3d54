"""What a playbook's conditions and texts can speak of."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bot.evidence.proposing.plan import CONTAINING
from bot.evidence.report import Investigation
from bot.incidents.headline import investigation_of
from bot.incidents.phases import Phase
from bot.remediation.catalogue import listing
from bot.store import evidence, incidents
from bot.store.tables.incidents import Incident
from bot.store.types import Tx

#: Every question has an answer for a playbook, also before the evidence and where it was not asked.
QUESTIONS = tuple(f"E{number}" for number in range(1, 31))
NOT_ASKED: dict[str, Any] = {"answer": "cannot_know", "because": "It was not asked.", "event_ids": []}

Context = dict[str, Any]


def context_of(tx: Tx, incident: Incident) -> Context:
    """incident, findings, answers, actors, suspects and proposals of the latest evidence, as plain values."""
    run = evidence.latest_run(tx, incident.id)
    seen = investigation_of(run) if run else None
    return _context(_incident(tx, incident), seen)


def sample_context() -> Context:
    """A context with something of everything, against which a playbook is checked."""
    return _context(_SAMPLE_INCIDENT, None) | {
        "findings": [_SAMPLE_FINDING],
        "actors": [_SAMPLE_ACTOR],
        "suspects": [_SAMPLE_ACTOR],
        "proposals": [_SAMPLE_PROPOSAL],
        "evidence": {"verdict": "One suspect read 2 objects."},
    }


def empty_context() -> Context:
    """A context in which the evidence found nothing: a playbook must hold there too."""
    return _context(_SAMPLE_INCIDENT, None)


def _context(incident: Context, seen: Investigation | None) -> Context:
    found: Context = seen.to_json() if seen else {}
    known = {answer["id"]: answer for answer in found.get("answers", ())}
    actors = list(found.get("actors", ()))
    return {
        "incident": incident,
        "findings": list(found.get("findings", ())),
        "answers": {one: known.get(one, {"id": one, **NOT_ASKED}) for one in QUESTIONS},
        "actors": actors,
        "suspects": [actor for actor in actors if actor["label"] == "suspect"],
        "proposals": [_proposal(one) for one in found.get("proposals", ())],
        "evidence": {"verdict": found.get("verdict", "")},
    }


def _proposal(found: Context) -> Context:
    """With whether it stops somebody, and whether people must do it: no row for it, or too little known."""
    wants = {one.row: set(one.wants) for one in listing()}.get(found["remediation"])
    by_hand = wants is None or not wants <= set(found["target"])
    return {**found, "contains": found["remediation"] in CONTAINING, "by_hand": by_hand}


def _incident(tx: Tx, incident: Incident) -> Context:
    tasks = incidents.tasks(tx, incident.id)
    return {
        "name": incident.name,
        "bucket": incident.bucket,
        "account_id": incident.account_id,
        "region": incident.region,
        "severity": incident.severity,
        "suspicion": incident.suspicion,
        "phase": incident.phase,
        "opened_by": incident.opened_by,
        "opened_at": incident.opened_at,
        "contained": incident.contained_at is not None,
        "open_tasks": sum(task.state == "open" for task in tasks),
    }


_SAMPLE_INCIDENT: Context = {
    "name": "inc-0001",
    "bucket": "example-bucket",
    "account_id": "111122223333",
    "region": "us-east-1",
    "severity": 2,
    "suspicion": "a key leaked",
    "phase": Phase.TRIAGE.value,
    "opened_by": "U0EXAMPLE",
    "opened_at": datetime(2026, 1, 1, tzinfo=UTC),
    "contained": False,
    "open_tasks": 0,
}
_SAMPLE_FINDING: Context = {
    "rule": "D1",
    "severity": "high",
    "title": "Bucket policy opened to everybody",
    "principal": "arn:aws:iam::111122223333:user/example",
    "access_key_id": "AKIAIOSFODNN7EXAMPLE",
    "source_ip": "198.51.100.7",
    "time": "2026-01-01T00:00:00Z",
    "events": 1,
    "event_ids": ["6f3c0f9e-0000-4000-8000-000000000001"],
    "mitre": ["T1530"],
}
_SAMPLE_ACTOR: Context = {
    "principal": "arn:aws:iam::111122223333:user/example",
    "type": "IAMUser",
    "label": "suspect",
    "reasons": ["used from a new address"],
    "access_key_ids": ["AKIAIOSFODNN7EXAMPLE"],
    "source_ips": ["198.51.100.7"],
    "user_agents": ["aws-cli/2.15"],
    "first_seen": "2026-01-01T00:00:00Z",
    "last_seen": "2026-01-01T00:10:00Z",
    "events": 12,
    "denied": 2,
    "bucket_events": 9,
    "objects_read": ["salaries.csv"],
    "get_object_calls": 2,
    "bytes_out": 178,
    "bytes_exact": True,
    "calls": {"s3:GetObject": 2},
    "origins": [],
}
_SAMPLE_PROPOSAL: Context = {
    "remediation": "R2",
    "target": {"user": "example"},
    "why": "Its key was used by the suspect.",
    "event_ids": [],
    "title": "Deny everything to the user",
    "contains": True,
    "by_hand": False,
}
