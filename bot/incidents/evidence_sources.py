"""Where evidence is read from: event history always, a trail's files and access logs where there are any."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from bot.aws.gateway import Gateway
from bot.aws.lookup import event_history
from bot.aws.objects import S3Objects
from bot.aws.trails import TrailFacts as AwsTrailFacts
from bot.aws.trails import trail_facts
from bot.config import AccountSettings
from bot.evidence.coverage.trails import TrailFact, TrailFacts
from bot.evidence.sources.access_logs import AccessLogPrefix
from bot.evidence.sources.event_history import EventHistory
from bot.evidence.sources.plan import GLOBAL_REGION, LookupPlan
from bot.evidence.sources.trail_prefix import TrailPrefix

Window = tuple[datetime, datetime]
Progress = Callable[[str], None]


class Affected(Protocol):
    """The bucket that is investigated, such as an incident's, and its Region."""

    @property
    def bucket(self) -> str: ...

    @property
    def region(self) -> str: ...


def history_of(
    reader: Gateway,
    account: AccountSettings,
    affected: Affected,
    window: Window,
    progress: Progress,
    *,
    beside_files: bool,
) -> EventHistory:
    """CloudTrail event history of the bucket's Region and the account's: all, or beside a trail's files."""
    plan = LookupPlan(bucket=affected.bucket, regions=_regions(account, affected), beside_files=beside_files)
    return EventHistory(event_history(reader), plan, window, progress)


def trail_files_of(
    reader: Gateway,
    account: AccountSettings,
    affected: Affected,
    window: Window,
    cache: Path,
    progress: Progress,
) -> TrailPrefix | None:
    """The trail's files, if the settings name them. Raises AwsError or OSError."""
    if account.trail_logs is None:
        return None
    objects = S3Objects(reader, account.trail_logs)
    prefixes = trail_prefixes(account.trail_logs, account.account_id, _regions(account, affected))
    files = TrailPrefix(objects, prefixes, window, cache, progress)
    next(files.keys(), None)
    return files


def access_logs_of(
    reader: Gateway,
    account_id: str,
    affected: Affected,
    trails: TrailFacts | None,
    window: Window,
    progress: Progress,
) -> AccessLogPrefix | None:
    """The bucket's server access logs, where they are on. Raises AwsError.

    With the partitioned key format AWS puts account, Region and bucket behind the prefix (S3 user guide,
    "Amazon S3 server access log format").
    """
    logging = (trails.bucket_logging if trails else None) or {}
    target = logging.get("LoggingEnabled")
    if not target:
        return None
    objects = S3Objects(reader, f"s3://{target['TargetBucket']}/")
    prefix = target.get("TargetPrefix", "")
    if "PartitionedPrefix" in target.get("TargetObjectKeyFormat", {}):
        folder = f"{prefix}{account_id}/{affected.region}/{affected.bucket}/"
        return AccessLogPrefix(objects, window, partitioned=(folder,), progress=progress)
    return AccessLogPrefix(objects, window, prefixes=(prefix,), progress=progress)


def _regions(account: AccountSettings, affected: Affected) -> tuple[str, ...]:
    return tuple(dict.fromkeys((affected.region, *account.regions)))


def trail_prefixes(url: str, account_id: str, regions: tuple[str, ...]) -> tuple[str, ...]:
    """`AWSLogs/ACCOUNT/CloudTrail/REGION/` relative to the URL, which may itself end at or after AWSLogs.

    An organization's URL has `AWSLogs/o-.../`. IAM's events are in us-east-1 wherever the bucket is.
    """
    inside = "AWSLogs" in urlsplit(url).path.split("/")
    head = "" if inside else "AWSLogs/"
    return tuple(
        f"{head}{account_id}/CloudTrail/{region}/" for region in dict.fromkeys((*regions, GLOBAL_REGION))
    )


def trails_of(reader: Gateway, bucket: str) -> TrailFacts | None:
    """What the account's trails record. None when that cannot be read: unknown is never taken for off."""
    return known_trails(trail_facts(reader, bucket))


def known_trails(facts: AwsTrailFacts) -> TrailFacts | None:
    """AWS's answers in the evidence room's shape. A trail whose status could not be read proves nothing, and
    one whose event selectors could not be read is not one that selects nothing.
    """
    if facts.trails.value is None:
        return None
    trails = tuple(
        TrailFact(one.trail, one.status.value, one.selectors.value)
        for one in facts.trails.value
        if one.status.value is not None
    )
    logging = facts.bucket_logging
    answer = None if not logging.known else ({"LoggingEnabled": logging.value} if logging.value else {})
    return TrailFacts(trails, answer)
