"""Access Analyzer's findings as clues: who outside could reach the bucket, since when, until when (E16)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.aws.access_analyzer import AnalyzerFindings
from bot.aws.fact import Fact
from bot.evidence.clues import wording
from bot.evidence.clues.gathered import Gathered
from bot.evidence.events import many, mapping
from bot.evidence.report import Clue, Coverage, Severity
from bot.evidence.wording import short

SUBJECT = "Access Analyzer findings"
VIA = {
    "POLICY": "bucket policy",
    "BUCKET_ACL": "ACL",
    "S3_ACCESS_POINT": "access point",
    "S3_ACCESS_POINT_ACCOUNT": "access point of another account",
}


def told(analyzers: Fact[tuple[AnalyzerFindings, ...]]) -> Gathered:
    """What the analyzers say of the bucket, and whether there is one that could."""
    found = analyzers.value or ()
    clues = tuple(clue for one in found for clue in _clues(one))
    return Gathered(clues, (_coverage(analyzers, found),))


def _clues(analyzer: AnalyzerFindings) -> Iterator[Clue]:
    for finding in analyzer.findings.value or ():
        for number, detail in enumerate(many(finding.get("findingDetails"))):
            access = mapping(mapping(detail).get("externalAccessDetails"))
            if access:
                yield _clue(finding, access, number)


def _clue(finding: Mapping[str, Any], access: Mapping[str, Any], number: int) -> Clue:
    who, via = _who(access), _via(access)
    active = finding["status"] == "ACTIVE"
    title = wording.open_to(who, via) if active else wording.was_open_to(who, via)
    ended = None if active else finding["updatedAt"]
    conditions = "; ".join(f"{key} is {value}" for key, value in mapping(access.get("condition")).items())
    actions = [str(one) for one in many(access.get("action"))]
    return Clue(
        source="IAM Access Analyzer",
        id=str(finding["id"]) + (f"#{number}" if number else ""),
        title=title,
        text=wording.open_text(who, actions, conditions, finding["createdAt"], ended),
        severity=_severity(access, active=active),
        time=finding["createdAt"],
        principal=next((short(str(one)) for one in mapping(access.get("principal")).values()), None),
        resource=finding.get("resource"),
    )


def _severity(access: Mapping[str, Any], *, active: bool) -> Severity:
    """What is closed again is information; what stands open is a danger."""
    if not active:
        return "info"
    return "high" if access.get("isPublic") else "medium"


def _who(access: Mapping[str, Any]) -> str:
    named = [str(one) for one in mapping(access.get("principal")).values()]
    if "*" in named:
        return wording.ANYONE if access.get("isPublic") else wording.limited_anyone()
    return ", ".join(short(one) for one in named) or wording.limited_anyone()


def _via(access: Mapping[str, Any]) -> str:
    kinds = [str(mapping(one).get("type")) for one in many(access.get("sources"))]
    return " and ".join(VIA.get(one, short(one)) for one in kinds) or VIA["POLICY"]


def _coverage(analyzers: Fact[tuple[AnalyzerFindings, ...]], found: Sequence[AnalyzerFindings]) -> Coverage:
    for reason, denied in (
        (analyzers.unknown, analyzers.denied),
        *((one.findings.unknown, one.findings.denied) for one in found),
    ):
        if reason:
            turn_on = wording.allow(wording.MAY_ANALYZER) if denied else wording.ASK_AGAIN
            because = wording.unanswered(reason)
            return Coverage(subject=SUBJECT, answer="cannot_know", because=because, turn_on=turn_on)
    if not found:
        turn_on = wording.TURN_ON_ANALYZER
        return Coverage(subject=SUBJECT, answer="no", because=wording.NO_ANALYZER, turn_on=turn_on)
    now = sum(finding["status"] == "ACTIVE" for one in found for finding in one.findings.value or ())
    because = wording.analyzer_sees([str(one.analyzer["name"]) for one in found], now)
    return Coverage(subject=SUBJECT, answer="yes", because=because)
