"""Watching a change that was made: does AWS still show it, and does anybody still get through?

IAM takes seconds to believe itself and event history lags by minutes, so one look proves little (domain E29):
the watch looks again after minutes, and as long as something is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.aws.lookup import event_history
from bot.evidence.events import BadRecordError, Event, event_from
from bot.evidence.sources.plan import GLOBAL_REGION
from bot.incidents import containment, jobs, sentences
from bot.incidents.approvals import label
from bot.incidents.plan_states import IN_FORCE, PlanState
from bot.incidents.recording import BOT, notice, record, redraw
from bot.incidents.tools import Tools
from bot.remediation.catalogue import remediation
from bot.remediation.errors import TargetMissing
from bot.remediation.plan import Plan, Target, state_hash
from bot.store import incidents, plans
from bot.store.jobs import enqueue
from bot.store.tables.plans import Execution, PlanRow
from bot.store.types import JsonObject, Tx, utcnow

#: Seconds in which a credential that was just cut off may still work (domain 0.13: 3 to 4 were measured).
GRACE = timedelta(seconds=10)
#: After the first look: when to look again, counted from the look before.
PAUSES = (timedelta(minutes=5), timedelta(minutes=30))
#: How often to look at most while something is wrong, every LONGEST_PAUSE in the end.
MOST_LOOKS = 12
LONGEST_PAUSE = PAUSES[-1]
#: Sentences name this many of the calls that got through.
MOST_NAMED = 3

# IAM lets a principal ask who it is whatever its policies say, so this call proves no access.
_PROVES_NOTHING = frozenset({("sts", "GetCallerIdentity")})
_ATTRIBUTES = {"user": ("Username", "user"), "access_key": ("AccessKeyId", "access_key_id")}


@dataclass(frozen=True)
class Look:
    """What one look saw: whether the state is still as planned, and which calls succeeded since."""

    as_planned: bool
    uses: tuple[Event, ...]

    @property
    def holds(self) -> bool:
        return self.as_planned and not self.uses


def watch(tools: Tools, payload: JsonObject) -> None:
    """The handler of plan.watch. Raises AwsError, upon which the job is tried again and given up aloud."""
    with tools.database.read() as tx:
        row = plans.get(tx, payload["plan_id"])
        execution = plans.execution_of(tx, payload["plan_id"])
    if row is None or execution is None or row.state not in IN_FORCE:
        return
    now, looks = utcnow(), int(payload.get("looks", 0)) + 1
    since = _since(payload, execution, tools.settings.watch_seconds)
    seen = look(tools, row, since, now)
    soon = min(timedelta(seconds=tools.settings.watch_seconds * 2**looks), LONGEST_PAUSE)
    with tools.database.begin() as tx:
        incidents.hold(tx, row.incident_id)
        if not _still_in_force(tx, row):
            return
        if _is_being_undone(tx, row):
            # What was seen may be the undo's own doing: the next look judges, from where this one began.
            _look_again(tx, row, looks, since, soon)
        elif seen.holds:
            _hold(tx, row, execution, now)
            if looks <= len(PAUSES):
                _look_again(tx, row, looks, now, PAUSES[looks - 1])
        else:
            _warn(tx, row, execution, seen)
            _look_again(tx, row, looks, now, soon)


def _still_in_force(tx: Tx, row: PlanRow) -> bool:
    """It may have been undone since the look began."""
    current = plans.get(tx, row.id)
    return current is not None and current.state in IN_FORCE


def _is_being_undone(tx: Tx, row: PlanRow) -> bool:
    return any(undo.state == PlanState.RUNNING for undo in plans.undo_of(tx, row.id))


def look(tools: Tools, row: PlanRow, since: datetime, until: datetime) -> Look:
    """Reads the target's state, and what was done with the credential between the two moments."""
    plan = Plan.model_validate(row.body)
    reader = tools.aws.reader(row.account_id)
    try:
        state = remediation(row.remediation).snapshot(reader, plan.target)
        as_planned = state_hash(state) == plan.final_hash
    except TargetMissing:
        # Deleted: whatever it was, it is not what was left behind.
        as_planned = False
    return Look(as_planned, tuple(_uses(tools, row, plan.target, since, until)))


