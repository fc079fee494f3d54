"""Event selectors, one by one."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.aws.events import Event
from bot.sandbox.aws.selectors import DEFAULT, selects


def event(
    name: str = "GetObject", *, data: bool = True, read: bool = True, arn: str = "arn:aws:s3:::papers/2026/k"
) -> Event:
    resource = {"type": "AWS::S3::Object", "ARN": arn} if data else {"type": "AWS::S3::Bucket", "ARN": arn}
    record = {
        "eventName": name,
        "eventSource": "s3.amazonaws.com",
        "eventType": "AwsApiCall",
        "eventCategory": "Data" if data else "Management",
        "managementEvent": not data,
        "readOnly": read,
        "resources": [resource],
        "userIdentity": {"arn": "arn:aws:iam::111122223333:user/ann"},
    }
    return Event(datetime(2026, 11, 1, tzinfo=UTC), 0, record)


def basic(*values: str, **more: Any) -> list[dict[str, Any]]:
    resources = [{"Type": "AWS::S3::Object", "Values": list(values)}] if values else []
    return [{"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": resources} | more]


def advanced(**fields: Any) -> list[dict[str, Any]]:
    named = {"category": "eventCategory", "type": "resources.type", "arn": "resources.ARN"}
    listed = [{"Field": named.get(field, field)} | test for field, test in fields.items()]
    return [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}, *listed]}]


@pytest.mark.parametrize(
    ("selectors", "happened", "taken"),
    [
        (basic(), event(), False),
        (basic(), event(data=False), True),
        (basic("arn:aws:s3"), event(), True),
        (basic("arn:aws:s3:::papers/"), event(), True),
        (basic("arn:aws:s3:::papers/2025"), event(), False),
        (basic("arn:aws:s3:::papers"), event(arn="arn:aws:s3:::papers-2/k"), True),
        (basic("arn:aws:s3:::papers/"), event(arn="arn:aws:s3:::papers-2/k"), False),
        (basic("arn:aws:s3", ReadWriteType="WriteOnly"), event(), False),
        (basic("arn:aws:s3", ReadWriteType="WriteOnly"), event("PutObject", read=False), True),
        (basic(IncludeManagementEvents=False), event(data=False), False),
        (basic(ExcludeManagementEventSources=["s3.amazonaws.com"]), event(data=False), False),
    ],
)
def test_basic(selectors: list[dict[str, Any]], happened: Event, taken: bool) -> None:
    assert selects(selectors, [], happened) is taken


@pytest.mark.parametrize(
    ("selectors", "taken"),
    [
        (advanced(), True),
        (advanced(type={"Equals": ["AWS::S3::Object"]}), True),
        (advanced(type={"Equals": ["AWS::Lambda::Function"]}), False),
        (advanced(arn={"StartsWith": ["arn:aws:s3:::papers/"]}), True),
        (
            advanced(
                arn={"StartsWith": ["arn:aws:s3:::papers/"], "NotStartsWith": ["arn:aws:s3:::papers/2026"]}
            ),
            False,
        ),
        (advanced(arn={"EndsWith": ["/k"]}), True),
        (advanced(readOnly={"Equals": ["false"]}), False),
        (advanced(eventName={"NotEquals": ["GetObject"]}), False),
        (
            [*advanced(eventName={"Equals": ["PutObject"]}), *advanced(eventName={"Equals": ["GetObject"]})],
            True,
        ),
    ],
)
def test_advanced(selectors: list[dict[str, Any]], taken: bool) -> None:
    assert selects([], selectors, event()) is taken


def test_advanced_selectors_without_management_take_no_management_event() -> None:
    assert not selects([DEFAULT], advanced(), event(data=False))


@given(
    st.sampled_from(["arn:aws:s3", "arn:aws:s3:::papers/", "arn:aws:s3:::other/"]),
    st.booleans(),
    st.booleans(),
)
def test_a_further_resource_never_takes_an_event_away(value: str, data: bool, read: bool) -> None:
    happened = event(data=data, read=read)
    before = selects(basic("arn:aws:s3:::papers/2025"), [], happened)
    assert selects(basic("arn:aws:s3:::papers/2025", value), [], happened) >= before
