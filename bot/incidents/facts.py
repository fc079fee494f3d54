"""What GuardDuty, Access Analyzer, Config and IAM know of an incident: asked after the events have spoken."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from bot.aws import access_analyzer, config_history, guardduty, iam_facts
from bot.aws.gateway import Gateway
from bot.config import AccountSettings
from bot.evidence.clues import analyzer, config, iam
from bot.evidence.clues import guardduty as guardduty_clues
from bot.evidence.clues.gathered import Gathered, Suspicion, together
from bot.store.tables.incidents import Incident

Window = tuple[datetime, datetime]
Progress = Callable[[str], object]


def gather(
    reader: Gateway,
    account: AccountSettings,
    incident: Incident,
    window: Window,
    suspicion: Suspicion,
    progress: Progress = str,
    pause: Callable[[float], object] = time.sleep,
) -> Gathered:
    """All four services, through the evidence role. Raises nothing of AWS's: what is missing has its row.

    `progress` hears which service is being asked; `pause` waits for IAM's reports (about 3 seconds).
    """
    return gather_about(
        reader,
        incident.bucket,
        incident.region,
        tuple(dict.fromkeys((incident.region, *account.regions))),
        window,
        suspicion,
        progress,
        pause,
    )


def gather_about(
    reader: Gateway,
    bucket: str,
    region: str,
    regions: tuple[str, ...],
    window: Window,
    suspicion: Suspicion,
    progress: Progress = str,
    pause: Callable[[float], object] = time.sleep,
) -> Gathered:
    """The same without an incident: `region` is the bucket's, `regions` all where keys may have been used."""
    since = suspicion.since or window[0]
    progress("asking AWS Config what the bucket was before")
    history = config_history.bucket_history(reader, bucket, since, region)
    progress("asking Access Analyzer who can reach the bucket")
    analyzers = access_analyzer.findings(reader, bucket, region)
    progress("asking GuardDuty for its findings")
    found = guardduty.findings(reader, bucket, *window, keys=suspicion.keys, regions=regions)
    progress("asking IAM about the suspects and their keys")
    known = iam_facts.iam_facts(reader, suspicion.principals, suspicion.keys, pause)
    return together(
        (
            guardduty_clues.told(found),
            analyzer.told(analyzers),
            config.told(history, bucket, reader.account_id),
            iam.told(known, suspicion, bucket, datetime.now(UTC)),
        )
    )
