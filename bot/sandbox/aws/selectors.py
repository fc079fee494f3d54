"""Which events a trail writes down: its event selectors, basic and advanced.

Source: CloudTrail API Reference, PutEventSelectors, EventSelector, AdvancedFieldSelector.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from bot.sandbox.aws.events import Event

#: What a trail selects when nobody has told it anything.
DEFAULT: Mapping[str, Any] = {
    "ReadWriteType": "All",
    "IncludeManagementEvents": True,
    "DataResources": [],
    "ExcludeManagementEventSources": [],
}

OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "Equals": str.__eq__,
    "StartsWith": str.startswith,
    "EndsWith": str.endswith,
}


def selects(basic: Sequence[Mapping[str, Any]], advanced: Sequence[Mapping[str, Any]], event: Event) -> bool:
    """Whether a trail with these selectors writes the event. Advanced selectors replace basic ones."""
    if advanced:
        return any(_advanced(selector, event) for selector in advanced)
    return any(_basic(selector, event) for selector in basic or [DEFAULT])


def _basic(selector: Mapping[str, Any], event: Event) -> bool:
    wanted = selector.get("ReadWriteType", "All")
    if wanted != "All" and (wanted == "ReadOnly") != event.is_read_only:
        return False
    if event.is_management:
        excluded = selector.get("ExcludeManagementEventSources") or []
        return (
            bool(selector.get("IncludeManagementEvents", True))
            and event.record["eventSource"] not in excluded
        )
    return any(_names(resource, event) for resource in selector.get("DataResources") or [])


def _names(resource: Mapping[str, Any], event: Event) -> bool:
    if resource.get("Type") != "AWS::S3::Object":
        return False
    arn = object_arn(event)
    # "arn:aws:s3" alone means every bucket; otherwise the value is a prefix of the object's ARN.
    return any(
        value in {"arn:aws:s3", "arn:aws:s3:::"} or arn.startswith(value)
        for value in resource.get("Values") or []
    )


def _advanced(selector: Mapping[str, Any], event: Event) -> bool:
    return all(_field(field, event) for field in selector.get("FieldSelectors") or [])


def _field(field: Mapping[str, Any], event: Event) -> bool:
    value = _value(str(field.get("Field")), event)
    for operator, test in OPERATORS.items():
        if field.get(operator) and not _any(test, value, field[operator]):
            return False
        if field.get(f"Not{operator}") and _any(test, value, field[f"Not{operator}"]):
            return False
    return True


def _any(test: Callable[[str, str], bool], value: str, wanted: Iterable[str]) -> bool:
    return any(test(value, item) for item in wanted)


def _value(field: str, event: Event) -> str:
    record = event.record
    return {
        "eventCategory": str(record["eventCategory"]),
        "readOnly": str(event.is_read_only).lower(),
        "eventSource": str(record["eventSource"]),
        "eventName": str(record["eventName"]),
        "eventType": str(record["eventType"]),
        "resources.type": "" if event.is_management else "AWS::S3::Object",
        "resources.ARN": object_arn(event),
        "userIdentity.arn": str(record["userIdentity"].get("arn", "")),
    }.get(field, "")


def object_arn(event: Event) -> str:
    """The object's ARN; for listings the bucket's with a slash (`ARNPrefix` of the record)."""
    for resource in event.record.get("resources") or []:
        if resource.get("type") == "AWS::S3::Object":
            return str(resource.get("ARN") or resource.get("ARNPrefix"))
    return next((str(r.get("ARN", "")) + "/" for r in event.record.get("resources") or []), "")
