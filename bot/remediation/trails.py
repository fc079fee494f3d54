"""CloudTrail's trails, and their event selectors in both of their languages.

Source: CloudTrail User Guide, "Logging data events", "Convert basic event selectors to advanced"; API
Reference, PutEventSelectors, EventSelector, DataResource, AdvancedFieldSelector.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.aws.errors import AwsRefused
from bot.remediation.arns import account_of, partition
from bot.remediation.contract import Reader
from bot.remediation.errors import BadTarget, Refused
from bot.remediation.plan import Call, Permission, State, Target, state_hash
from bot.remediation.words import trails as words

Selector = dict[str, Any]

#: What a trail selects when nobody has told it anything.
DEFAULT: Selector = {
    "ReadWriteType": "All",
    "IncludeManagementEvents": True,
    "DataResources": [],
    "ExcludeManagementEventSources": [],
}
#: Values that stand for every resource of a type.
_EVERY = {"arn:aws:s3", "arn:aws:s3:::", "arn:aws:lambda", "arn:aws:dynamodb"}
_OPERATORS = ("Equals", "StartsWith", "EndsWith", "NotEquals", "NotStartsWith", "NotEndsWith")
_NAME = re.compile(r"[0-9A-Za-z][\w.-]{1,126}[0-9A-Za-z]", re.ASCII)
_ARN = re.compile(r"arn:[\w-]+:cloudtrail:([\w-]+):(\d{12}):trail/(.+)")

#: IAM's actions for what `describe` and `selectors_of` read; DescribeTrails has no resource.
READS_TRAILS = "cloudtrail:DescribeTrails"
READS_SELECTORS = "cloudtrail:GetEventSelectors"


def trail_target(account_id: str, region: str, given: str, **more: str) -> Target:
    """The trail of that name or ARN; a name is looked for in `region`. Raises BadTarget."""
    found = _ARN.fullmatch(given)
    name = found[3] if found else given
    if not _NAME.fullmatch(name) or (given.startswith("arn:") and not found):
        raise BadTarget(words.not_a_trail(given))
    if found and found[2] != account_id:
        raise BadTarget(words.trail_of_other_account(given, account_id))
    home = found[1] if found else region
    arn = given if found else f"arn:{partition(region)}:cloudtrail:{home}:{account_id}:trail/{name}"
    params = {"trail": given, "account_id": account_id, "region": region, **more}
    return Target(kind="trail", id=arn, label=name, params=params)


def describe(read: Reader, target: Target) -> Mapping[str, Any] | None:
    """What CloudTrail says of the trail, also of one whose home is another Region; None where there is none.

    Raises AwsError, and Refused for a trail of the organization, which only its own account can change.
    """
    given = target.params["trail"]
    home = _ARN.fullmatch(given)
    region = home[1] if home else target.params["region"]
    trails = read.call("cloudtrail", "describe_trails", {}, region).data["trailList"]
    found = next((one for one in trails if given in (one["TrailARN"], one["Name"])), None)
    if found and account_of(found["TrailARN"]) != target.params["account_id"]:
        raise Refused(words.organizations_trail(target.label, account_of(found["TrailARN"]) or "another"))
    return found


def selectors_of(read: Reader, trail: Mapping[str, Any]) -> State:
    """The trail's selectors under the names of GetEventSelectors; one of the two lists is empty."""
    params = {"TrailName": trail["TrailARN"]}
    answer = read.call("cloudtrail", "get_event_selectors", params, trail["HomeRegion"]).data
    advanced = answer.get("AdvancedEventSelectors") or []
    basic = answer.get("EventSelectors") or ([] if advanced else [DEFAULT])
    return {"EventSelectors": basic, "AdvancedEventSelectors": advanced}


def is_logging(read: Reader, trail: Mapping[str, Any]) -> bool:
    """Whether it records. Raises AwsError."""
    params = {"Name": trail["TrailARN"]}
    return bool(read.call("cloudtrail", "get_trail_status", params, trail["HomeRegion"]).data["IsLogging"])


def found_as(target: Target, state: State) -> Target:
    """The target with the trail's ARN, which only CloudTrail knows for a name."""
    arn = state["TrailArn"]
    return target.model_copy(update={"id": arn, "params": {**target.params, "trail": arn}})


def change(operation: str, action: str, after: State, **params: Any) -> Call:
    """A call that changes the trail, in its home Region."""
    return Call(
        service="cloudtrail",
        operation=operation,
        params=params,
        after=state_hash(after),
        permissions=(Permission(action=action, resource=after["TrailArn"]),),
        region=after["HomeRegion"],
    )


def put_selectors(after: State) -> Call:
    """The call that gives the trail the state's selectors, in whichever language they are."""
    kind = "AdvancedEventSelectors" if after["AdvancedEventSelectors"] else "EventSelectors"
    params = {"TrailName": after["TrailArn"], kind: after[kind]}
    return change("put_event_selectors", "cloudtrail:PutEventSelectors", after, **params)