def _uses(tools: Tools, row: PlanRow, target: Target, since: datetime, until: datetime) -> list[Event]:
    """Successful management calls with what the plan cut off. Object reads are not in event history."""
    if target.kind not in _ATTRIBUTES or until <= since:
        return []
    name, param = _ATTRIBUTES[target.kind]
    lookup = event_history(tools.aws.reader(row.account_id))
    regions = dict.fromkeys((*tools.settings.account(row.account_id).regions, GLOBAL_REGION))
    found: dict[str, Event] = {}
    for region in regions:
        attribute = (name, target.params[param])
        for record_ in lookup(region=region, attribute=attribute, start=since, end=until):
            event = _event(record_)
            if event is not None and event.time > since and _got_through(event):
                found[event.event_id] = event
    return sorted(found.values(), key=lambda event: event.time)


def _event(found: object) -> Event | None:
    try:
        return event_from(found)
    except BadRecordError:
        return None


def _got_through(event: Event) -> bool:
    return event.succeeded and (event.service, event.name) not in _PROVES_NOTHING


def _since(payload: JsonObject, execution: Execution, watch_seconds: int) -> datetime:
    """From where on a use counts: from the look before, else from the end of the change and some grace."""
    if "since" in payload:
        return datetime.fromisoformat(payload["since"])
    return (execution.finished_at or execution.started_at) + min(GRACE, timedelta(seconds=watch_seconds) / 2)


def _hold(tx: Tx, row: PlanRow, execution: Execution, now: datetime) -> None:
    """Says that it holds, when that is new: at the first look, or after something was wrong."""
    was_broken = bool(execution.result.get("broken"))
    if not plans.move(tx, row.id, {PlanState.VERIFIED}, PlanState.HELD) and not was_broken:
        return
    plans.note_execution(tx, execution.id, broken=None)
    target = Plan.model_validate(row.body).target
    seconds = round((now - (execution.finished_at or now)).total_seconds())
    text = sentences.held(
        row.number, label(row), seconds, target.label if target.kind in _ATTRIBUTES else None
    )
    record(tx, row.incident_id, BOT, "plan.held", text, plan_id=row.id)
    redraw(tx, row.incident_id, row.id)
    containment.recompute(tx, row.incident_id)


def _warn(tx: Tx, row: PlanRow, execution: Execution, seen: Look) -> None:
    """Says aloud what is wrong, once for each different wrong."""
    text = _what_is_wrong(row, seen)
    if execution.result.get("broken") != text:
        plans.note_execution(tx, execution.id, broken=text)
        ids = [event.event_id for event in seen.uses]
        record(tx, row.incident_id, BOT, "plan.broken", text, plan_id=row.id, event_ids=ids[:20])
        notice(tx, row.incident_id, f"broken:{row.id}:{state_hash(text)[:12]}", text)
        redraw(tx, row.incident_id, row.id)
        containment.recompute(tx, row.incident_id)


def _what_is_wrong(row: PlanRow, seen: Look) -> str:
    if not seen.as_planned:
        return sentences.drifted(row.number, label(row))
    named = [
        f"{event.service}:{event.name} at {event.time:%H:%M:%S} UTC from {event.source_ip}"
        for event in seen.uses[:MOST_NAMED]
    ]
    return sentences.used_since(row.number, label(row), named, len(seen.uses))


def _look_again(tx: Tx, row: PlanRow, looks: int, since: datetime, pause: timedelta) -> None:
    if looks >= MOST_LOOKS:
        return
    enqueue(
        tx,
        jobs.PLAN_WATCH,
        due_at=utcnow() + pause,
        dedupe_key=f"watch:{row.id}:{looks}",
        plan_id=row.id,
        since=since.isoformat(),
        looks=looks,
    )
