"""What CloudTrail refuses about trails and their event selectors, and moto takes.

Source: CloudTrail API Reference, PutEventSelectors (InvalidHomeRegionException,
InvalidEventSelectorsException), UpdateTrail, CreateTrail; CloudTrail User Guide, "Quotas in AWS CloudTrail".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.sandbox.aws.backend import Backend
from bot.sandbox.aws.call import Call
from bot.sandbox.aws.errors import AwsError

#: Calls that are taken in the trail's home Region only.
AT_HOME = {
    "DeleteTrail",
    "PutEventSelectors",
    "PutInsightSelectors",
    "StartLogging",
    "StopLogging",
    "UpdateTrail",
}
MOST_BASIC = 5
MOST_RESOURCES = 250
MOST_VALUES = 500
CATEGORIES = {"Management", "Data", "NetworkActivity"}
READ_WRITE = {"ReadOnly", "WriteOnly", "All"}
OPERATORS = ("Equals", "StartsWith", "EndsWith", "NotEquals", "NotStartsWith", "NotEndsWith")


def guard(call: Call, backend: Backend) -> None:
    """Refuse what CloudTrail refuses.

    Raises:
        AwsError: with CloudTrail's code.
    """
    if call.service != "cloudtrail":
        return
    name = call.text("TrailName") or call.text("Name") or ""
    if call.operation in AT_HOME:
        _at_home(call, backend, name)
    if call.operation == "CreateTrail":
        _new(call, backend, name)
    elif call.operation == "UpdateTrail":
        _combination(call, backend.trail(name))
    elif call.operation == "PutEventSelectors":
        _selectors(call)


def _at_home(call: Call, backend: Backend, name: str) -> None:
    here = [one for one in backend.trails() if name in (one.arn, one.trail_name)]
    if any(one.region_name == call.region for one in here):
        return
    seen = [one for one in here if one.is_multi_region or name == one.arn]
    if seen:
        home = seen[0].region_name
        message = f"The operation must be called from the trail's home region, which is {home}."
        raise AwsError("InvalidHomeRegionException", message)
    message = f"Unknown trail: {name} for the user: {backend.account_id}"
    raise AwsError("TrailNotFoundException", message)


def _new(call: Call, backend: Backend, name: str) -> None:
    if any(one.trail_name == name and one.region_name == call.region for one in backend.trails()):
        message = f"Trail {name} already exists for customer: {backend.account_id}"
        raise AwsError("TrailAlreadyExistsException", message)


def _combination(call: Call, trail: Any) -> None:
    everywhere = call.params.get("IsMultiRegionTrail", trail.is_multi_region)
    global_too = call.params.get("IncludeGlobalServiceEvents", trail.include_global_service_events)
    if everywhere and not global_too:
        message = "Multi-Region trail must include global service events."
        raise AwsError("InvalidParameterCombinationException", message)


def _selectors(call: Call) -> None:
    basic, advanced = call.params.get("EventSelectors"), call.params.get("AdvancedEventSelectors")
    if bool(basic) == bool(advanced):
        raise _invalid("Specify either EventSelectors or AdvancedEventSelectors, and not both.")
    for problem in _of_basic(basic) if basic else _of_advanced(advanced or ()):
        raise _invalid(problem)


def _of_basic(selectors: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if len(selectors) > MOST_BASIC:
        yield f"A trail can have up to {MOST_BASIC} event selectors."
    values = [
        value
        for selector in selectors
        for resource in selector.get("DataResources") or ()
        for value in resource.get("Values") or ()
    ]
    if len(values) > MOST_RESOURCES:
        yield f"A trail is limited to {MOST_RESOURCES} data resources."
    for value in values:
        if "*" in value or not value.startswith("arn:"):
            yield f"Value {value} for DataResources.Values is invalid."
    for selector in selectors:
        if selector.get("ReadWriteType", "All") not in READ_WRITE:
            yield f"Value {selector['ReadWriteType']} for ReadWriteType is invalid."


def _of_advanced(selectors: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    fields = [field for selector in selectors for field in selector.get("FieldSelectors") or ()]
    if sum(len(field.get(name) or ()) for field in fields for name in OPERATORS) > MOST_VALUES:
        yield f"The advanced event selectors have more than {MOST_VALUES} values for all conditions."
    for selector in selectors:
        yield from _of_one({str(one["Field"]): one for one in selector.get("FieldSelectors") or ()})


def _of_one(fields: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    category = (fields.get("eventCategory") or {}).get("Equals") or []
    if len(category) != 1 or category[0] not in CATEGORIES:
        yield "The field eventCategory must be set, with one value of Equals."
    elif category == ["Data"] and not (fields.get("resources.type") or {}).get("Equals"):
        yield "Selectors of data events must set resources.type."
    elif category == ["Management"] and any(name.startswith("resources.") for name in fields):
        yield "Selectors of management events cannot use fields of resources."


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidEventSelectorsException", message)
