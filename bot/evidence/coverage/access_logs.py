"""Server access logs: whether they are on, whether they were read, and what changed within the window."""

from collections.abc import Sequence

from bot.evidence.collect import Collected, actor_key
from bot.evidence.coverage.trails import TrailFacts
from bot.evidence.events import Event, mapping
from bot.evidence.report import Coverage
from bot.evidence.sources.base import SourceCoverage
from bot.evidence.touching import touches
from bot.evidence.wording import at, called, some

SUBJECT = "server access logs"

#: SourceCoverage.kind of sources of access logs.
KIND = "access logs"

TURN_ON = (
    "Switch on server access logging (R34, PutBucketLogging): name a log bucket of the same account and "
    "Region. It starts within the hour."
)
_BEST_EFFORT = (
    "S3 delivers them late and without a promise that they are whole: a missing line proves nothing."
)


def access_logs(collected: Collected, trails: TrailFacts | None, read: Sequence[SourceCoverage]) -> Coverage:
    """One row: read; or on or off, by S3's answer or by the last change in the window; or nobody looked."""
    files = sum(one.files for one in read if one.kind == KIND)
    if files:
        because = f"{some(files, 'access log file')} read. {_BEST_EFFORT}"
        return Coverage(subject=SUBJECT, answer="yes", because=because)
    change = next((e for e in reversed(collected.kept) if _changes(e, collected.question.bucket)), None)
    state = trails.access_logging() if trails else None
    if state is None and change is not None:
        state = _switches_on(change)
    if state is None:
        return Coverage(subject=SUBJECT, answer="cannot_know", because=_NOBODY_LOOKED)
    because = "Switched on; they were not read here." if state else "Switched off for this bucket."
    return Coverage(
        subject=SUBJECT,
        answer="yes" if state else "no",
        because=f"{because}{_changed(change)}",
        turn_on=None if state else TURN_ON,
    )


_NOBODY_LOOKED = "Nobody looked: server access logs are not among the sources read."


def _changes(event: Event, bucket: str) -> bool:
    return event.name == "PutBucketLogging" and event.succeeded and touches(event, bucket)


def _switches_on(event: Event) -> bool:
    return "LoggingEnabled" in mapping(event.parameters.get("BucketLoggingStatus"))


def _changed(event: Event | None) -> str:
    if event is None:
        return ""
    what = "set" if _switches_on(event) else "switched off"
    return f" {called(actor_key(event))} {what} it at {at(event.time)}."
