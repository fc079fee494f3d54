"""Whether object reads and writes of the bucket were recorded, and until when or since when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.evidence import names
from bot.evidence.collect import Collected, actor_key
from bot.evidence.coverage.history import Past, Stretch, joined
from bot.evidence.coverage.selectors import Share
from bot.evidence.coverage.trails import TrailFacts
from bot.evidence.report import Coverage, Verdict
from bot.evidence.wording import at, called, some

TURN_ON = (
    "Add S3 data events for this bucket to a trail (R36, PutEventSelectors, type AWS::S3::Object, all reads "
    "and writes). It records from then on; the past cannot be recovered. For objects under SSE-KMS look for "
    "kms:Decrypt (reads) and kms:GenerateDataKey (writes) events."
)


@dataclass(frozen=True)
class Objects:
    """One kind of object events: the row for people, and until when it is proven if not to the end."""

    row: Coverage
    until: datetime | None = None


@dataclass(frozen=True)
class View:
    """What decides about object events: the events, the trails' settings, how many files were read."""

    collected: Collected
    trails: TrailFacts | None
    past: Past
    files: int


@dataclass(frozen=True)
class _Seen:
    """Object events of one kind that the logs hold."""

    kind: str
    count: int
    first: datetime | None
    last: datetime | None

    def within(self, stretch: Stretch) -> bool:
        """Whether one of them is certain to lie in a stretch."""
        ends = (moment for moment in (self.first, self.last) if moment is not None)
        return any(
            (stretch.start is None or moment >= stretch.start)
            and (stretch.end is None or moment < stretch.end)
            for moment in ends
        )


def objects(view: View, *, reads: bool) -> Objects:
    """The coverage of object reads, or of object writes."""
    seen = _seen(view.collected, reads=reads)
    stretches = _stretches(view, seen, names.DATA_READS if reads else names.DATA_WRITES)
    if len(stretches) > 1:
        return _in_parts(stretches, f"object {seen.kind}s", view)
    answer, because = _as_one(view, seen, reads=reads)
    return Objects(_row(f"object {seen.kind}s", answer, because))


def _seen(collected: Collected, *, reads: bool) -> _Seen:
    seen = collected.seen
    if reads:
        return _Seen("read", seen.data_reads, seen.first_read, seen.last_read)
    return _Seen("write", seen.data_writes, seen.first_write, seen.last_write)


def _stretches(view: View, seen: _Seen, wanted: Iterable[str]) -> list[Stretch]:
    """What was recorded proves its stretch; what settings say holds for the others."""
    found = view.past.parts(view.collected.question.bucket, wanted)
    proven = joined([replace(one, recorded="yes") if seen.within(one) else one for one in found])
    return proven if len({one.recorded for one in proven}) > 1 else proven[:1]


def _row(subject: str, answer: Verdict, because: str) -> Coverage:
    return Coverage(
        subject=subject, answer=answer, because=because, turn_on=None if answer == "yes" else TURN_ON
    )


_STATES = {"yes": "Recorded", "no": "Not recorded", "cannot_know": "Not known whether recorded"}


def _in_parts(stretches: Sequence[Stretch], subject: str, view: View) -> Objects:
    """Logging changed within the window: "recorded until ..., not recorded since"."""
    told = [_told(one, first=number == 0) for number, one in enumerate(stretches)]
    answer: Verdict = "cannot_know"
    until = stretches[0].end if stretches[0].recorded == "yes" and view.files else None
    because = "; ".join([told[0], *(part[:1].lower() + part[1:] for part in told[1:])])
    return Objects(_row(subject, answer, f"{because}."), until)


def _told(stretch: Stretch, *, first: bool) -> str:
    state = _STATES[stretch.recorded]
    if first:
        return f"{state} until {at(stretch.end)}" if stretch.end else state
    by = stretch.opened_by
    why = f" ({by.name} by {called(actor_key(by))})" if by else ""
    since = f" since {at(stretch.start)}{why}" if stretch.start else ""
    return f"{state}{since}" if stretch.end is None else f"{state}{since} until {at(stretch.end)}"


def _as_one(view: View, seen: _Seen, *, reads: bool) -> tuple[Verdict, str]:
    decided = _by_trails(view, view.trails, seen, reads=reads) if view.trails else None
    if decided and decided[0] == "no" and seen.count:
        were = f"{some(seen.count, 'data event')} of this kind recorded, though no trail selects them now."
        return "yes", were
    return decided or _by_events(seen, lines=view.collected.lines)


def _by_events(seen: _Seen, *, lines: int) -> tuple[Verdict, str]:
    if seen.count:
        were = f"{some(seen.count, 'data event')} of {seen.kind}s of this bucket in the logs"
        return "yes", (
            f"{were}: they were being recorded (selectors limited to a part of the keys cannot be excluded)."
        )
    if lines:
        return "cannot_know", (
            f"No data event of a {seen.kind} of this bucket is in these logs. Server access logs tell of "
            "some requests; S3 does not promise that they tell of all."
        )
    return "cannot_know", (
        f"No data event of a {seen.kind} of this bucket is in these logs. Either nothing happened, or data "
        "events were off; the logs cannot tell which."
    )


def _unless_seen(seen: _Seen, why: str) -> tuple[Verdict, str] | None:
    """Not known by the trails: events that are there speak for themselves."""
    return None if seen.count else ("cannot_know", why)


def _by_trails(view: View, trails: TrailFacts, seen: _Seen, *, reads: bool) -> tuple[Verdict, str] | None:
    """What the trails' settings say; None where they are no witness for this window."""
    share, name = trails.objects(view.collected.question.bucket, reads=reads)
    if share is None:
        return _unless_seen(seen, f"What trail {name} selects could not be read.")
    if share == "none":
        return "no", "No trail that is logging selects these data events for this bucket."
    return None if view.past.changes else _selected(view, trails, seen, share, name)


def _selected(view: View, trails: TrailFacts, seen: _Seen, share: Share, name: str) -> tuple[Verdict, str]:
    """What a trail that selects some or all of them proves for the window."""
    question = view.collected.question
    if not view.files:
        return (
            "cannot_know",
            f"Trail {name} selects them, but its files were not read: give the trail's bucket.",
        )
    if share == "part":
        return "cannot_know", f"Trail {name} selects only some keys or event names of this bucket."
    started = next((trail.since for trail in trails.on() if trail.name == name), None)
    since = min(filter(None, (started, seen.first))) if started else None
    if since and question.window and since > question.window[0]:
        return "cannot_know", f"Trail {name} selects them since {at(since)}; what was before cannot be known."
    return "yes", f"Trail {name} is logging and selects them for the whole bucket."
