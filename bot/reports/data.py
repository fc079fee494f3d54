"""What a report says, complete, before anybody decides how it looks.

All text may hold what an attacker wrote; the renderer escapes it. Times are UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.evidence.report import Actor, Investigation
from bot.remediation.plan import Plan


@dataclass(frozen=True)
class Facts:
    """The incident itself. People are Slack user ids. `contained_at` is None while it is not contained."""

    id: int
    name: str
    bucket: str
    account_id: str
    region: str
    severity: int
    suspicion: str
    phase: str
    opened_by: str
    opened_at: datetime
    contained_at: datetime | None
    closed_by: str | None
    closed_at: datetime | None


@dataclass(frozen=True)
class Happening:
    """One line of the timeline.

    `side`: "attack" is what a suspect did, "bucket" what others changed on the bucket (both from the logs),
    "response" what people and this program did. `outcome` is "ok", "denied" or "failed" for logged acts.
    `events` counts the log events behind the line.
    """

    time: datetime
    until: datetime
    side: Literal["attack", "bucket", "response"]
    who: str
    text: str
    outcome: str = "ok"
    events: int = 0


@dataclass(frozen=True)
class Chronology:
    """Both timelines as one, in order. `left_out` acts in its middle are in the evidence file only.

    `gap` says why the logs' part is missing, where it is.
    """

    happenings: tuple[Happening, ...]
    left_out: int
    gap: str | None


@dataclass(frozen=True)
class Haul:
    """What one actor was handed from the bucket, in words: exact, "at least", or unknown."""

    actor: Actor
    objects: str
    calls: str
    size: str


@dataclass(frozen=True)
class Made:
    """One AWS call of a plan and what the journal says of it.

    `state` is "not made", "intent" (begun, outcome unknown), "done" or "failed".
    """

    operation: str
    params: str
    state: str
    attempts: int
    at: datetime | None
    request_id: str | None
    error: str | None


@dataclass(frozen=True)
class Yes:
    """One approval. `matches`: it was given to the digest that the plan has.

    `break_glass`: why the person who asked for the change had to approve it alone; None for all others.
    """

    user_id: str
    at: datetime
    matches: bool
    break_glass: str | None


@dataclass(frozen=True)
class Run:
    """The one execution of a plan.

    `finished_at` is None while it runs; `sentence` is what it ended with; `broken` is what the watch saw
    wrong at its last look, or None.
    """

    session_name: str
    source_identity: str
    started_at: datetime
    finished_at: datetime | None
    sentence: str
    broken: str | None


@dataclass(frozen=True)
class Change:
    """One plan, whatever became of it.

    Attributes:
        plan: what was stored, or None where that cannot be read any more.
        outcome: what became of it, in one sentence. because: why it ended without a run, where it did.
        verification: what was seen after the calls, in order.
        digest_holds: the stored plan still hashes to `digest`.
        undoes, undone_by, replaces: numbers of other plans of the incident.
        diff: the lines of the unified diff of the target's state.
    """

    number: int
    title: str
    remediation: str
    target: str
    account_id: str
    region: str
    state: str
    outcome: str
    because: str
    reason: str
    requested_by: str
    created_at: datetime
    expires_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    required: int
    approvals: tuple[Yes, ...]
    digest: str
    base_hash: str
    digest_holds: bool
    plan: Plan | None
    diff: tuple[str, ...]
    calls: tuple[Made, ...]
    run: Run | None
    verification: tuple[str, ...]
    undo: str
    undoes: int | None
    undone_by: tuple[int, ...]
    replaces: int | None


@dataclass(frozen=True)
class Duty:
    """A task of the playbook for people."""

    title: str
    text: str
    open: bool
    done_by: str | None
    done_at: datetime | None


@dataclass(frozen=True)
class Risk:
    """What is left open: what it is, and what to do about it."""

    what: str
    todo: str


@dataclass(frozen=True)
class Exhibit:
    """An evidence file. `whole`: the vault's content still has this SHA-256 and size."""

    name: str
    kind: str
    sha256: str
    size: int
    created_at: datetime
    query: str
    whole: bool


@dataclass(frozen=True)
class Named:
    """What Slack calls somebody: chosen by that person, and no proof of who it was. The user id is."""

    user_id: str
    name: str


@dataclass(frozen=True)
class Chain:
    """The ledger when the report was written. `broken` is the first entry that does not fit, or None."""

    seq: int
    hash: str
    entries: int
    broken: int | None


@dataclass(frozen=True)
class ReportData:
    """Everything a report says. `found` is the newest finished investigation, or None; `whole` the same with
    its timeline, from the vault: None where its file is gone. `people` are those whose names are known.
    """

    facts: Facts
    written_at: datetime
    summary: tuple[str, ...]
    unknown: tuple[str, ...]
    found: Investigation | None
    whole: Investigation | None
    chronology: Chronology
    hauls: tuple[Haul, ...]
    keys: tuple[str, ...]
    changes: tuple[Change, ...]
    duties: tuple[Duty, ...]
    risks: tuple[Risk, ...]
    exhibits: tuple[Exhibit, ...]
    chain: Chain
    people: tuple[Named, ...] = ()
