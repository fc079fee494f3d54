"""Watching a change that was made: does AWS still show it, and does anybody still get through?

Event history lags by minutes and IAM takes seconds to believe itself, so one look proves little: the watch
says what it saw, and looks again while something is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.aws.lookup import event_history
from bot.evidence.events import BadRecordError, Event, event_from
from bot.evidence.plan import GLOBAL_REGION
from bot.incidents import containment, jobs, sentences
from bot.incidents.approvals import label
from bot.incidents.plan_states import PlanState
from bot.incidents.recording import BOT, notice, record, redraw
from bot.incidents.tools import Tools
from bot.remediation.catalogue import remediation
from bot.remediation.errors import TargetMissing
from bot.remediation.plan import Plan, Target, state_hash
from bot.store import plans
from bot.store.jobs import enqueue
from bot.store.tables.plans import Execution, PlanRow
from bot.store.types import JsonObject, Tx, utcnow

#: Seconds in which a credential that was just cut off may still work (domain 0.13: 3 to 4 were measured).
GRACE = timedelta(seconds=10)
#: The longest pause between two looks while something is wrong, and how often to look at most.
LONGEST_PAUSE = timedelta(minutes=30)
MOST_LOOKS = 12
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
    if row is None or execution is None or row.state != PlanState.VERIFIED:
        return
    began = utcnow()
    since = datetime.fromisoformat(payload["since"]) if "since" in payload else _after(execution)
    seen = look(tools, row, since, began)
    with tools.database.begin() as tx:
        if seen.holds:
            _hold(tx, row, execution, since=began)
        else:
            _warn(tx, row, execution, seen)
            _look_again(tx, row, int(payload.get("looks", 0)) + 1, began, tools.settings.watch_seconds)


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


def _after(execution: Execution) -> datetime:
    return (execution.finished_at or execution.started_at) + GRACE


def _hold(tx: Tx, row: PlanRow, execution: Execution, since: datetime) -> None:
    if not plans.move(tx, row.id, {PlanState.VERIFIED}, PlanState.HELD):
        return
    plans.note_execution(tx, execution.id, broken=None)
    seconds = round((since - (execution.finished_at or since)).total_seconds())
    text = sentences.held(row.number, label(row), seconds)
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


def _look_again(tx: Tx, row: PlanRow, looks: int, since: datetime, watch_seconds: int) -> None:
    if looks >= MOST_LOOKS:
        return
    pause = min(timedelta(seconds=watch_seconds * 2**looks), LONGEST_PAUSE)
    enqueue(
        tx,
        jobs.PLAN_WATCH,
        due_at=utcnow() + pause,
        dedupe_key=f"watch:{row.id}:{looks}",
        plan_id=row.id,
        since=since.isoformat(),
        looks=looks,
    )
