from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.evidence.coverage.trails import TrailFact, TrailFacts
from bot.evidence.investigate import investigate
from bot.evidence.questions import Question
from bot.evidence.report import Investigation
from bot.evidence.scan.files import FileProblem
from bot.evidence.sources.event_history import EventHistory
from bot.evidence.sources.plan import LookupPlan
from tests.evidence.records import ACCOUNT, ATTACKER_IP, BUCKET, LEAKED_KEY, START, WINDOW, Log, user
from tests.evidence.story import Records, ask

ARN = f"arn:aws:s3:::{BUCKET}/"


def basic(*values: str, kind: str = "All", management: bool = True) -> dict[str, Any]:
    resources = [{"Type": "AWS::S3::Object", "Values": list(values)}] if values else []
    selector = {"ReadWriteType": kind, "IncludeManagementEvents": management, "DataResources": resources}
    return {"EventSelectors": [selector]}


def advanced(*fields: dict[str, Any]) -> dict[str, Any]:
    data = [
        {"Field": "eventCategory", "Equals": ["Data"]},
        {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
    ]
    return {"AdvancedEventSelectors": [{"FieldSelectors": [*data, *fields]}]}


@pytest.mark.parametrize(
    ("selectors", "reads", "writes"),
    [
        (basic(), "none", "none"),
        (basic("arn:aws:s3"), "all", "all"),
        (basic("arn:aws:s3:::"), "all", "all"),
        (basic(ARN), "all", "all"),
        (basic(ARN, kind="ReadOnly"), "all", "none"),
        (basic(ARN, kind="WriteOnly"), "none", "all"),
        (basic(f"{ARN}payroll/"), "part", "part"),
        (basic("arn:aws:s3:::acme-payroll-2/"), "none", "none"),
        (basic("arn:aws:s3:::other/"), "none", "none"),
        (basic("arn:aws-cn:s3:::acme-payroll/"), "all", "all"),
        (advanced(), "all", "all"),
        (advanced({"Field": "readOnly", "Equals": ["true"]}), "all", "none"),
        (advanced({"Field": "resources.ARN", "StartsWith": [ARN]}), "all", "all"),
        (advanced({"Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::acme-"]}), "all", "all"),
        (advanced({"Field": "resources.ARN", "StartsWith": [f"{ARN}a"]}), "part", "part"),
        (advanced({"Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::other/"]}), "none", "none"),
        (advanced({"Field": "resources.ARN", "NotStartsWith": [ARN]}), "none", "none"),
        (advanced({"Field": "resources.ARN", "NotStartsWith": ["arn:aws:s3:::other/"]}), "all", "all"),
        (advanced({"Field": "resources.ARN", "NotStartsWith": [f"{ARN}tmp/"]}), "part", "part"),
        (advanced({"Field": "resources.ARN", "Equals": [f"{ARN}one.csv"]}), "part", "part"),
        (advanced({"Field": "resources.ARN", "EndsWith": [".csv"]}), "part", "part"),
        (advanced({"Field": "eventName", "Equals": ["DeleteObject"]}), "none", "part"),
        (
            {
                "AdvancedEventSelectors": [
                    {
                        "FieldSelectors": [
                            {"Field": "eventCategory", "Equals": ["Data"]},
                            {"Field": "resources.type", "Equals": ["AWS::Lambda::Function"]},
                        ]
                    }
                ]
            },
            "none",
            "none",
        ),
        (
            {
                "AdvancedEventSelectors": [
                    {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}
                ]
            },
            "none",
            "none",
        ),
        ({}, "none", "none"),
    ],
)
def test_how_much_of_a_bucket_the_selectors_select(
    selectors: dict[str, Any], reads: str, writes: str
) -> None:
    trail = TrailFact({"Name": "t"}, {"IsLogging": True}, selectors)
    assert (trail.objects(BUCKET, reads=True), trail.objects(BUCKET, reads=False)) == (reads, writes)


@pytest.mark.parametrize(
    ("selectors", "management"),
    [
        (basic(), True),
        (basic(management=False), False),
        (basic(kind="WriteOnly"), False),
        (
            {
                "AdvancedEventSelectors": [
                    {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}
                ]
            },
            True,
        ),
        (advanced(), False),
    ],
)
def test_management_events(selectors: dict[str, Any], management: bool) -> None:
    assert TrailFact({"Name": "t"}, {}, selectors).management() is management


