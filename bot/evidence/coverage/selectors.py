"""What a trail's event selectors select: evaluated for a bucket, an event name and, where given, a key.

Shapes and meaning: CloudTrail API reference, EventSelector and AdvancedEventSelector. Within an advanced
selector all fields must hold, within a field all operators, within an operator any value (for the Not
operators: none).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal

from bot.evidence import names
from bot.evidence.events import many, mapping

#: How many of a bucket's keys are selected.
Share = Literal["all", "part", "none"]

_ORDER: tuple[Share, ...] = ("none", "part", "all")

#: Listings and HeadBucket name the bucket with a trailing slash and no key.
_KEYLESS = names.LISTING | {"HeadBucket"}


def share(selectors: Mapping[str, Any], bucket: str, name: str) -> Share:
    """For how many keys of the bucket a data event with this name is recorded."""
    basic = (_basic(mapping(one), bucket, name) for one in many(selectors.get("EventSelectors")))
    advanced = (
        _advanced(mapping(one), bucket, name) for one in many(selectors.get("AdvancedEventSelectors"))
    )
    return most([*basic, *advanced])


def shares(selectors: Mapping[str, Any], bucket: str, wanted: Iterable[str]) -> Share:
    """The same for several names: "part" where they differ."""
    found = {share(selectors, bucket, name) for name in wanted}
    return found.pop() if len(found) == 1 else "part" if found else "none"


def selects(selectors: Mapping[str, Any], bucket: str, key: str, name: str) -> bool:
    """Whether a data event with this name on this very key is certain to be recorded."""
    return share(selectors, f"{bucket}/{key}", name) == "all"


def management(selectors: Mapping[str, Any]) -> bool:
    """Whether all management events are recorded, reads and writes."""
    basic = [mapping(one) for one in many(selectors.get("EventSelectors"))]
    if any(s.get("IncludeManagementEvents") and s.get("ReadWriteType", "All") == "All" for s in basic):
        return True
    return any(
        "Management" in _equals(fields, "eventCategory") and not any(name == "readOnly" for name, _ in fields)
        for fields in map(_fields, many(selectors.get("AdvancedEventSelectors")))
    )


def as_answered(logged: Mapping[str, Any]) -> Mapping[str, Any]:
    """PutEventSelectors' request as the log has it (`eventSelectors`), in the API's spelling."""
    return {name[:1].upper() + name[1:]: _capitals(value) for name, value in logged.items()}


def _capitals(value: object) -> object:
    if isinstance(value, Mapping):
        return as_answered(value)
    return [_capitals(one) for one in value] if isinstance(value, list) else value


def most(found: Sequence[Share]) -> Share:
    """The largest share: of several selectors or trails each adds to the others."""
    return max(found, key=_ORDER.index, default="none")


def _least(found: Sequence[Share]) -> Share:
    return min(found, key=_ORDER.index, default="all")


def _basic(selector: Mapping[str, Any], bucket: str, name: str) -> Share:
    wanted = {"All", "ReadOnly" if name in names.DATA_READS else "WriteOnly"}
    if selector.get("ReadWriteType", "All") not in wanted:
        return "none"
    resources = (mapping(one) for one in many(selector.get("DataResources")))
    values = [v for one in resources if one.get("Type") == "AWS::S3::Object" for v in many(one.get("Values"))]
    return most([_starts(bucket, name, str(value)) for value in values])


def _starts(bucket: str, name: str, value: str) -> Share:
    """How many of the bucket's objects have ARNs that start with a value, in the value's own partition."""
    partition = value.split(":")[1] if value.count(":") >= 2 else "aws"
    arns = f"arn:{partition}:s3:::{bucket}" + ("" if "/" in bucket else "/")
    if arns.startswith(value):
        return "all"
    return "part" if value.startswith(arns) and name not in _KEYLESS and "/" not in bucket else "none"


def _advanced(selector: Mapping[str, Any], bucket: str, name: str) -> Share:
    fields = _fields(selector)
    if "Data" not in _equals(fields, "eventCategory"):
        return "none"
    return _least([_field(field, tests, bucket, name) for field, tests in fields if field != "eventCategory"])


def _fields(selector: object) -> list[tuple[str, Mapping[str, Any]]]:
    found = map(mapping, many(mapping(selector).get("FieldSelectors")))
    return [(str(one.get("Field")), one) for one in found]


def _equals(fields: Sequence[tuple[str, Mapping[str, Any]]], name: str) -> list[Any]:
    return [value for field, tests in fields if field == name for value in many(tests.get("Equals"))]


def _field(field: str, tests: Mapping[str, Any], bucket: str, name: str) -> Share:
    if field == "resources.ARN":
        return _arn(tests, bucket, name)
    known = {
        "resources.type": "AWS::S3::Object",
        "readOnly": "true" if name in names.DATA_READS else "false",
        "eventName": name,
        "eventSource": "s3.amazonaws.com",
    }
    if field not in known:
        return "part"
    return "all" if _holds(tests, known[field]) else "none"


def _holds(tests: Mapping[str, Any], value: str) -> bool:
    """A field whose value is known."""
    checks: dict[str, Callable[[str], bool]] = {
        "Equals": lambda one: value == one,
        "StartsWith": value.startswith,
        "EndsWith": value.endswith,
    }
    for operator, check in checks.items():
        wanted, unwanted = many(tests.get(operator)), many(tests.get(f"Not{operator}"))
        if wanted and not any(check(str(one)) for one in wanted):
            return False
        if any(check(str(one)) for one in unwanted):
            return False
    return True


def _arn(tests: Mapping[str, Any], bucket: str, name: str) -> Share:
    found: list[Share] = []
    if starts := many(tests.get("StartsWith")):
        found.append(most([_starts(bucket, name, str(value)) for value in starts]))
    if exact := many(tests.get("Equals")):
        found.append(
            "part" if any(_starts(bucket, name, str(value)) == "part" for value in exact) else "none"
        )
    if many(tests.get("EndsWith")):
        found.append("part")
    left: dict[Share, Share] = {"all": "none", "part": "part", "none": "all"}
    found += [left[_starts(bucket, name, str(value))] for value in many(tests.get("NotStartsWith"))]
    if many(tests.get("NotEquals")) or many(tests.get("NotEndsWith")):
        found.append("part")
    return _least(found)
