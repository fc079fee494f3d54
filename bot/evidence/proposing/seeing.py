"""What to switch on where reads could not be known: the bucket's data events (R36), its access logs (R34).

Proposed with what is known only: a trail of the account's own that is logging, and a log bucket that the
evidence shows. Where neither is known, the coverage says in words what to do.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.evidence.answers.case import Case
from bot.evidence.coverage import access_logs
from bot.evidence.coverage.trails import TrailFact
from bot.evidence.events import Event, mapping, text_or_none
from bot.evidence.proposing.plan import Plan
from bot.evidence.touching import touches
from bot.evidence.wording import at, called, short

_UNSEEN = "Whether objects were read cannot be known"
_FROM_NOW = "It records from then on; the past cannot be recovered."


@dataclass(frozen=True)
class LogBucket:
    """Where the access logs of a bucket go, or went, and what shows it: an event, or words alone."""

    bucket: str
    prefix: str | None
    why: str
    event: Event | None = None

    @property
    def target(self) -> dict[str, str]:
        """The members of R34's target; without a prefix the row takes its own."""
        return {"log_bucket": self.bucket} | ({"prefix": self.prefix} if self.prefix else {})


def unseen(case: Case, plan: Plan) -> None:
    """The rows that would have shown the reads, where reads are not provably recorded."""
    if "reads" in case.covered.proven or not _matters(case):
        return
    here, trail = {"bucket": case.scene.bucket}, _trail(case)
    off = _off(case)
    if trail and off:
        why = f"{_UNSEEN}: trail {short(trail.name)} is logging, and {off}. {_FROM_NOW}"
        plan.add("R36", {**here, "trail": trail.arn}, why, [])
    logs = case.looked(access_logs.SUBJECT)
    if off and logs and logs.answer == "no" and (known := log_bucket(case)):
        why = f"{_UNSEEN}: no trail records all of them, and access logs are off. {known.why}"
        ids = [known.event.event_id] if known.event else []
        plan.add("R34", {**here, **known.target}, why, ids)


def log_bucket(case: Case) -> LogBucket | None:
    """Where the bucket's access logs went before a suspect changed that, or where its neighbours' go."""
    return _before(case) or _set_in_the_log(case) or _of_neighbours(case)


def _matters(case: Case) -> bool:
    """Something was seen of the bucket, or somebody is under suspicion."""
    return bool(case.about or case.suspects)


def _off(case: Case) -> str | None:
    """What is not recorded of the bucket's reads, by AWS's own answers; None where that is not known."""
    if case.covered.trails is None:
        return None
    share, _ = case.covered.trails.objects(case.scene.bucket, reads=True)
    told = {
        "none": "selects no data events of this bucket",
        "part": "selects data events of a part of it only",
    }
    return told.get(share or "unknown")


def _trail(case: Case) -> TrailFact | None:
    """A trail to add the bucket to: on, the account's own, and one for all Regions before others.

    An organization's trail is changed in its management account alone.
    """
    on = case.covered.trails.on() if case.covered.trails else ()
    own = [one for one in on if _is_own(one, case.scene.owner)]
    return min(own, key=lambda one: (one.trail.get("IsMultiRegionTrail") is not True, one.name), default=None)


def _is_own(trail: TrailFact, owner: str | None) -> bool:
    account = trail.arn.split(":")[4:5]
    return trail.trail.get("IsOrganizationTrail") is not True and (not account or account == [owner])


def _before(case: Case) -> LogBucket | None:
    """As AWS Config last had it before the first suspicious act."""
    before = mapping(case.bucket_before)
    enabled = mapping(mapping(before.get("logging")).get("LoggingEnabled"))
    seen = f"at {at(datetime.fromisoformat(captured))}, " if (captured := before.get("captured_at")) else ""
    why = f"AWS Config had them there {seen}before the first suspicious act."
    return _target(enabled, why, None, case)


def _set_in_the_log(case: Case) -> LogBucket | None:
    """As somebody who is not under suspicion last set it in these logs."""
    for event in reversed(list(_settings(case))):
        if touches(event, case.scene.bucket):
            why = f"{called(event.who.principal)} had set them up so at {at(event.time)}."
            if found := _target(_enabled(event), why[:1].upper() + why[1:], event, case):
                return found
    return None


def _of_neighbours(case: Case) -> LogBucket | None:
    """Where the logs of other buckets of the same account and Region go: most of them, if several."""
    region = next((event.region for event in case.about if event.service == "s3"), None)
    seen = [event for event in _settings(case) if event.region == region and event.bucket]
    counted = Counter(text_or_none(_enabled(event).get("TargetBucket")) for event in seen)
    for target, _ in counted.most_common(1):
        event = next(one for one in seen if _enabled(one).get("TargetBucket") == target)
        why = f"Those of bucket {short(event.bucket or '')} go there."
        return _target({"TargetBucket": target}, why, event, case)
    return None


def _settings(case: Case) -> Iterator[Event]:
    """Successful changes that switched access logs on, by nobody under suspicion, of the owner's buckets."""
    for event in case.collected.kept:
        ours = event.who.account == case.scene.owner and event.event_id not in case.suspicious
        if event.name == "PutBucketLogging" and event.succeeded and ours and _enabled(event):
            yield event


def _enabled(event: Event) -> Mapping[str, object]:
    return mapping(mapping(event.parameters.get("BucketLoggingStatus")).get("LoggingEnabled"))


def _target(enabled: Mapping[str, object], why: str, event: Event | None, case: Case) -> LogBucket | None:
    """A log bucket that is not the bucket itself: logs into itself grow for ever."""
    name = text_or_none(enabled.get("TargetBucket"))
    if name is None or name == case.scene.bucket:
        return None
    return LogBucket(name, text_or_none(enabled.get("TargetPrefix")), why, event)
