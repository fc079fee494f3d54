"""What the account's trails record, from AWS's own answers (CloudTrail and S3 API shapes)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.evidence import names
from bot.evidence.coverage import selectors as selecting
from bot.evidence.coverage.selectors import Share


@dataclass(frozen=True)
class TrailFact:
    """One trail: its entry in DescribeTrails, its GetTrailStatus and GetEventSelectors answers.

    `selectors` is None where they could not be read: what the trail selects is unknown then.
    """

    trail: Mapping[str, Any]
    status: Mapping[str, Any] = field(default_factory=dict)
    selectors: Mapping[str, Any] | None = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The trail's name."""
        return str(self.trail.get("Name") or self.trail.get("TrailARN") or "a trail")

    @property
    def arn(self) -> str:
        """Its ARN, which names its home Region; its name where AWS told none."""
        return str(self.trail.get("TrailARN") or self.name)

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
        """Whether it is known to record management events, reads and writes."""
        return self.selectors is not None and selecting.management(self.selectors)

    def on_since(self, start: datetime) -> bool:
        """Whether it has been on, everywhere, for all management events, from `start` until now."""
        stopped = self.status.get("StopLoggingTime")
        whole = self.since is not None and self.since <= start
        unbroken = not isinstance(stopped, datetime) or stopped < start
        everywhere = self.trail.get("IsMultiRegionTrail") is True
        return self.logging and whole and unbroken and everywhere and self.management()

    def objects(self, bucket: str, *, reads: bool) -> Share | None:
        """How much of a bucket's object reads (or writes) it records: all, part of keys or names, none, or
        None where that is not known.
        """
        if self.selectors is None:
            return None
        return selecting.shares(self.selectors, bucket, names.DATA_READS if reads else names.DATA_WRITES)


@dataclass(frozen=True)
class TrailFacts:
    """What AWS itself says about logging; `bucket_logging` is the GetBucketLogging answer or None."""

    trails: Sequence[TrailFact]
    bucket_logging: Mapping[str, Any] | None = None

    def on(self) -> Iterator[TrailFact]:
        """The trails that are logging."""
        return (trail for trail in self.trails if trail.logging)

    def objects(self, bucket: str, *, reads: bool) -> tuple[Share | None, str]:
        """The best share over all trails that are on, and the trail that has it.

        None, and the trail that is not known, where that one may record more than the best of the others.
        """
        shares = [(trail.objects(bucket, reads=reads), trail.name) for trail in self.on()]
        best = selecting.most([share for share, _ in shares if share is not None])
        unknown = any(share is None for share, _ in shares)
        told = None if unknown and best != "all" else best
        return told, next((name for share, name in shares if share == told), "")

    def access_logging(self) -> bool | None:
        """Whether S3 server access logging is on; None when nobody asked."""
        return None if self.bucket_logging is None else "LoggingEnabled" in self.bucket_logging
