"""GuardDuty's findings in words, and what GuardDuty could have seen."""

from __future__ import annotations

import pytest

from bot.aws.fact import Fact
from bot.aws.guardduty import Detector, RegionFindings
from bot.evidence.clues.guardduty import severity, told
from tests.evidence.clues.answers import T0, finding, guardduty


def test_a_finding_with_who_where_and_how_bad() -> None:
    found = told((guardduty(finding("Exfiltration:S3/AnomalousBehavior")),))
    [clue] = found.clues
    assert clue.title == "GuardDuty: unusual reading of objects (Exfiltration:S3/AnomalousBehavior)"
    assert (clue.severity, clue.source_ip) == ("high", "203.0.113.66")
    assert (clue.principal, clue.access_key_id) == ("ci-deploy", "AKIAEXAMPLE000000001")
    assert "Seen 3 times, first 2026-11-23 02:01:00 UTC" in clue.text
    assert found.coverage[0].answer == "yes"
    assert "public" in found.coverage[0].because


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("UnauthorizedAccess:S3/TorIPCaller", "Tor"),
        ("PenTest:IAMUser/KaliLinux", "Kali"),
        ("AttackSequence:S3/CompromisedData", "chain of acts"),
        ("Impact:S3/AnomalousBehavior.Delete", "deleting"),
        ("Brand:New/Thing", "What GuardDuty calls it"),
    ],
)
def test_types_old_and_new_have_a_meaning(kind: str, words: str) -> None:
    [clue] = told((guardduty(finding(kind)),)).clues
    assert words in clue.title
    assert kind in clue.title


def test_retired_and_archived_findings_say_so() -> None:
    [clue] = told((guardduty(finding("Exfiltration:S3/ObjectRead.Unusual", Archived=True)),)).clues
    assert "retired this type" in clue.text
    assert "archived" in clue.text


@pytest.mark.parametrize(
    ("score", "word"), [(9.4, "critical"), (8.0, "high"), (7.0, "high"), (4.5, "medium"), (3.9, "low")]
)
def test_severities(score: float, word: str) -> None:
    assert severity(score) == word


def test_one_finding_of_two_queries_is_one_clue() -> None:
    twice = finding("Policy:S3/BucketAnonymousAccessGranted")
    assert len(told((guardduty(twice, twice),)).clues) == 1


def test_an_attack_sequence_tells_its_address() -> None:
    seen = dict.fromkeys(("CreatedAt", "UpdatedAt", "FirstSeenAt", "LastSeenAt"), T0)
    signal = {"Uid": "s", "Type": "FINDING", "Name": "n", "Count": 1, **seen}
    sequence = {
        "Uid": "u",
        "Description": "d",
        "Signals": [signal],
        "Endpoints": [{"Id": "e", "Ip": "198.51.100.9"}],
    }
    one = finding("AttackSequence:S3/CompromisedData", 9.5, Action={}, Detection={"Sequence": sequence})
    [clue] = told((guardduty(one),)).clues
    assert (clue.severity, clue.source_ip) == ("critical", "198.51.100.9")


def test_coverage_of_what_is_off() -> None:
    assert told((guardduty(on=False),)).coverage[0].answer == "no"
    nothing: RegionFindings = RegionFindings("us-east-1", Fact(None), Fact(()))
    assert "CreateDetector" in str(told((nothing,)).coverage[0].turn_on)
    blind = told((guardduty(s3=False),)).coverage[0]
    assert (blind.answer, "UpdateDetector" in str(blind.turn_on)) == ("no", True)
    elsewhere = RegionFindings("eu-west-1", Fact(None), Fact(()))
    row = told((guardduty(), elsewhere)).coverage[0]
    assert (row.answer, "Off in eu-west-1" in row.because) == ("yes", True)


def test_coverage_when_it_could_not_be_asked() -> None:
    refused = "AWS refused guardduty:list_detectors"
    row = told((RegionFindings("us-east-1", Fact(unknown=refused, denied=True), Fact(())),)).coverage[0]
    assert (row.answer, "evidence role" in str(row.turn_on)) == ("cannot_know", True)
    silent = RegionFindings("us-east-1", Fact(Detector("d", True, True)), Fact(unknown="no answer"))
    row = told((silent,)).coverage[0]
    assert (row.answer, "evidence role" in str(row.turn_on)) == ("cannot_know", False)


def test_hostile_text_stays_on_one_line() -> None:
    hostile = {**finding("A:B/C"), "Title": "a\nb\u202e" + "x" * 9000, "Description": "c\r\n" + "y" * 9000}
    [clue] = told((guardduty(hostile),)).clues
    assert "\n" not in clue.title + clue.text
    assert len(clue.title) < 300
    assert len(clue.text) < 900
