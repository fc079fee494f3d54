"""DeleteObjects: one call deletes up to 1,000 objects, and its own event names none of them.

CloudTrail writes a DeleteObject event for each key beside it (since June 2025, where data events select
those), and server access logs a line BATCH.DELETE.OBJECT for each key.
"""

from collections.abc import Sequence
from datetime import timedelta

from bot.evidence.answers.case import Case
from bot.evidence.collect import actor_key
from bot.evidence.events import Event
from bot.evidence.wording import some

#: A call and the events of its keys are written around one time.
_BESIDE = timedelta(seconds=5)


def keyless(case: Case) -> list[Event]:
    """Successful DeleteObjects calls on the bucket for whose keys no event or line is there."""
    calls = case.others({"DeleteObjects"}, here=True)
    named = [event for event in case.others({"DeleteObject"}, here=True) if event.key] if calls else []
    return [call for call in calls if not any(_belongs(one, call) for one in named)]


def _belongs(named: Event, call: Event) -> bool:
    if named.request_id and named.request_id == call.request_id:
        return True
    return actor_key(named) == actor_key(call) and abs(named.time - call.time) <= _BESIDE


def told(calls: Sequence[Event], unnamed: Sequence[Event]) -> str:
    """How many batches, and of how many the keys are unknown."""
    batches = some(len(calls), "batch", "batches")
    if not unnamed:
        return f"{batches}, whose keys are in events of their own"
    which = "its" if len(unnamed) == 1 == len(calls) else f"of {len(unnamed):,} of them the"
    return f"{batches}: {which} keys are unknown, up to 1,000 each, because DeleteObjects names none"


def unknown_keys(unnamed: Sequence[Event]) -> str:
    """What is not known, and which source would tell."""
    return (
        f"Which objects {some(len(unnamed), 'DeleteObjects call')} deleted: such an event names no keys. "
        "DeleteObject events of each key would tell (data events, writes), or server access logs "
        "(BATCH.DELETE.OBJECT); where versioning was on, ListObjectVersions shows the delete markers."
    )
