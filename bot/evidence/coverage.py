"""What could have been seen, before anything is said about what was (rule 7, E1).

What the logs themselves hold proves that it was recorded; its absence proves nothing, unless AWS's own
answers about the trails say that it would have been recorded.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.evidence.collect import Collected
from bot.evidence.events import Event
from bot.evidence.report import Coverage, Verdict
from bot.evidence.sources import SourceCoverage
from bot.evidence.trails import TrailFacts
from bot.evidence.wording import at, some

#: Where IAM and the other global services log, in each partition.
GLOBAL_REGIONS = frozenset({"us-east-1", "us-gov-west-1", "cn-north-1"})

TURN_ON_OBJECTS = (
    "Add S3 data events for this bucket to a trail (PutEventSelectors, type AWS::S3::Object, all reads and "
    "writes). It records from then on; the past cannot be recovered. For objects under SSE-KMS look for "
    "kms:Decrypt events."
)
TURN_ON_MANAGEMENT = (
    "Read the trail files of every Region, us-east-1 included (IAM logs there), or ask CloudTrail event "
    "history, which keeps 90 days of management events even where no trail is on."
)
TURN_ON_ACCESS_LOGS = "Switch on server access logging (PutBucketLogging); it starts within the hour."


@dataclass(frozen=True)
class Covered:
    """What may be answered with "no": each True only when recording is proven for the whole question."""

    management: bool
    iam: bool
    reads: bool
    writes: bool
    where: str
    rows: tuple[Coverage, ...]


def cover(collected: Collected, sources: Sequence[SourceCoverage], trails: TrailFacts | None) -> Covered:
    """Decide what was recorded in the window, from the events, the sources and the trails' settings."""
    regions = collected.seen.management_regions
    history = next((one for one in sources if one.kind == "event history"), None)
    whole = bool(history and history.complete)
    tampered = [event for event in collected.kept if event.name in _TAMPERING and event.succeeded]
    reads = _objects(collected, trails, tampered, reads=True)
    writes = _objects(collected, trails, tampered, reads=False)
    return Covered(
        management=whole or bool(regions),
        iam=whole or bool(regions & GLOBAL_REGIONS),
        reads=reads.answer == "yes",
        writes=writes.answer == "yes",
        where=_where(collected, sources),
        rows=(_management(collected, history), reads, writes, _access_logs(trails)),
    )


#: Changes in the window that make today's trail settings no witness for the past.
_TAMPERING = frozenset({"StopLogging", "DeleteTrail", "PutEventSelectors"})


def _where(collected: Collected, sources: Sequence[SourceCoverage]) -> str:
    files = sum(one.files for one in sources)
    lookups = sum(one.lookups for one in sources)
    read = [some(files, "log file")] if files else []
    read += [f"{some(lookups, 'look-up')} in event history"] if lookups else []
    seen = collected.seen
    span = f", events from {at(seen.first)} to {at(seen.last)}" if seen.first and seen.last else ""
    return f"{' and '.join(read) or 'nothing'} read{span}"


def _management(collected: Collected, history: SourceCoverage | None) -> Coverage:
    regions = ", ".join(sorted(collected.seen.management_regions))
    if history and history.complete:
        because, answer = (
            "CloudTrail event history was asked; it holds every management event of 90 days.",
            "yes",
        )
    elif history:
        because, answer = f"CloudTrail event history was asked in part ({history.note}).", "cannot_know"
    elif regions:
        because, answer = (
            f"Management events were recorded in {regions}; a missing file would not show.",
            "yes",
        )
    else:
        because, answer = (
            "No management event is in these logs, so they may not have been recorded or copied.",
            "",
        )
    verdict: Verdict = "yes" if answer == "yes" else "cannot_know"
    return Coverage(
        subject="management events",
        answer=verdict,
        because=because,
        turn_on=None if verdict == "yes" else TURN_ON_MANAGEMENT,
    )


def _objects(
    collected: Collected, trails: TrailFacts | None, tampered: Sequence[Event], *, reads: bool
) -> Coverage:
    subject = "object reads" if reads else "object writes"
    seen = collected.seen.data_reads if reads else collected.seen.data_writes
    answer, because = _by_trails(collected, trails, tampered, reads=reads) if trails else (None, "")
    if answer == "no" and seen:
        answer, because = (
            "yes",
            f"{some(seen, 'data event')} of this kind recorded, though no trail selects them now.",
        )
    if answer is None:
        answer, because = _by_events(seen, reads)
    return Coverage(
        subject=subject, answer=answer, because=because, turn_on=None if answer == "yes" else TURN_ON_OBJECTS
    )


def _by_events(seen: int, reads: bool) -> tuple[Verdict, str]:
    kind = "read" if reads else "write"
    if seen:
        were = f"{some(seen, 'data event')} of {kind}s of this bucket in the logs: they were being recorded"
        return "yes", f"{were} (selectors limited to a part of the keys cannot be excluded)."
    return "cannot_know", (
        f"No data event of a {kind} of this bucket is in these logs. Either nothing happened, or data events "
        "were off; the logs cannot tell which."
    )


def _by_trails(
    collected: Collected, trails: TrailFacts, tampered: Sequence[Event], *, reads: bool
) -> tuple[Verdict | None, str]:
    share, name = trails.objects(collected.question.bucket, reads=reads)
    if share == "none":
        return "no", "No trail that is logging selects these data events for this bucket."
    if tampered:
        return None, ""
    if share == "part":
        return "cannot_know", f"Trail {name} selects only some keys or event names of this bucket."
    started = next((trail.since for trail in trails.on() if trail.name == name), None)
    recorded = collected.seen.first_read if reads else collected.seen.first_write
    since = min(filter(None, (started, recorded))) if started else None
    window = collected.question.window
    if since and window and since > window[0]:
        return "cannot_know", f"Trail {name} selects them since {at(since)}; what was before cannot be known."
    return "yes", f"Trail {name} is logging and selects them for the whole bucket."


def _access_logs(trails: TrailFacts | None) -> Coverage:
    state = trails.access_logging() if trails else None
    if state is None:
        because = "Nobody looked: server access logs are not among the sources read."
        return Coverage(subject="server access logs", answer="cannot_know", because=because)
    because = "Switched on; they were not read here." if state else "Switched off for this bucket."
    turn_on = None if state else TURN_ON_ACCESS_LOGS
    return Coverage(
        subject="server access logs", answer="yes" if state else "no", because=because, turn_on=turn_on
    )
