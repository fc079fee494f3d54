"""What a check answers, and the shape that every check has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from bot.audits.readings import Bucket, Unknown

Status = Literal["good", "bad", "unknown"]
Severity = Literal["critical", "high", "medium", "low"]


@dataclass(frozen=True)
class Verdict:
    """`detail` is a sentence for people: what is wrong and what it means (plain text, not escaped)."""

    status: Status
    detail: str
    severity: Severity


@dataclass(frozen=True)
class Check:
    """One question about one bucket.

    Attributes:
        id: stable, kept in the database. row: the audit row of the domain catalogue (A1 to A20).
        severity: of a bad answer, unless the answer says otherwise.
        judge: pure; from the bucket's settings to a verdict.
    """

    id: str
    row: str
    title: str
    severity: Severity
    judge: Callable[[Bucket], Verdict]


def good(detail: str) -> Verdict:
    return Verdict("good", detail, "low")


def bad(detail: str, severity: Severity) -> Verdict:
    return Verdict("bad", detail, severity)


def unknown(reading: Unknown, what: str) -> Verdict:
    return Verdict("unknown", f"{what} could not be read: {reading.why}", "medium")
