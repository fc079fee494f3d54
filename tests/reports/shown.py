"""An investigation in which everything that can be shown is there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.evidence.report import (
    Activity,
    Clue,
    Coverage,
    Hop,
    Investigation,
    Label,
    Person,
    Reason,
    TimelineEntry,
)
from tests.incidents.evidence import KEY, USER, investigation

START = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
SECOND = "AKIAEXAMPLE000000002"


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def act(minutes: float, action: str, text: str = "", **more: Any) -> TimelineEntry:
    values: dict[str, Any] = {
        "time": at(minutes),
        "until": at(minutes),
        "principal": USER,
        "label": "suspect",
        "action": action,
        "outcome": "ok",
        "text": text or action.partition(":")[2],
        "events": 1,
        "event_ids": ("event-1",),
        "change": not action.startswith("s3:Get"),
    }
    return TimelineEntry(**(values | more))


def busy(actor: str | None, when: float, ok: int = 1, denied: int = 0, **more: Any) -> Activity:
    values: dict[str, Any] = {
        "actor": actor,
        "label": "suspect",
        "suspicious": True,
        "start": at(when),
        "minutes": 1,
        "ok": ok,
        "denied": denied,
    }
    return Activity(**(values | more))


def hop(key: str, parent: str | None = None, **more: Any) -> Hop:
    values: dict[str, Any] = {
        "access_key_id": key,
        "principal": USER,
        "event": "CreateAccessKey" if parent else None,
        "event_id": "event-1" if parent else None,
        "time": at(5) if parent else None,
        "minted_by": USER if parent else None,
        "parent_key_id": parent,
        "matched": "issued key" if parent else "not found",
        "origin": "A long-term key. The chain starts here.",
    }
    return Hop(**(values | more))


def person(label: Label = "suspect", **more: Any) -> Person:
    values: dict[str, Any] = {
        "name": "user ci-deploy",
        "kind": "human",
        "label": label,
        "score": 90,
        "reasons": (
            Reason(points=110, text="A place it was never seen at"),
            Reason(points=-20, text="Signed in with MFA"),
        ),
        "joined": ("Its key issued the other one",),
        "principals": (USER,),
        "access_key_ids": (KEY, SECOND),
        "source_ips": ("203.0.113.66", "203.0.113.91"),
        "first_seen": at(0),
        "last_seen": at(30),
        "events": 5,
        "denied": 1,
        "bucket_events": 4,
        "elsewhere": {"iam:CreateUser": 1, "secretsmanager:GetSecretValue": 3},
    }
    return Person(**(values | more))


def complete(**more: Any) -> Investigation:
    """A suspect with a score, clues, activity, lineage, timeline, unknowns and next steps."""
    known = investigation("R2", "R1")
    actors = tuple(one.model_copy(update={"person": "user ci-deploy", "score": 90}) for one in known.actors)
    values: dict[str, Any] = {
        "actors": actors,
        "people": (person(),),
        "coverage": (Coverage(subject="object reads", answer="yes", because="Data events were on."),),
        "clues": (
            Clue(
                source="GuardDuty",
                id="finding-1",
                title="Exfiltration:S3/AnomalousBehavior",
                text="An unusual amount was read.",
                severity="high",
                time=at(9),
            ),
        ),
        "activity": (
            busy(USER, 1, ok=2, denied=1),
            busy(USER, 2, ok=40),
            busy(USER, 0, suspicious=False),
            busy("arn:aws:iam::111122223333:user/maria", 4, ok=3, suspicious=False, label="known"),
        ),
        "lineage": (hop(KEY), hop(SECOND, KEY)),
        "timeline": (
            act(1, "iam:PutUserPolicy", "PutUserPolicy ci-deploy"),
            act(2, "s3:GetObject", "Read 2 objects"),
            act(3, "s3:PutBucketPolicy", outcome="denied", text="PutBucketPolicy (refused)", change=False),
        ),
        "unknown": ("Whether the objects were copied on is not known: ask the data owner.",),
        "next_steps": ("Rotate the secrets that were read.",),
    }
    return known.model_copy(update=values | more)
