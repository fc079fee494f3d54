"""Where evidence is read from: event history always, the trail's files when the settings name them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from bot.aws.gateway import Gateway
from bot.aws.lookup import event_history
from bot.aws.objects import S3Objects
from bot.aws.trails import TrailFacts as AwsTrailFacts
from bot.aws.trails import trail_facts
from bot.config import AccountSettings
from bot.evidence.coverage.trails import TrailFact, TrailFacts
from bot.evidence.sources.event_history import EventHistory
from bot.evidence.sources.plan import GLOBAL_REGION, LookupPlan
from bot.evidence.sources.trail_prefix import TrailPrefix
from bot.store.tables.incidents import Incident

Window = tuple[datetime, datetime]
Progress = Callable[[str], None]


def history_of(
    reader: Gateway,
    account: AccountSettings,
    incident: Incident,
    window: Window,
    progress: Progress,
    *,
    beside_files: bool,
) -> EventHistory:
    """CloudTrail event history of the bucket's Region and the account's: all, or beside a trail's files."""
    plan = LookupPlan(bucket=incident.bucket, regions=_regions(account, incident), beside_files=beside_files)
    return EventHistory(event_history(reader), plan, window, progress)


def trail_files_of(
    reader: Gateway,
    account: AccountSettings,
    incident: Incident,
    window: Window,
    cache: Path,
    progress: Progress,
) -> TrailPrefix | None:
    """The trail's files, if the settings name them. Raises AwsError or OSError."""
    if account.trail_logs is None:
        return None
    objects = S3Objects(reader, account.trail_logs)
    prefixes = trail_prefixes(account.trail_logs, account.account_id, _regions(account, incident))
    files = TrailPrefix(objects, prefixes, window, cache, progress)
    next(files.keys(), None)
    return files


def _regions(account: AccountSettings, incident: Incident) -> tuple[str, ...]:
    return tuple(dict.fromkeys((incident.region, *account.regions)))


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
    """AWS's answers in the evidence room's shape. A trail whose status could not be read proves nothing."""
    if facts.trails.value is None:
        return None
    trails = tuple(
        TrailFact(one.trail, one.status.value, one.selectors.value or {})
        for one in facts.trails.value
        if one.status.value is not None
    )
    logging = facts.bucket_logging
    answer = None if not logging.known else ({"LoggingEnabled": logging.value} if logging.value else {})
    return TrailFacts(trails, answer)
