"""CloudTrail event history, read through pages and pace."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.aws.lookup import event_history
from tests.aws.account import ACCOUNT, REGION, Account


def test_all_pages_decoded_newest_first(account: Account) -> None:
    thief = account.user("thief", allow="iam:*")
    iam = account.of("iam", thief)
    for number in range(53):
        iam.tag_user(UserName="thief", Tags=[{"Key": "n", "Value": str(number)}])
    now = datetime.now(UTC)
    history = event_history(account.access.reader(ACCOUNT))
    found = list(
        history(
            region=REGION,
            attribute=("AccessKeyId", thief.access_key),
            start=now - timedelta(hours=1),
            end=now + timedelta(minutes=1),
        )
    )
    assert len(found) == 53
    assert {record["eventName"] for record in found} == {"TagUser"}
    assert {record["userIdentity"]["userName"] for record in found} == {"thief"}
    times = [record["eventTime"] for record in found]
    assert times == sorted(times, reverse=True)


def test_a_throttle_in_spite_of_the_pace_is_waited_out(account: Account) -> None:
    account.fake.faults.throttle("cloudtrail", "LookupEvents", times=1)
    now = datetime.now(UTC)
    history = event_history(account.access.reader(ACCOUNT))
    found = list(
        history(
            region=REGION,
            attribute=("EventName", "CreateRole"),
            start=now - timedelta(hours=1),
            end=now + timedelta(minutes=1),
        )
    )
    assert len(found) == 2
