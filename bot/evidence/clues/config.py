"""AWS Config's record of the bucket as clues: what it was before, what changed since, and when it opened."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from bot.aws.config_history import ConfigHistory
from bot.evidence.clues import wording
from bot.evidence.clues.bucket_changes import changes, labels
from bot.evidence.clues.bucket_record import Block, BucketRecord, account_block_of, record_of
from bot.evidence.clues.gathered import Gathered
from bot.evidence.report import Clue, Coverage, Severity
from bot.policy.exposure import Exposure

SUBJECT = "Config history"


def told(history: ConfigHistory, bucket: str, account_id: str) -> Gathered:
    """What Config kept of the bucket around `history.start`."""
    states = [record_of(item) for item in history.bucket.value or ()]
    blocks = [
        (item["configurationItemCaptureTime"], account_block_of(item))
        for item in history.account_block.value or ()
    ]
    view = _View(f"arn:aws:s3:::{bucket}", account_id, blocks)
    before = states[0] if states and states[0].captured <= history.start else None
    clues = [view.before(before)] if before and not before.deleted else []
    clues += filter(None, (view.change(*pair) for pair in pairwise(view.with_account_changes(states))))
    settings = before.as_settings() if before and not before.deleted else None
    return Gathered(tuple(clues), (_coverage(history, states, before),), settings)


@dataclass(frozen=True)
class _View:
    """The bucket, and the account's own Block Public Access over time."""

    arn: str
    account_id: str
    blocks: Sequence[tuple[datetime, Block | None]]

    def account_block(self, moment: datetime) -> Block | None:
        """What held for the whole account at a moment."""
        place = bisect_right([since for since, _ in self.blocks], moment)
        return self.blocks[place - 1][1] if place else None

    def with_account_changes(self, states: Sequence[BucketRecord]) -> Iterator[BucketRecord]:
        """The states, and a repeated one wherever the account's settings changed under it."""
        moments = [since for since, _ in self.blocks]
        for state, following in zip(states, (*states[1:], None), strict=False):
            yield state
            for moment in moments:
                if moment > state.captured and (following is None or moment < following.captured):
                    yield replace(state, captured=moment)

    def before(self, state: BucketRecord) -> Clue:
        settings = wording.settings_told(
            None if state.policy_text is None else labels(state.policy),
            [flag for flag, on in (state.block or {}).items() if on],
            state.versioning,
            f"to {state.log_target}" if state.log_target else "off",
        )
        text = wording.before_text(self._reach(state), settings)
        return self._clue(state.captured, wording.BEFORE, text, "info")

    def change(self, was: BucketRecord, now: BucketRecord) -> Clue | None:
        if now.deleted:
            return self._clue(now.captured, wording.DELETED, wording.DELETED + ".", "high")
        blocks = self.account_block(was.captured), self.account_block(now.captured)
        told = changes(was, now, *blocks)
        if not told and not was.deleted:
            return None
        opened, closed = self._opened(was, now)
        title = wording.change_title(told, opened=opened, closed=closed)
        text = wording.change_text(told, self._reach(was), self._reach(now), now.captured)
        return self._clue(now.captured, title, text, self._severity(was, now))

    def _severity(self, was: BucketRecord, now: BucketRecord) -> Severity:
        """High when it opened, medium when it opened somewhat."""
        if self._opened(was, now)[0]:
            return "high"
        ranks = [_RANK[self._exposure(state).effective] for state in (was, now)]
        weaker = sum((was.block or {}).values()) > sum((now.block or {}).values())
        return "medium" if ranks[1] > ranks[0] or weaker else "info"

    def _opened(self, was: BucketRecord, now: BucketRecord) -> tuple[bool, bool]:
        before, after = self._exposure(was).public, self._exposure(now).public
        return after and not before, before and not after

    def _reach(self, state: BucketRecord) -> str:
        """Whom it let in, in words."""
        if state.unreadable:
            return wording.UNREADABLE
        found = self._exposure(state)
        if found.public:
            return wording.PUBLIC
        return wording.reaches(found.reach) if found.reach else wording.NOT_PUBLIC

    def _exposure(self, state: BucketRecord) -> Exposure:
        return state.exposure(self.account_block(state.captured), self.account_id)

    def _clue(self, moment: datetime, title: str, text: str, severity: Severity) -> Clue:
        return Clue(
            source="AWS Config",
            id=moment.isoformat(),
            title=title,
            text=text,
            severity=severity,
            time=moment,
            resource=self.arn,
        )


_RANK = {
    level: rank
    for rank, level in enumerate(
        ("nobody_else", "principals", "organization", "accounts", "any_aws_account", "anyone")
    )
}


def _coverage(
    history: ConfigHistory, states: Sequence[BucketRecord], before: BucketRecord | None
) -> Coverage:
    for fact in (history.recorder, history.bucket):
        if fact.unknown:
            turn_on = wording.allow(wording.MAY_CONFIG) if fact.denied else wording.ASK_AGAIN
            because = wording.unanswered(fact.unknown)
            return Coverage(subject=SUBJECT, answer="cannot_know", because=because, turn_on=turn_on)
    recorder = history.recorder.value
    if recorder is None or not (recorder.recording and recorder.records_buckets):
        stopped = recorder.stopped if recorder else None
        because = wording.config_stopped(stopped, len(states)) if states else wording.CONFIG_OFF
        return Coverage(subject=SUBJECT, answer="no", because=because, turn_on=wording.TURN_ON_CONFIG)
    if not states:
        return Coverage(
            subject=SUBJECT, answer="no", because=wording.CONFIG_SILENT, turn_on=wording.TURN_ON_CONFIG
        )
    because = wording.config_sees(recorder.name, len(states), before.captured if before else None)
    return Coverage(subject=SUBJECT, answer="yes", because=because)