def refused_as_missing(error: AwsRefused) -> bool:
    return error.code == "TrailNotFoundException"


# -- selectors -----------------------------------------------------------------------------------------


def as_advanced(state: State) -> list[Selector]:
    """All selectors as advanced ones, those that are such already unchanged."""
    if state["AdvancedEventSelectors"]:
        return list(state["AdvancedEventSelectors"])
    return [made for one in state["EventSelectors"] for made in _converted(one)]


def _converted(basic: Mapping[str, Any]) -> Iterator[Selector]:
    """A basic selector of management events and of N types of resources is 1 + N advanced ones."""
    by_access = {
        "ReadOnly": [_field("readOnly", Equals=["true"])],
        "WriteOnly": [_field("readOnly", Equals=["false"])],
    }
    more = by_access.get(basic.get("ReadWriteType", "All"), [])
    if basic.get("IncludeManagementEvents", True):
        excluded = basic.get("ExcludeManagementEventSources") or []
        fields = [_field("eventSource", NotEquals=list(excluded))] if excluded else []
        yield _selector("Management events", _field("eventCategory", Equals=["Management"]), *more, *fields)
    for resource in basic.get("DataResources") or ():
        kind, values = resource["Type"], list(resource.get("Values") or ())
        narrowed = [] if set(values) & _EVERY else [_field("resources.ARN", **{_operator(kind): values})]
        fields = [_field("eventCategory", Equals=["Data"]), _field("resources.type", Equals=[kind])]
        if values:
            yield _selector(f"Data events of {kind}", *fields, *more, *narrowed)


def _operator(kind: str) -> str:
    """Values of S3 are beginnings of ARNs, those of functions and tables are whole ones (DataResource)."""
    return "StartsWith" if kind == "AWS::S3::Object" else "Equals"


def data_events(bucket_arn: str) -> Selector:
    """All data events of one bucket: the ARN ends with a slash, or it would be that of others too."""
    return _selector(
        f"S3Incident: {bucket_arn.rpartition(':')[2]}",
        _field("eventCategory", Equals=["Data"]),
        _field("resources.type", Equals=["AWS::S3::Object"]),
        _field("resources.ARN", StartsWith=[f"{bucket_arn}/"]),
    )


def management_events() -> Selector:
    return _selector("Management events", _field("eventCategory", Equals=["Management"]))


def _selector(name: str, *fields: Selector) -> Selector:
    return {"Name": name, "FieldSelectors": list(fields)}


def _field(name: str, **values: list[str]) -> Selector:
    return {"Field": name, **values}


def records_objects_of(state: State, bucket_arn: str) -> bool:
    """Whether one selector takes every data event of the bucket."""
    return any(_takes_objects(one, f"{bucket_arn}/") for one in as_advanced(state))


def _takes_objects(selector: Mapping[str, Any], prefix: str) -> bool:
    fields = {one["Field"]: one for one in selector["FieldSelectors"]}
    if fields.keys() - {"eventCategory", "resources.type", "resources.ARN"}:
        return False
    if _equals(fields, "eventCategory") != ["Data"] or _equals(fields, "resources.type") != [
        "AWS::S3::Object"
    ]:
        return False
    by_arn = _values(fields.get("resources.ARN", {}))
    return not by_arn or (by_arn.keys() == {"StartsWith"} and prefix.startswith(tuple(by_arn["StartsWith"])))


#: Sources that the console offers to leave out because of their number.
_NOISY = {"kms.amazonaws.com", "rdsdata.amazonaws.com"}


def records_management(state: State) -> bool:
    """Whether one selector takes all management events that change something (but KMS's and RDS Data's)."""
    return any(_takes_management(one) for one in as_advanced(state))


def _takes_management(selector: Mapping[str, Any]) -> bool:
    fields = {one["Field"]: one for one in selector["FieldSelectors"]}
    left_out = _values(fields.get("eventSource", {}))
    return (
        _equals(fields, "eventCategory") == ["Management"]
        and not fields.keys() - {"eventCategory", "readOnly", "eventSource"}
        and _equals(fields, "readOnly") in (None, ["false"])
        and (not left_out or (left_out.keys() == {"NotEquals"} and set(left_out["NotEquals"]) <= _NOISY))
    )


def _equals(fields: Mapping[str, Mapping[str, Any]], name: str) -> list[str] | None:
    found = fields.get(name)
    return list(found.get("Equals") or ()) if found else None


def _values(field: Mapping[str, Any]) -> dict[str, list[str]]:
    return {name: list(field[name]) for name in _OPERATORS if field.get(name)}


def number_of_values(selectors: Sequence[Mapping[str, Any]]) -> int:
    """What CloudTrail counts: the values of all conditions of all selectors of a trail."""
    fields = (field for selector in selectors for field in selector["FieldSelectors"])
    return sum(len(values) for field in fields for values in _values(field).values())