@pytest.mark.parametrize(
    ("change", "whole"),
    [
        ({}, True),
        ({"status": {"IsLogging": False}}, False),
        ({"status": {"StartLoggingTime": START}}, False),
        ({"status": {"StopLoggingTime": START}}, False),
        ({"status": {"StopLoggingTime": WINDOW[0] - timedelta(days=1)}}, True),
        ({"trail": {"IsMultiRegionTrail": False}}, False),
        ({"selectors": basic(management=False)}, False),
    ],
)
def test_a_trail_that_was_on_all_the_time(change: dict[str, Any], whole: bool) -> None:
    status = {"IsLogging": True, "StartLoggingTime": WINDOW[0] - timedelta(days=2)} | change.get("status", {})
    trail = {"Name": "t", "IsMultiRegionTrail": True} | change.get("trail", {})
    fact = TrailFact(trail, status, change.get("selectors", basic()))
    assert fact.on_since(WINDOW[0]) is whole


def trails(selectors: dict[str, Any], **status: Any) -> TrailFacts:
    return TrailFacts([TrailFact({"Name": "acme-trail"}, {"IsLogging": True} | status, selectors)], {})


THIEF = user("ci-deploy", LEAKED_KEY, ATTACKER_IP, "Boto3/1.40.1")


def quiet() -> Log:
    log = Log()
    log.call(THIEF, "sts", "GetCallerIdentity")
    return log


class TestAnswersFollowCoverage:
    def test_local_logs_without_data_events_cannot_know(self) -> None:
        result = ask(quiet())
        answer = result.answer("E8")
        assert answer.answer == "cannot_know"
        assert "Data events" in answer.because
        assert result.verdict.endswith("so this is not an all-clear.")

    def test_a_trail_that_selects_the_bucket_turns_silence_into_no(self) -> None:
        result = ask(quiet(), trails=trails(basic(ARN)))
        answer = result.answer("E8")
        assert answer.answer == "no"
        assert "1 log file read" in answer.because
        assert result.answer("E20").answer == "no"
        assert result.answer("E1").answer == "yes"

    def test_reads_and_writes_are_separate_questions(self) -> None:
        result = ask(quiet(), trails=trails(basic(ARN, kind="ReadOnly")))
        assert (result.answer("E8").answer, result.answer("E20").answer) == ("no", "cannot_know")
        row = next(row for row in result.coverage if row.subject == "object writes")
        assert row.answer == "no"
        assert row.turn_on
        assert "PutEventSelectors" in row.turn_on

    def test_a_trail_that_does_not_log_proves_nothing(self) -> None:
        assert ask(quiet(), trails=trails(basic(ARN), IsLogging=False)).answer("E8").answer == "cannot_know"

    def test_a_trail_switched_on_inside_the_window_proves_nothing(self) -> None:
        facts = trails(basic(ARN), StartLoggingTime=START + timedelta(minutes=5))
        result = ask(quiet(), trails=facts, window=WINDOW)
        assert result.answer("E8").answer == "cannot_know"
        assert (
            ask(
                quiet(),
                trails=trails(basic(ARN), StartLoggingTime=datetime(2020, 1, 1, tzinfo=UTC)),
                window=WINDOW,
            )
            .answer("E8")
            .answer
            == "no"
        )

    def test_a_trail_whose_files_were_not_read_proves_nothing(self) -> None:
        asked = Question(bucket=BUCKET, account_id=ACCOUNT)
        source = EventHistory(lambda **_: iter(quiet().records), LookupPlan(BUCKET, ("us-east-1",)), WINDOW)
        result = investigate(asked, [source], trails=trails(basic(ARN)))
        row = next(row for row in result.coverage if row.subject == "object reads")
        assert (row.answer, "its files were not read" in row.because) == ("cannot_know", True)
        assert result.answer("E8").answer == "cannot_know"

    def test_what_was_recorded_before_its_last_start_shows_that_the_trail_was_on(self) -> None:
        log = Log(now=WINDOW[0])
        log.object(THIEF, "ListObjects", None)
        facts = trails(basic(ARN), StartLoggingTime=START + timedelta(minutes=5))
        result = ask(log, trails=facts, window=WINDOW)
        assert result.answer("E8").answer == "no"
        assert result.answer("E20").answer == "cannot_know"

    def test_a_selector_for_some_keys_only_proves_nothing(self) -> None:
        result = ask(quiet(), trails=trails(basic(f"{ARN}payroll/")))
        assert result.answer("E8").answer == "cannot_know"
        assert "only some keys" in next(
            row.because for row in result.coverage if row.subject == "object reads"
        )

    def test_settings_changed_in_the_window_are_no_witness_for_the_past(self) -> None:
        log = quiet()
        selectors = [{"readWriteType": "All", "includeManagementEvents": True, "dataResources": []}]
        log.call(THIEF, "cloudtrail", "PutEventSelectors", requestParameters={"eventSelectors": selectors})
        assert ask(log, trails=trails(basic(ARN))).answer("E8").answer == "cannot_know"

    def test_recorded_reads_prove_that_reads_were_recorded(self) -> None:
        log = quiet()
        log.object(THIEF, "ListObjects", None)
        result = ask(log, trails=trails(basic()))
        assert result.answer("E8").answer == "no"
        assert result.answer("E20").answer == "cannot_know"

    def test_kms_proves_reads_and_its_absence_nothing(self) -> None:
        log = quiet()
        context = {"encryptionContext": {"aws:s3:arn": f"{ARN}payroll/1.csv"}}
        log.call(THIEF, "kms", "Decrypt", requestParameters=context)
        answer = ask(log).answer("E8")
        assert answer.answer == "yes"
        assert answer.event_ids == (log.records[-1]["eventID"],)
        assert "how many is unknown" in answer.because

    def test_without_iam_events_persistence_cannot_be_known(self) -> None:
        log = Log()
        log.call(THIEF, "ec2", "DescribeInstances", awsRegion="eu-west-1")
        result = ask(log)
        assert result.answer("E14").answer == "cannot_know"
        assert result.answer("E23").answer == "no"

    @pytest.mark.parametrize(
        ("logging", "answer"), [({}, "no"), ({"LoggingEnabled": {}}, "yes"), (None, "cannot_know")]
    )
    def test_server_access_logs(self, logging: dict[str, Any] | None, answer: str) -> None:
        result = ask(quiet(), trails=TrailFacts([], logging))
        assert result.coverage[-1].answer == answer


