"""Where not every read was recorded, or not every log could be read, what was counted is a lower bound."""

from __future__ import annotations

from bot.evidence import view
from bot.evidence.investigate import investigate
from bot.evidence.questions import Question
from bot.evidence.report import Investigation
from bot.evidence.scan.files import FileProblem
from bot.incidents.headline import headline
from bot.reports.haul import hauls
from bot.slack.cards.evidence_words import taken
from tests.evidence.records import ACCOUNT, ATTACKER_IP, BUCKET, LEAKED_KEY, Log, leaked_key, user
from tests.evidence.story import Records

DAMAGED = FileProblem("b.json.gz", "not gzip")


def asked(log: Log, *problems: FileProblem) -> Investigation:
    question = Question(bucket=BUCKET, account_id=ACCOUNT)
    return investigate(question, [Records(log.records, problems)])


def said(found: Investigation) -> list[str]:
    suspects = found.suspects
    return [
        found.verdict,
        found.answer("E8").because,
        view.got(found)[0].sentence,
        hauls(found)[0].objects + " " + hauls(found)[0].size,
        taken(*suspects, whole=view.reads_recorded(found)),
        headline(found),
    ]


def test_exact_where_all_was_read() -> None:
    found = asked(leaked_key())
    assert found.lost is None
    assert "exactly" in found.verdict
    assert [one for one in said(found) if "at least" in one.lower()] == []


def test_at_least_where_a_log_could_not_be_read() -> None:
    found = asked(leaked_key(), DAMAGED)
    assert found.lost is not None
    assert "b.json.gz" in found.lost
    for sentence in said(found):
        assert "at least" in sentence.lower(), sentence
        assert "exactly" not in sentence


def test_a_file_that_is_no_log_makes_nothing_uncertain() -> None:
    found = asked(leaked_key(), FileProblem("notes.json", "JSON, but not CloudTrail", lost=False))
    assert (found.lost, "exactly" in found.verdict) == (None, True)


def test_at_least_where_recording_stopped_within_the_window() -> None:
    log = leaked_key()
    log.call(
        user("ci-deploy", LEAKED_KEY, ATTACKER_IP, "x"),
        "cloudtrail",
        "StopLogging",
        requestParameters={"name": "t"},
    )
    found = asked(log)
    assert not view.reads_recorded(found)
    for sentence in said(found):
        assert "at least" in sentence.lower(), sentence


def test_nothing_seen_is_not_nothing_read() -> None:
    log = Log()
    log.call(
        user("x", LEAKED_KEY, ATTACKER_IP, "x"), "cloudtrail", "StopLogging", requestParameters={"name": "t"}
    )
    log.call(
        user("x", LEAKED_KEY, ATTACKER_IP, "x"),
        "s3",
        "DeleteBucketPolicy",
        requestParameters={"bucketName": BUCKET},
    )
    found = asked(log)
    assert found.suspects
    assert "what they read is not known" in headline(found)


def test_nobody_under_suspicion_is_no_all_clear_where_a_log_could_not_be_read() -> None:
    log = Log()
    log.object(user("ana", LEAKED_KEY, "10.0.0.1", "aws-cli/2"), "GetObject", "a.txt")
    assert "all-clear" not in asked(log).verdict
    assert "this is not an all-clear" in asked(log, DAMAGED).verdict
