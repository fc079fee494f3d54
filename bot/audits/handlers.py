"""The work of this room: one audit, from the account's live settings to the digest in its channel."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from bot.audits.catalogue import checks
from bot.audits.collect import buckets
from bot.audits.readings import Bucket
from bot.aws.access import AwsAccess
from bot.aws.errors import AwsError
from bot.incidents import jobs
from bot.store import audits as rows
from bot.store import inbox, ledger, outbox
from bot.store.database import Database
from bot.store.tables.audits import AuditResult
from bot.store.types import JsonObject

BOT = "s3incident"


def handlers(database: Database, aws: AwsAccess) -> dict[str, Callable[[JsonObject], None]]:
    return {jobs.AUDIT_RUN: lambda payload: run(database, aws, payload)}


def run(database: Database, aws: AwsAccess, payload: JsonObject) -> None:
    """Reads first, then writes all of it in one transaction, so that a crash leaves no half audit.

    `job_id` of the payload makes the second run of the same job change nothing.
    """
    results: list[AuditResult] = []
    error = None
    try:
        results = list(judged(buckets(aws.reader(payload["account_id"]))))
    except AwsError as refusal:
        error = str(refusal)
    with database.begin() as tx:
        if not inbox.first_time(tx, f"job:{payload['job_id']}", jobs.AUDIT_RUN):
            return
        audit = rows.start(
            tx, payload["account_id"], payload["channel_id"], payload["cadence"], payload.get("requested_by")
        )
        for result in results:
            result.audit_id = audit.id
        rows.add_results(tx, results)
        state = "failed" if error else "done"
        rows.finish(tx, audit.id, state, error=error)
        bad = sum(result.status == "bad" for result in results)
        ledger.append(tx, BOT, f"audit.{state}", audit_id=audit.id, results=len(results), bad=bad)
        outbox.show(
            tx, f"audit:{audit.id}", outbox.Place(payload["channel_id"]), "digest", {"audit_id": audit.id}
        )


def judged(found: Iterable[Bucket]) -> Iterator[AuditResult]:
    """Every check on every bucket."""
    for bucket in found:
        for check in checks():
            verdict = check.judge(bucket)
            yield AuditResult(
                bucket=bucket.name,
                check=check.id,
                status=verdict.status,
                severity=verdict.severity,
                detail=verdict.detail,
            )