class TestEventHistoryAlone:
    """It tells what it is asked for: changes and keys, not every call."""

    def ask(self, **plan: Any) -> Investigation:
        source = EventHistory(lambda **_: iter(()), LookupPlan(BUCKET, ("us-east-1",), **plan), WINDOW)
        return investigate(Question(bucket=BUCKET, account_id=ACCOUNT), [source])

    def test_changes_can_be_denied_and_looking_around_cannot(self) -> None:
        result = self.ask()
        for number in ("E14", "E15", "E23"):
            assert result.answer(number).answer == "no"
        for number in ("E6", "E7", "E27"):
            assert "was asked for changes" in result.answer(number).because

    def test_a_part_of_it_denies_nothing(self) -> None:
        result = self.ask(most=5)
        assert {answer.answer for answer in result.answers if answer.id in ("E14", "E15")} == {"cannot_know"}
        assert "partial: 5 of" in result.coverage[0].because

    def test_beside_files_it_denies_nothing_by_itself(self) -> None:
        result = self.ask(beside_files=True)
        assert result.answer("E14").answer == "cannot_know"
        assert "asked only for the bucket" in result.sources[0].note


def test_what_could_not_be_read_denies_nothing() -> None:
    source = Records(quiet().records, [FileProblem("a.json.gz", "the gzip data is cut short")])
    asked = Question(bucket=BUCKET, account_id=ACCOUNT)
    result = investigate(asked, [source])
    for question in ("E12", "E13", "E15", "E30"):
        answer = result.answer(question)
        assert answer.answer == "cannot_know"
        assert "1 file could not be read in full (a.json.gz): get them again" in answer.because
    source.problems = [FileProblem("notes.json", "JSON, but not CloudTrail", lost=False)]
    assert investigate(asked, [source]).answer("E15").answer == "no"


def test_every_no_says_what_was_read_and_every_cannot_know_how_to_know() -> None:
    for facts in (None, trails(basic(ARN))):
        for answer in ask(quiet(), trails=facts).answers:
            if answer.answer == "no":
                assert "1 log file read" in answer.because
            elif answer.answer == "cannot_know":
                words = ("Read", "read", "Ask", "ask", "would show", "compare", "Look", "give", "recorded")
                assert any(word in answer.because for word in words), answer
            else:
                assert answer.event_ids or answer.id == "E1"
