"""Selectors are judged by bucket, key and event name."""

from typing import Any

import pytest

from bot.evidence.coverage.selectors import as_answered, selects, share
from tests.evidence.records import BUCKET

ARN = f"arn:aws:s3:::{BUCKET}/"


def advanced(*fields: dict[str, Any]) -> dict[str, Any]:
    base = [
        {"Field": "eventCategory", "Equals": ["Data"]},
        {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
    ]
    return {"AdvancedEventSelectors": [{"FieldSelectors": [*base, *fields]}]}


@pytest.mark.parametrize(
    ("fields", "gets", "deletes", "lists"),
    [
        ([], "all", "all", "all"),
        ([{"Field": "eventName", "Equals": ["DeleteObject"]}], "none", "all", "none"),
        ([{"Field": "eventName", "NotEquals": ["DeleteObject"]}], "all", "none", "all"),
        ([{"Field": "eventName", "StartsWith": ["Get", "List"]}], "all", "none", "all"),
        ([{"Field": "readOnly", "Equals": ["false"]}], "none", "all", "none"),
        ([{"Field": "eventSource", "Equals": ["s3.amazonaws.com"]}], "all", "all", "all"),
        ([{"Field": "resources.ARN", "StartsWith": [f"{ARN}payroll/"]}], "part", "part", "none"),
        ([{"Field": "resources.ARN", "NotStartsWith": [ARN]}], "none", "none", "none"),
        ([{"Field": "resources.ARN", "NotStartsWith": [f"{ARN}tmp/"]}], "part", "part", "all"),
        ([{"Field": "userIdentity.arn", "StartsWith": ["arn:"]}], "part", "part", "part"),
        (
            [
                {"Field": "eventName", "Equals": ["GetObject"]},
                {"Field": "eventName", "NotEquals": ["GetObject"]},
            ],
            "none",
            "none",
            "none",
        ),
    ],
)
def test_by_event_name(fields: list[dict[str, Any]], gets: str, deletes: str, lists: str) -> None:
    chosen = advanced(*fields)
    found = tuple(share(chosen, BUCKET, name) for name in ("GetObject", "DeleteObject", "ListObjects"))
    assert found == (gets, deletes, lists)


@pytest.mark.parametrize(
    ("value", "key", "selected"),
    [
        (f"{ARN}payroll/", "payroll/1.csv", True),
        (f"{ARN}payroll/", "other.csv", False),
        (ARN, "other.csv", True),
        ("arn:aws:s3", "other.csv", True),
        (f"arn:aws:s3:::{BUCKET}-2/", "other.csv", False),
    ],
)
def test_by_key(value: str, key: str, selected: bool) -> None:
    assert (
        selects(advanced({"Field": "resources.ARN", "StartsWith": [value]}), BUCKET, key, "GetObject")
        is selected
    )
    basic = {"EventSelectors": [{"DataResources": [{"Type": "AWS::S3::Object", "Values": [value]}]}]}
    assert selects(basic, BUCKET, key, "GetObject") is selected


def test_the_logs_spelling_is_brought_to_the_apis() -> None:
    logged = {"eventSelectors": [{"dataResources": [{"type": "AWS::S3::Object", "values": [ARN]}]}]}
    assert share(as_answered(logged), BUCKET, "GetObject") == "all"
