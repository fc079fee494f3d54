"""Access Analyzer's findings in words, and whether there was an analyzer at all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.aws.access_analyzer import AnalyzerFindings
from bot.aws.fact import Fact
from bot.evidence.clues.analyzer import told
from bot.evidence.clues.gathered import Gathered
from tests.evidence.clues.answers import ACCOUNT, BUCKET, T0, shaped

ANALYZER = {
    "arn": f"arn:aws:access-analyzer:us-east-1:{ACCOUNT}:analyzer/account",
    "name": "account",
    "type": "ACCOUNT",
    "createdAt": T0 - timedelta(days=90),
    "status": "ACTIVE",
}


def found(principal: dict[str, str], *, status: str = "ACTIVE", **access: Any) -> Gathered:
    details = {
        "action": ["s3:GetObject"],
        "condition": {},
        "isPublic": False,
        "principal": principal,
        "sources": [{"type": "POLICY"}],
        **access,
    }
    answer = {
        "id": "f-1",
        "resource": f"arn:aws:s3:::{BUCKET}",
        "resourceType": "AWS::S3::Bucket",
        "resourceOwnerAccount": ACCOUNT,
        "status": status,
        "createdAt": T0,
        "analyzedAt": T0,
        "updatedAt": T0 + timedelta(hours=1),
        "findingType": "ExternalAccess",
        "findingDetails": [{"externalAccessDetails": details}],
    }
    shaped("accessanalyzer", "GetFindingV2", answer)
    shaped("accessanalyzer", "ListAnalyzers", {"analyzers": [ANALYZER]})
    return told(Fact((AnalyzerFindings(ANALYZER, Fact((answer,))),)))


def test_open_to_the_world() -> None:
    result = found({"AWS": "*"}, isPublic=True)
    [clue] = result.clues
    assert clue.title == "Open to anyone on the Internet through its bucket policy"
    assert (clue.severity, clue.time) == ("high", T0)
    assert "it still is" in clue.text
    assert "1 way in" in result.coverage[0].because


def test_open_to_another_account_and_closed_since() -> None:
    [clue] = found({"AWS": "444455556666"}, status="RESOLVED").clues
    assert clue.title == "Was open to 444455556666 through its bucket policy"
    assert clue.severity == "info"
    assert "found closed at 2026-11-23 03:00:00 UTC" in clue.text


def test_a_grant_under_a_condition_is_not_the_internet() -> None:
    [clue] = found({"AWS": "*"}, condition={"aws:SourceIp": "198.51.100.0/24"}).clues
    assert "anyone who meets its conditions" in clue.title
    assert "aws:SourceIp is 198.51.100.0/24" in clue.text


@pytest.mark.parametrize(
    ("answer", "analyzers"),
    [
        ("no", Fact(())),
        ("cannot_know", Fact(unknown="AWS refused", denied=True)),
        ("cannot_know", Fact((AnalyzerFindings(ANALYZER, Fact(unknown="throttled")),))),
        ("yes", Fact((AnalyzerFindings(ANALYZER, Fact(())),))),
    ],
)
def test_coverage(answer: str, analyzers: Fact[tuple[AnalyzerFindings, ...]]) -> None:
    [row] = told(analyzers).coverage
    assert row.answer == answer
    assert (row.turn_on is None) is (answer == "yes")
