from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.evidence.trails import TrailFact, TrailFacts
from tests.evidence.records import ATTACKER_IP, BUCKET, LEAKED_KEY, START, WINDOW, Log, user
from tests.evidence.story import ask

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
        (advanced({"Field": "eventName", "Equals": ["DeleteObject"]}), "part", "part"),
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
        assert "2026-11-23 02:00:00 UTC" in answer.because
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
