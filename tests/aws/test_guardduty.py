"""GuardDuty asked over HTTP: findings of bucket and keys, off, and refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from bot.aws import guardduty
from bot.aws.gateway import Answer, Gateway
from tests.aws.account import ACCOUNT, REGION, Account
from tests.aws.watched import let_ask, open_policy, played, without

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def account_watched(account: Account) -> Account:
    let_ask(account)
    return account


def test_a_region_where_it_was_never_switched_on(account_watched: Account) -> None:
    reader = account_watched.access.reader(ACCOUNT)
    [found] = guardduty.findings(reader, "acme-data", NOW - DAY, NOW + DAY)
    assert found.detector.known
    assert found.detector.value is None
    assert found.findings.value == ()


def test_findings_of_the_bucket_and_of_the_keys_each_once(account_watched: Account) -> None:
    account, reader = account_watched, account_watched.access.reader(ACCOUNT)
    account.client("guardduty").create_detector(Enable=True)
    thief = account.user("gd-thief")
    for bucket in ("gd-one", "gd-two", "gd-other"):
        account.bucket(bucket)
    stranger = account.user("gd-stranger")
    for bucket, who in (("gd-one", thief), ("gd-two", thief), ("gd-other", stranger)):
        account.of("s3", who).delete_public_access_block(Bucket=bucket)
        account.of("s3", who).put_bucket_policy(Bucket=bucket, Policy=open_policy(bucket))
    soon = datetime.now(UTC) + DAY
    [of_bucket] = guardduty.findings(reader, "gd-one", NOW - DAY, soon)
    assert of_bucket.detector.value is not None
    assert of_bucket.detector.value.s3_protection
    assert of_bucket.findings.value is not None
    assert {one["Type"] for one in of_bucket.findings.value} == {
        "Policy:S3/BucketBlockPublicAccessDisabled",
        "Policy:S3/BucketAnonymousAccessGranted",
    }
    [with_key] = guardduty.findings(reader, "gd-one", NOW - DAY, soon, keys={thief.access_key})
    assert with_key.findings.value is not None
    ids = [one["Id"] for one in with_key.findings.value]
    assert len(ids) == len(set(ids)) == 4
    [early] = guardduty.findings(reader, "gd-one", NOW - 9 * DAY, NOW - 8 * DAY)
    assert early.findings.value == ()
    [late] = guardduty.findings(reader, "gd-one", soon, soon + DAY)
    assert late.findings.value == ()


def test_more_findings_than_one_page(account_watched: Account) -> None:
    account, reader = account_watched, account_watched.access.reader(ACCOUNT)
    thief = account.user("gd-many")
    s3 = account.of("s3", thief)
    account.bucket("gd-many-bucket")
    for number in range(53):
        with played(s3, datetime.now(UTC), f"203.0.113.{number}"):
            s3.delete_public_access_block(Bucket="gd-many-bucket")
    [found] = guardduty.findings(reader, "gd-many-bucket", NOW - DAY, datetime.now(UTC) + DAY)
    assert found.findings.value is not None
    assert len(found.findings.value) == 53


def test_without_the_permission_it_is_unknown_and_each_region_has_its_reason(
    account_watched: Account,
) -> None:
    reader = account_watched.access.reader(ACCOUNT)
    with without(account_watched, "guardduty:ListFindings"):
        [found] = guardduty.findings(reader, "gd-one", NOW - DAY, NOW + DAY)
    assert found.detector.known
    assert found.findings.denied
    with without(account_watched, "guardduty:ListDetectors"):
        both = guardduty.findings(reader, "gd-one", NOW - DAY, NOW + DAY, regions=(REGION, "eu-west-1"))
    assert [one.region for one in both] == [REGION, "eu-west-1"]
    assert all(one.detector.denied and not one.findings.known for one in both)


@dataclass
class Sequences:
    """A reader of a Region whose only finding is an attack sequence; the sandbox raises none."""

    finding: dict[str, Any]
    region: str = REGION
    account_id: str = ACCOUNT

    def call(self, _service: str, operation: str, _params: Any, _region: str | None = None) -> Answer:
        detector = {"Status": "ENABLED", "Features": [{"Name": "S3_DATA_EVENTS", "Status": "DISABLED"}]}
        return Answer({"Findings": [self.finding]} if operation == "get_findings" else detector, "id")

    def pages(self, _service: str, operation: str, params: Any, *_: Any) -> Iterator[str]:
        if operation == "list_detectors":
            yield "d"
        elif "type" in params["FindingCriteria"]["Criterion"]:
            yield self.finding["Id"]


@pytest.mark.parametrize(
    ("resource", "credential", "ours"),
    [
        ({"Uid": "arn:aws:s3:::acme-data", "ResourceType": "S3_BUCKET"}, "AKIAOTHER", True),
        ({"Uid": "r", "Name": "acme-data", "ResourceType": "S3_BUCKET"}, "AKIAOTHER", True),
        ({"Uid": "r", "Name": "another", "ResourceType": "S3_BUCKET"}, "AKIALEAKED", True),
        ({"Uid": "r", "Name": "another", "ResourceType": "S3_BUCKET"}, "AKIAOTHER", False),
    ],
)
def test_an_attack_sequence_is_ours_by_the_bucket_or_the_key_inside_of_it(
    resource: dict[str, str], credential: str, *, ours: bool
) -> None:
    user = {"Name": "n", "Uid": "u", "Type": "IAMUser", "CredentialUid": credential}
    sequence = {"Resources": [resource], "Actors": [{"Id": "a", "User": user}]}
    finding = {
        "Id": "f",
        "Type": "AttackSequence:S3/CompromisedData",
        "CreatedAt": NOW.isoformat(),
        "Service": {"Detection": {"Sequence": sequence}},
    }
    reader = cast("Gateway", Sequences(finding))
    [found] = guardduty.findings(reader, "acme-data", NOW - DAY, NOW + DAY, keys={"AKIALEAKED"})
    assert found.findings.value == ((finding,) if ours else ())
    assert found.detector.value is not None
    assert not found.detector.value.s3_protection
