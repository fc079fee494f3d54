"""What an investigation of the story would say, as small as it can be."""

from __future__ import annotations

from typing import Any

from bot.evidence.report import Investigation
from bot.incidents.headline import summary_of
from bot.store import evidence
from bot.store.types import Tx, utcnow

USER = "arn:aws:iam::111122223333:user/ci-deploy"
KEY = "AKIAEXAMPLE000000001"
TARGETS: dict[str, dict[str, str]] = {
    "R2": {"user": "ci-deploy"},
    "R1": {"user": "ci-deploy", "access_key_id": KEY},
    "R18": {"bucket": "acme-payroll"},
    "R5": {"role": "payroll-app"},
}


def proposal(row: str) -> dict[str, Any]:
    return {"remediation": row, "target": TARGETS[row], "why": f"{row} is needed", "event_ids": []}


def investigation(*rows: str, bucket: str = "acme-payroll", **more: Any) -> Investigation:
    """With one suspect; `rows` are the proposals."""
    found: dict[str, Any] = {
        "schema_version": 1,
        "bucket": bucket,
        "account_id": "111122223333",
        "verdict": "One suspect read 2 objects.",
        "window": {"start": None, "end": None, "first_event": None, "last_event": None},
        "coverage": [],
        "sources": [],
        "totals": {
            "files": 1,
            "events": 5,
            "unique_events": 5,
            "duplicates": 0,
            "outside_window": 0,
            "other_accounts": 0,
            "about_bucket": 5,
            "set_apart": {"services": 0, "own": 0, "responders": 0},
        },
        "actors": [_suspect()],
        "lineage": [],
        "answers": [{"id": "E8", "question": "Bulk read?", "answer": "yes", "because": "2 objects."}],
        "findings": [_finding()],
        "timeline": [],
        "proposals": [proposal(row) for row in rows],
    }
    return Investigation.model_validate(found | more)


def record(tx: Tx, incident_id: int, found: Investigation) -> None:
    """A finished run with this result."""
    run = evidence.start_run(tx, incident_id, None, {})
    evidence.update_run(tx, run.id, state="done", summary=summary_of(found), finished_at=utcnow())


def _suspect() -> dict[str, Any]:
    origins = [_origin("203.0.113.66", 3), _origin("203.0.113.91", 2)]
    return {
        "principal": USER,
        "type": "IAMUser",
        "label": "suspect",
        "reasons": ["a new address"],
        "access_key_ids": [KEY],
        "source_ips": ["203.0.113.66", "203.0.113.91"],
        "user_agents": ["aws-cli/2"],
        "first_seen": "2026-03-01T02:00:00Z",
        "last_seen": "2026-03-01T02:30:00Z",
        "events": 5,
        "denied": 1,
        "bucket_events": 4,
        "objects_read": ["a.csv", "b.csv"],
        "get_object_calls": 2,
        "bytes_out": 178,
        "bytes_exact": True,
        "calls": {"s3:GetObject": 2},
        "origins": origins,
    }


def _origin(address: str, events: int) -> dict[str, Any]:
    return {
        "access_key_id": KEY,
        "source_ip": address,
        "user_agent": "aws-cli/2",
        "first_seen": "2026-03-01T02:00:00Z",
        "last_seen": "2026-03-01T02:30:00Z",
        "events": events,
        "denied": 0,
        "objects_read": 1,
        "bytes_out": 89,
        "suspicious": True,
    }


def _finding() -> dict[str, Any]:
    return {
        "rule": "D1",
        "severity": "high",
        "title": "Bucket policy opened to everybody",
        "principal": USER,
        "access_key_id": KEY,
        "source_ip": "203.0.113.66",
        "time": "2026-03-01T02:10:00Z",
        "events": 1,
        "event_ids": ["event-1"],
        "mitre": ["T1530"],
    }
