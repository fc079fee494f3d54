"""What could have been seen, before anything is said about what was (rule 7, E1).

What the logs themselves hold proves that it was recorded; its absence proves nothing, unless AWS's own
answers about the trails say that it would have been recorded.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.evidence.collect import Collected
from bot.evidence.coverage.trails import TrailFacts
from bot.evidence.report import Coverage, Verdict
from bot.evidence.scan.files import FileProblem
from bot.evidence.sources.base import EVENT_HISTORY, TRAIL_FILES, Source, SourceCoverage
from bot.evidence.wording import at, short, some

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


Recorded = Literal["management", "any_call", "iam", "reads", "writes"]


@dataclass(frozen=True)
class Covered:
    """What may be answered with "no".

    `proven`: recording and reading are proven for management changes, for every management call, for IAM, for
    object reads, for object writes. `where` says what was read. `lost` names what was there and could not be
    read: nothing may be called absent then.
    """

    proven: frozenset[Recorded]
    where: str
    lost: str | None
    rows: tuple[Coverage, ...]


def cover(collected: Collected, sources: Sequence[Source], trails: TrailFacts | None) -> Covered:
    """Decide what was recorded in the window, from the events, the sources and the trails' settings."""
    coverages = [source.coverage() for source in sources]
    history = next((one for one in coverages if one.kind == EVENT_HISTORY), None)
    files = sum(one.files for one in coverages if one.kind == TRAIL_FILES)
    view = _View(collected, trails, files)
    reads, writes = _objects(view, reads=True), _objects(view, reads=False)
    return Covered(
        proven=frozenset(_proven(collected.seen.management_regions, history, reads, writes)),
        where=_where(collected, coverages),
        lost=_lost([problem for source in sources for problem in source.problems]),
        rows=(_management(collected, history), reads, writes, _access_logs(trails)),
    )


@dataclass(frozen=True)
class _View:
    """What decides about object events: the events, the trails' settings, how many files were read."""

    collected: Collected
    trails: TrailFacts | None
    files: int


def _proven(
    regions: set[str], history: SourceCoverage | None, reads: Coverage, writes: Coverage
) -> Iterator[Recorded]:
    asked = history is not None and history.complete and history.management is True
    if asked or regions:
        yield "management"
    if regions:
        yield "any_call"
    if asked or regions & GLOBAL_REGIONS:
        yield "iam"
    if reads.answer == "yes":
        yield "reads"
    if writes.answer == "yes":
        yield "writes"


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


def _lost(problems: Sequence[FileProblem]) -> str | None:
    paths = list(dict.fromkeys(problem.path for problem in problems if problem.lost))
    if not paths:
        return None
    named = ", ".join(short(path) for path in paths[:3])
    more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
    return f"{some(len(paths), 'file')} could not be read in full ({named}{more}): get them again"


def _management(collected: Collected, history: SourceCoverage | None) -> Coverage:
    regions = ", ".join(sorted(collected.seen.management_regions))
    verdict: Verdict = "yes"
    if regions:
        because = f"Management events were recorded in {regions}; a missing file would not show."
    elif history and history.complete and history.management:
        because = "CloudTrail event history was asked for changes, and for all that the keys it met did."
    elif history:
        verdict = "cannot_know"
        because = f"CloudTrail event history was asked in part{f' ({history.note})' if history.note else ''}."
    else:
        verdict = "cannot_know"
        because = "No management event is in these logs: they may not have been recorded, or not copied."
    turn_on = None if verdict == "yes" else TURN_ON_MANAGEMENT
    return Coverage(subject="management events", answer=verdict, because=because, turn_on=turn_on)


def _objects(view: _View, *, reads: bool) -> Coverage:
    subject = "object reads" if reads else "object writes"
    seen = view.collected.seen.data_reads if reads else view.collected.seen.data_writes
    decided = _by_trails(view, view.trails, reads=reads) if view.trails else None
    if decided and decided[0] == "no" and seen:
        decided = (
            "yes",
            f"{some(seen, 'data event')} of this kind recorded, though no trail selects them now.",
        )
    answer, because = decided or _by_events(seen, reads)
    turn_on = None if answer == "yes" else TURN_ON_OBJECTS
    return Coverage(subject=subject, answer=answer, because=because, turn_on=turn_on)


def _by_events(seen: int, reads: bool) -> tuple[Verdict, str]:
    kind = "read" if reads else "write"
    if seen:
        were = f"{some(seen, 'data event')} of {kind}s of this bucket in the logs: they were being recorded"
        return "yes", f"{were} (selectors limited to a part of the keys cannot be excluded)."
    return "cannot_know", (
        f"No data event of a {kind} of this bucket is in these logs. Either nothing happened, or data events "
        "were off; the logs cannot tell which."
    )


def _by_trails(view: _View, trails: TrailFacts, *, reads: bool) -> tuple[Verdict, str] | None:
    """What the trails' settings say; None where they are no witness for this window."""
    collected = view.collected
    share, name = trails.objects(collected.question.bucket, reads=reads)
    if share == "none":
        return "no", "No trail that is logging selects these data events for this bucket."
    if any(event.name in _TAMPERING and event.succeeded for event in collected.kept):
        return None
    if not view.files:
        return (
            "cannot_know",
            f"Trail {name} selects them, but its files were not read: give the trail's bucket.",
        )
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
