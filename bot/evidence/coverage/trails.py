"""What the account's trails record, from AWS's own answers (CloudTrail and S3 API shapes)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from bot.evidence.events import many, mapping

Share = Literal["all", "part", "none"]


@dataclass(frozen=True)
class TrailFact:
    """One trail: its entry in DescribeTrails, its GetTrailStatus and GetEventSelectors answers."""

    trail: Mapping[str, Any]
    status: Mapping[str, Any] = field(default_factory=dict)
    selectors: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The trail's name."""
        return str(self.trail.get("Name") or self.trail.get("TrailARN") or "a trail")

    @property
    def logging(self) -> bool:
        """Whether it is switched on."""
        return self.status.get("IsLogging") is True

    @property
    def since(self) -> datetime | None:
        """When logging was last switched on, as far as AWS tells."""
        started = self.status.get("StartLoggingTime") or self.status.get("LatestStartLoggingTime")
        return started if isinstance(started, datetime) else None

    def management(self) -> bool:
        """Whether it records management events, reads and writes."""
        basic = many(self.selectors.get("EventSelectors"))
        if any(s.get("IncludeManagementEvents") and s.get("ReadWriteType", "All") == "All" for s in basic):
            return True
        advanced = (_fields(one) for one in many(self.selectors.get("AdvancedEventSelectors")))
        return any(
            "Management" in many(fields.get("eventCategory", {}).get("Equals")) and "readOnly" not in fields
            for fields in advanced
        )

    def on_since(self, start: datetime) -> bool:
        """Whether it has been on, everywhere, for all management events, from `start` until now."""
        stopped = self.status.get("StopLoggingTime")
        whole = self.since is not None and self.since <= start
        unbroken = not isinstance(stopped, datetime) or stopped < start
        everywhere = self.trail.get("IsMultiRegionTrail") is True
        return self.logging and whole and unbroken and everywhere and self.management()

    def objects(self, bucket: str, *, reads: bool) -> Share:
        """How much of a bucket's object reads (or writes) it records: all, part (some keys) or none."""
        basic = (_basic(one, bucket, reads) for one in many(self.selectors.get("EventSelectors")))
        advanced = (
            _advanced(one, bucket, reads) for one in many(self.selectors.get("AdvancedEventSelectors"))
        )
        return _most([*basic, *advanced])


@dataclass(frozen=True)
class TrailFacts:
    """What AWS itself says about logging; `bucket_logging` is the GetBucketLogging answer or None."""

    trails: Sequence[TrailFact]
    bucket_logging: Mapping[str, Any] | None = None

    def on(self) -> Iterator[TrailFact]:
        """The trails that are logging."""
        return (trail for trail in self.trails if trail.logging)

    def objects(self, bucket: str, *, reads: bool) -> tuple[Share, str]:
        """The best share over all trails that are on, and the trail that has it."""
        shares = [(trail.objects(bucket, reads=reads), trail.name) for trail in self.on()]
        best = _most([share for share, _ in shares])
        return best, next((name for share, name in shares if share == best), "")

    def access_logging(self) -> bool | None:
        """Whether S3 server access logging is on; None when nobody asked."""
        return None if self.bucket_logging is None else "LoggingEnabled" in self.bucket_logging


def _most(shares: Sequence[Share]) -> Share:
    return next((share for share in ("all", "part") if share in shares), "none")


def _least(shares: Sequence[Share]) -> Share:
    return next((share for share in ("none", "part") if share in shares), "all")


def _basic(selector: Mapping[str, Any], bucket: str, reads: bool) -> Share:
    wanted = {"All", "ReadOnly" if reads else "WriteOnly"}
    if selector.get("ReadWriteType", "All") not in wanted:
        return "none"
    resources = (mapping(one) for one in many(selector.get("DataResources")))
    values = [
        str(v) for one in resources if one.get("Type") == "AWS::S3::Object" for v in many(one.get("Values"))
    ]
    return _most([_starts(_objects(bucket, value), value) for value in values])


def _objects(bucket: str, like: str) -> str:
    """The common start of all the bucket's object ARNs, in the partition of the ARN it is compared with."""
    partition = like.split(":")[1] if like.count(":") >= 2 else "aws"
    return f"arn:{partition}:s3:::{bucket}/"


def _starts(arns: str, value: str) -> Share:
    if arns.startswith(value):
        return "all"
    return "part" if value.startswith(arns) else "none"


def _advanced(selector: Mapping[str, Any], bucket: str, reads: bool) -> Share:
    fields = _fields(selector)
    category = fields.get("eventCategory", {})
    if "Data" not in many(category.get("Equals")):
        return "none"
    return _least(
        [_field(name, tests, bucket, reads) for name, tests in fields.items() if name != "eventCategory"]
    )


def _fields(selector: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {str(one.get("Field")): one for one in map(mapping, many(selector.get("FieldSelectors")))}


def _field(name: str, tests: Mapping[str, Any], bucket: str, reads: bool) -> Share:
    if name == "resources.type":
        return "all" if "AWS::S3::Object" in many(tests.get("Equals")) else "none"
    if name == "readOnly":
        return "all" if ("true" if reads else "false") in many(tests.get("Equals")) else "none"
    if name == "resources.ARN":
        return _arn(tests, bucket)
    return "part"


def _arn(tests: Mapping[str, Any], bucket: str) -> Share:
    shares: list[Share] = []
    if starts := many(tests.get("StartsWith")):
        shares.append(_most([_starts(_objects(bucket, str(v)), str(v)) for v in starts]))
    if equals := [*many(tests.get("Equals")), *many(tests.get("EndsWith"))]:
        inside = any(
            str(v).startswith(_objects(bucket, str(v))) or not str(v).startswith("arn:") for v in equals
        )
        shares.append("part" if inside else "none")
    for value in map(str, many(tests.get("NotStartsWith"))):
        left = _starts(_objects(bucket, value), value)
        shares.append({"all": "none", "part": "part", "none": "all"}[left])  # type: ignore[arg-type]
    if many(tests.get("NotEquals")) or many(tests.get("NotEndsWith")):
        shares.append("part")
    return _least(shares)
