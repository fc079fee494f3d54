"""Opening an incident: reading the command's words, and the one transaction that makes everything begin."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.evidence.redact import redact
from bot.incidents import jobs, sentences
from bot.incidents.phases import Phase
from bot.store import incidents, ledger, outbox
from bot.store.jobs import enqueue
from bot.store.tables.incidents import Incident
from bot.store.types import Tx, utcnow

DEFAULT_SEVERITY = 2

# Names of today's rules, and those that us-east-1 allowed until March 2018: the buckets still exist.
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]")
_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+")
_OTHER_KINDS = {
    "-s3alias": "an access point alias",
    "--ol-s3": "an Object Lambda access point alias",
    ".mrap": "a Multi-Region Access Point alias",
    "--x-s3": "a directory bucket",
    "--xa-s3": "an access point of a directory bucket",
    "--table-s3": "a table bucket",
}
_SEVERITY = re.compile(r"sev-?(\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class OpenRequest:
    """All that opening needs. `severity` is 1 (worst) to 4; `suspicion` is free text of the opener."""

    bucket: str
    account_id: str
    region: str
    severity: int
    suspicion: str
    opened_by: str


@dataclass(frozen=True)
class OpenWords:
    """What `/s3incident open BUCKET [sevN] [text]` says; account and Region come from the settings."""

    bucket: str
    severity: int
    suspicion: str


@dataclass(frozen=True)
class Opened:
    incident: Incident


@dataclass(frozen=True)
class AlreadyOpen:
    """Somebody opened an incident for the same bucket before: this one."""

    incident: Incident


def check_bucket_name(name: str) -> str | None:
    """None when this can be a bucket's name, else a sentence (S3 user guide, "Bucket naming rules")."""
    for ending, kind in _OTHER_KINDS.items():
        if name.endswith(ending):
            return sentences.other_bucket_kind(name, kind)
    if not _BUCKET.fullmatch(name) or ".." in name or _ADDRESS.fullmatch(name):
        return sentences.not_a_bucket(name)
    return None


def parse_open(text: str) -> OpenWords | str:
    """Reads `BUCKET [sevN] [text]`; a sentence when that cannot be done. `s3://` and ARNs count as names."""
    first, _, rest = text.strip().partition(" ")
    if not first:
        return sentences.OPEN_USAGE
    bucket = _bucket_in(first)
    if wrong := check_bucket_name(bucket):
        return wrong
    word, _, after = rest.strip().partition(" ")
    severity = _SEVERITY.fullmatch(word)
    if severity is None:
        return OpenWords(bucket, DEFAULT_SEVERITY, rest.strip())
    if not 1 <= int(severity[1]) <= 4:
        return sentences.severity_out_of_range(word)
    return OpenWords(bucket, int(severity[1]), after.strip())


def open_incident(tx: Tx, request: OpenRequest) -> Opened | AlreadyOpen:
    """Opens the incident, or points to the one that is open for this bucket of this account.

    In one transaction: the row, its opener, ledger and timeline, the control card, and the job that makes
    the channel (after which the playbook starts, see bot.incidents.channel). Raises ValueError for a bucket
    name or severity that the forms should have refused.
    """
    wrong = check_bucket_name(request.bucket)
    if wrong or not 1 <= request.severity <= 4:
        raise ValueError(wrong or sentences.severity_out_of_range(f"sev{request.severity}"))
    incident = incidents.insert(tx, _row(request))
    if incident is None:
        known = incidents.open_for_bucket(tx, request.account_id, request.bucket)
        # It can have been closed between the two statements: then the bucket is free now.
        return AlreadyOpen(known) if known else open_incident(tx, request)
    _record(tx, incident)
    place = outbox.incident_place(incident.id)
    outbox.show(tx, control_key(incident.id), place, "control", {"incident_id": incident.id})
    enqueue(tx, jobs.CHANNEL_CREATE, dedupe_key=f"channel:{incident.id}", incident_id=incident.id)
    return Opened(incident)


def control_key(incident_id: int) -> str:
    """The outbox key of the incident's control card, edited in place after every change that it shows."""
    return f"incident:{incident_id}"


def _bucket_in(word: str) -> str:
    name = word.removeprefix("s3://")
    if name.startswith("arn:"):
        name = name.split(":")[-1]
    return name.partition("/")[0]


def _row(request: OpenRequest) -> Incident:
    return Incident(
        bucket=request.bucket,
        account_id=request.account_id,
        region=request.region,
        severity=request.severity,
        suspicion=redact(request.suspicion),
        phase=Phase.TRIAGE.value,
        opened_by=request.opened_by,
        opened_at=utcnow(),
    )


def _record(tx: Tx, incident: Incident) -> None:
    incidents.add_participant(tx, incident.id, incident.opened_by, "opener")
    said = sentences.opened(incident.bucket, incident.account_id, incident.severity, incident.suspicion)
    incidents.add_timeline(tx, incident.id, incident.opened_by, "opened", said)
    ledger.append(
        tx,
        incident.opened_by,
        "incident.opened",
        incident.id,
        bucket=incident.bucket,
        account_id=incident.account_id,
        severity=incident.severity,
    )
