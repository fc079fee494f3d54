"""What to restore, and to which moment: just before the first object was destroyed (domain R44)."""

from bot.evidence import names
from bot.evidence.answers.case import Case
from bot.evidence.events import Event
from bot.evidence.proposing.plan import Plan
from bot.evidence.touching import touches

_DELETES = frozenset({"DeleteObject", "DeleteObjects"})
_WRITES = frozenset({"CompleteMultipartUpload", "CopyObject", "PutObject", "UploadPartCopy"})
#: A key that only the caller has (SSE-C): who overwrites under one locks the owner out.
_CUSTOMER_KEY = "x-amz-server-side-encryption-customer-algorithm"
_KEEP = "Keep every version, the attacker's too: they are evidence. Copies of the old ones go above them."


def restore(case: Case, plan: Plan) -> None:
    """One proposal for all that suspects deleted or locked up in the bucket."""
    acts = [
        event
        for event in case.collected.kept
        if event.succeeded
        and event.event_id in case.suspicious
        and touches(event, case.scene.bucket)
        and destroys(event)
    ]
    if not acts:
        return
    before = min(event.time for event in acts)
    target = {"bucket": case.scene.bucket, "before": before.isoformat()}
    if _all_kept(case) and (prefix := shared_prefix([event.key for event in acts])):
        target["prefix"] = prefix
    for event in acts:
        plan.because_of(event, "R44", target, _KEEP)


def destroys(event: Event) -> bool:
    """Whether an object's content is gone or locked for its owner after it."""
    name = names.plain(event.name)
    return name in _DELETES or (name in _WRITES and _CUSTOMER_KEY in event.parameters)


def shared_prefix(keys: list[str | None]) -> str:
    """The folder that all keys are in, with its slash; empty for none, and where an event names no key."""
    named = [key for key in keys if key is not None]
    if not named or len(named) < len(keys):
        return ""
    # What the first and the last in order have in common, all between them have.
    first, last = min(named), max(named)
    same = next((at for at, one in enumerate(first) if last[at : at + 1] != one), len(first))
    folder, slash, _ = first[:same].rpartition("/")
    return folder + slash


def _all_kept(case: Case) -> bool:
    """Whether every deletion and write is here as an event, and not in a count alone."""
    wanted = _DELETES | _WRITES
    return case.total(wanted) == len(case.others(wanted, here=True))
