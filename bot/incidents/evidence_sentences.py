"""What is said while evidence is collected: where from, at what price, and what could not be had."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.evidence.wording import short


def evidence_started(start: datetime, end: datetime) -> str:
    return f"Evidence is being collected for {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC."


REPORT_TITLE = "Everything that was found (JSON)"


def evidence_done(headline: str) -> str:
    return f"Evidence collected: {headline}."


def evidence_failed(error: str) -> str:
    return f"The evidence could not be collected: {error} What was gathered before is kept."


def bucket_missing(bucket: str, account_id: str) -> str:
    return (
        f"AWS says that there is no bucket {bucket}. Check the spelling; if it was deleted, that itself is"
        f" evidence. The events of account {account_id} are searched for the name all the same."
    )


def bucket_elsewhere(bucket: str, account_id: str) -> str:
    return (
        f"AWS refuses the bucket {bucket} to account {account_id}: it belongs to another account, or its"
        " policy shuts the evidence role out. The account's events are searched for the name all the same."
    )


def trail_files_unreadable(url: str, error: str) -> str:
    return (
        f"The trail's files at {url} cannot be read: {error} Only CloudTrail event history is searched, which"
        " has no object reads. Let the evidence role list and read that bucket, or correct trail_logs."
    )


ATHENA_NOT_SET = (
    "Athena needs S3INCIDENT_ATHENA_WORKGROUP, and for the account trail_logs in S3INCIDENT_ACCOUNTS."
)


def athena_reads(size: int, queries: int, dollars: float) -> str:
    return (
        f"The trail's files of these days hold {size / 10**9:,.1f} GB: Athena searches them, with"
        f" {queries:,} queries for about ${dollars:,.2f} each time it goes through all; usually that is"
        " twice, once for the bucket and once for those who turned out to matter."
    )


def athena_has_no_table(size: int, account_id: str) -> str:
    return (
        f"The trail's files of these days hold {size / 10**9:,.1f} GB. Athena would be faster, but has no"
        f" table of them yet: `s3incident evidence athena-setup {account_id}` makes it. The files are read"
        " one by one."
    )


def matches_set_aside(problem: object, aside: object) -> str:
    return (
        f"What earlier runs had found could not be read again: {problem}. Everything is being read anew; what"
        f" only logs told that are gone by now is missing. The file was kept as {aside}."
    )


def detections_broken(problems: Sequence[str]) -> str:
    """The team's own rules that do not load."""
    more = f" and {len(problems) - 3:,} more" if len(problems) > 3 else ""
    return (
        f"Not all of the team's own detections are in force: {'; '.join(map(short, problems[:3]))}{more}."
        " `s3incident detections check` lists them all."
    )


def athena_unusable(error: str) -> str:
    return f"Athena cannot be used: {error} The trail's files are read one by one, which can take long."


def access_logs_unreadable(error: str) -> str:
    return (
        f"The bucket's server access logs are on and cannot be read: {error} What only they tell is missing."
        " Let the evidence role list and read the bucket they are delivered to."
    )
