from typing import Any

import pytest

from bot.evidence.events import event_from
from bot.evidence.investigate import investigate
from bot.evidence.questions import Question
from bot.evidence.touching import bucket_of, touches
from tests.evidence.records import ACCOUNT, BUCKET, LEAKED_KEY, Log, service, user
from tests.evidence.story import Records, ask, collected, received

CI = user("ci-deploy", LEAKED_KEY, "198.51.100.10", "aws-cli/2.31.0")


def s3(parameters: dict[str, Any] | None = None, arn: str | None = None) -> dict[str, Any]:
    resources = [{"ARN": arn, "type": "AWS::S3::Object"}] if arn else None
    return Log().call(CI, "s3", "GetObject", requestParameters=parameters, resources=resources)


@pytest.mark.parametrize(
    ("record", "about"),
    [
        (s3({"bucketName": BUCKET}), True),
        (s3({"bucketName": f"{BUCKET}-2"}), False),
        (s3({"bucketName": [BUCKET]}), False),
        (s3({"bucketName": 7}), False),
        (s3(None, f"arn:aws:s3:::{BUCKET}"), True),
        (s3(None, f"arn:aws:s3:::{BUCKET}/payroll/1.csv"), True),
        (s3(None, f"arn:aws:s3:::{BUCKET}/"), True),
        (s3(None, f"arn:aws-us-gov:s3:::{BUCKET}/x"), True),
        (s3(None, f"arn:aws-cn:s3:::{BUCKET}/x"), True),
        (s3(None, f"arn:aws:s3:::{BUCKET}-2/x"), False),
        (s3({"bucketName": "other", "key": f"{BUCKET}/x"}, f"arn:aws:s3:::other/{BUCKET}"), False),
        (s3({"bucketName": "other", "x-amz-copy-source": f"{BUCKET}/x"}), True),
        (s3({"bucketName": "other", "x-amz-copy-source": f"/{BUCKET}/x"}), True),
        (s3({"bucketName": "other", "x-amz-copy-source": f"other/{BUCKET}/x"}), False),
        (s3({"Host": f"{BUCKET}.s3.eu-west-1.amazonaws.com"}), True),
        (s3({"Host": "s3.amazonaws.com"}), False),
        (s3(None), False),
    ],
)
def test_which_records_are_about_a_bucket(record: dict[str, Any], about: bool) -> None:
    assert touches(event_from(record), BUCKET) is about


def test_a_kms_context_names_the_bucket() -> None:
    for arn, about in (
        (f"arn:aws:s3:::{BUCKET}/k", True),
        (f"arn:aws:s3:::{BUCKET}", True),
        ("arn:aws:s3:::x", False),
    ):
        parameters = {"encryptionContext": {"aws:s3:arn": arn}}
        assert (
            touches(event_from(Log().call(CI, "kms", "Decrypt", requestParameters=parameters)), BUCKET)
            is about
        )


def test_a_name_in_a_user_agent_or_message_is_not_the_bucket() -> None:
    record = Log().call(
        CI, "s3", "GetObject", userAgent=f"[{BUCKET}]", errorMessage=f"arn:aws:s3:::{BUCKET}/k"
    )
    assert not touches(event_from(record), BUCKET)


@pytest.mark.parametrize("arn", ["", "x", "arn:aws:iam::1:role/x", "arn:aws:s3", "notarn:aws:s3:::b/k"])
def test_other_text_is_no_bucket_arn(arn: str) -> None:
    assert bucket_of(arn) is None


def test_events_of_other_buckets_are_counted_and_not_kept() -> None:
    log = Log()
    for number in range(500):
        log.object(CI, "GetObject", f"{number}", bucket="other")
    found = collected(log)
    assert found.kept == []
    (tally,) = found.tallies.values()
    assert sum(counts.events for counts in tally.origins.values()) == 500


def test_what_was_found_goes_to_the_vault_as_received_and_stays_in_memory_without() -> None:
    log = Log()
    about, beside = log.object(CI, "GetObject", "k"), log.object(CI, "GetObject", "k", bucket="other")
    log.object(user("other", "AKIAOTHER", "1.2.3.4", "x"), "GetObject", "k", bucket="other")
    kept: list[bytes] = []
    investigate(Question(bucket=BUCKET), [Records(log.records)], keep=lambda event: kept.append(event.raw))
    assert sorted(kept) == sorted([received(about), received(beside)])
    assert [event.raw for event in collected(log).kept] == [b""]


def test_other_accounts_are_left_out_where_the_account_is_given() -> None:
    log = Log()
    other = user("u", "AKIAX", "1.2.3.4", "x", account="444455556666")
    log.call(other, "iam", "CreateUser", recipientAccountId="444455556666")
    log.call(CI, "iam", "CreateUser")
    assert ask(log).totals.other_accounts == 1
    assert ask(log, account_id=None).totals.other_accounts == 0


def test_the_owner_is_taken_from_the_logs() -> None:
    log = Log()
    log.object(CI, "GetObject", "k")
    assert ask(log, account_id=None).account_id == ACCOUNT


def test_services_are_set_apart() -> None:
    log = Log()
    log.bucket(service("config.amazonaws.com"), "GetBucketAcl")
    result = ask(log)
    assert (result.totals.set_apart.services, result.totals.about_bucket) == (1, 1)
    assert [actor.label for actor in result.actors] == ["service"]
