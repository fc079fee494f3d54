"""Watching a change that was made: does AWS still show it, does anybody still get through, is anything new?

IAM takes seconds to believe itself and event history lags by minutes, so one look proves little (domain E29):
the watch looks at +1, +5 and +30 minutes, and as long as something is wrong. Held is said after the last.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.evidence.events import Event
from bot.incidents import containment, halting_sentences, jobs, sentences
from bot.incidents.approvals import label
from bot.incidents.headline import investigation_of
from bot.incidents.newcomers import Newcomer, newcomers, propose
from bot.incidents.plan_states import IN_FORCE, PlanState
from bot.incidents.recording import BOT, notice, record, redraw
from bot.incidents.sightings import Sightings, sightings
from bot.incidents.tools import Tools
from bot.remediation.catalogue import remediation
from bot.remediation.errors import TargetMissing
from bot.remediation.plan import Plan, state_hash
from bot.remediation.sweep.row import SweepRow
from bot.remediation.sweep.watching import still_stands
from bot.store import evidence, incidents, plans
from bot.store.jobs import enqueue
from bot.store.tables.plans import Execution, PlanRow
from bot.store.types import JsonObject, Tx, utcnow

#: Seconds in which a credential that was just cut off may still work (domain 0.13: 3 to 4 were measured).
GRACE = timedelta(seconds=10)
#: How much later than the call its event may come to event history (CloudTrail User Guide: 15 minutes).
LAG = timedelta(minutes=15)
#: When to look, counted from the end of the change, in units of S3INCIDENT_WATCH_SECONDS (a minute).
MOMENTS = (1, 5, 30)
LOOKS = len(MOMENTS)
#: After so many units AWS has tried anew what it does every few minutes (CloudTrail delivers about every 5).
SETTLES = 15
#: How often to look at most while something is wrong, every LONGEST_PAUSE in the end.
MOST_LOOKS = 12
LONGEST_PAUSE = timedelta(minutes=30)
#: Sentences name this many of the calls that got through.
MOST_NAMED = 3


@dataclass(frozen=True)
class Look:
    """What one look saw: whether the state is still as planned, which calls succeeded since, and what is new.

    `uses` and `new` are only what no look before has told. `trouble` is a sentence of the row's.
    """

    as_planned: bool
    uses: tuple[Event, ...]
    new: tuple[Newcomer, ...] = ()
    trouble: str = ""

    @property
    def holds(self) -> bool:
        return self.as_planned and not (self.uses or self.new or self.trouble)


def watch(tools: Tools, payload: JsonObject) -> None:
    """The handler of plan.watch. Raises AwsError, upon which the job is tried again and given up aloud."""
    with tools.database.read() as tx:
        row = plans.get(tx, payload["plan_id"])
        execution = plans.execution_of(tx, payload["plan_id"])
        keys = _session_keys(tx, row) if row else ()
    if row is None or execution is None or row.state not in IN_FORCE:
        return
    now, looks, unit = utcnow(), int(payload.get("looks", 0)) + 1, tools.settings.watch_seconds
    seen = look(tools, row, execution, keys, now)
    soon = min(timedelta(seconds=unit * 2**looks), LONGEST_PAUSE)
    with tools.database.begin() as tx:
        incidents.hold(tx, row.incident_id)
        if not _still_in_force(tx, row):
            return
        if _is_being_undone(tx, row):
            # What was seen may be the undo's own doing: the next look judges.
            _look_again(tx, row, looks, now + soon)
        elif seen.holds:
            _stands(tx, row, execution, looks, unit, now)
        else:
            _warn(tx, row, execution, seen)
            _look_again(tx, row, looks, now + soon)


def _still_in_force(tx: Tx, row: PlanRow) -> bool:
    """It may have been undone since the look began."""
    current = plans.get(tx, row.id)
    return current is not None and current.state in IN_FORCE


def _is_being_undone(tx: Tx, row: PlanRow) -> bool:
    return any(undo.state == PlanState.RUNNING for undo in plans.undo_of(tx, row.id))


def look(
    tools: Tools, row: PlanRow, execution: Execution, session_keys: Sequence[str], until: datetime
) -> Look:
    """Reads the target's state, and what was done with the credential since it was cut off."""
    plan = Plan.model_validate(row.body)
    reader = tools.aws.reader(row.account_id)
    told = set(execution.result.get("told", ()))
    kind = remediation(row.remediation)
    try:
        if isinstance(kind, SweepRow):
            as_planned = still_stands(plan, kind, reader, tools.manifests)
        else:
            as_planned = state_hash(kind.snapshot(reader, plan.target)) == plan.final_hash
    except TargetMissing:
        # Deleted: whatever it was, it is not what was left behind.
        as_planned = False
    regions = tools.settings.account(row.account_id).regions
    done = sightings(reader, regions, plan.target, session_keys, row.created_at, until)
    since = max(_cut_off(execution, tools.settings.watch_seconds), _last_look(execution) - LAG)
    new = newcomers(reader, plan.target, done, row.created_at)
    return Look(
        as_planned,
        tuple(event for event in _uses(done, since) if event.event_id not in told),
        tuple(one for one in new if one.id not in told),
        kind.trouble(reader, plan) if _has_settled(execution, tools.settings.watch_seconds, until) else "",
    )


def _uses(done: Sightings, since: datetime) -> list[Event]:
    return [event for event in done if event.time > since]


def _session_keys(tx: Tx, row: PlanRow) -> tuple[str, ...]:
    """The keys of the role's sessions that the evidence knows: event history finds a role only by them."""
    target = row.body["target"]
    run = evidence.latest_run(tx, row.incident_id) if target["kind"] == "role" else None
    seen = investigation_of(run) if run else None
    name = f":assumed-role/{target['params'].get('role')}/"
    mine = [one for one in seen.actors if name in one.principal] if seen else []
    return tuple(dict.fromkeys(key for one in mine for key in one.access_key_ids))


def _cut_off(execution: Execution, watch_seconds: int) -> datetime:
    """From where on a use counts: from the end of the change, and some grace."""
    return (execution.finished_at or execution.started_at) + min(GRACE, timedelta(seconds=watch_seconds) / 2)


def _has_settled(execution: Execution, watch_seconds: int, now: datetime) -> bool:
    """Whether AWS has had the time to do anew what it does every few minutes, as write a trail's files:
    what it says of its last attempt is about the change then.
    """
    ended = execution.finished_at or execution.started_at
    return now - ended >= timedelta(seconds=watch_seconds * SETTLES)


def _last_look(execution: Execution) -> datetime:
    """A use that no look can have seen yet is never older than that, and event history's lag."""
    last = execution.result.get("last_look")
    return datetime.fromisoformat(last) if last else execution.started_at


def _stands(
    tx: Tx, row: PlanRow, execution: Execution, looks: int, watch_seconds: int, now: datetime
) -> None:
    """One look more found nothing wrong: the card says so, and after the last that it is held."""
    if execution.result.get("broken"):
        text = halting_sentences.recovered(row.number, label(row))
        record(tx, row.incident_id, BOT, "plan.recovered", text, plan_id=row.id)
    ended = execution.finished_at or execution.started_at
    clean = int(execution.result.get("clean_looks", 0)) + 1
    last = clean >= LOOKS and now - ended >= timedelta(seconds=watch_seconds * MOMENTS[-1])
    plans.note_execution(
        tx, execution.id, broken=None, clean_looks=min(clean, LOOKS), last_look=now.isoformat()
    )
    if last:
        _hold(tx, row, now - ended)
    else:
        due = ended + timedelta(seconds=watch_seconds * MOMENTS[min(clean, LOOKS - 1)])
        _look_again(tx, row, looks, max(due, now + timedelta(seconds=watch_seconds)))
    redraw(tx, row.incident_id, row.id)
    containment.recompute(tx, row.incident_id)


def _hold(tx: Tx, row: PlanRow, after: timedelta) -> None:
    if not plans.move(tx, row.id, {PlanState.VERIFIED}, PlanState.HELD):
        return
    target = Plan.model_validate(row.body).target
    who = target.label if target.kind in ("user", "access_key", "role") else None
    text = sentences.held(row.number, label(row), round(after.total_seconds()), who)
    record(tx, row.incident_id, BOT, "plan.held", text, plan_id=row.id)


def _warn(tx: Tx, row: PlanRow, execution: Execution, seen: Look) -> None:
    """Says aloud what is wrong, once for each different wrong, and proposes what there is against it."""
    text = _what_is_wrong(row, seen)
    told = [*execution.result.get("told", ()), *(e.event_id for e in seen.uses), *(n.id for n in seen.new)]
    plans.note_execution(tx, execution.id, told=told, last_look=utcnow().isoformat())
    if execution.result.get("broken") != text:
        plans.note_execution(tx, execution.id, broken=text, clean_looks=0)
        ids = [event.event_id for event in seen.uses]
        record(tx, row.incident_id, BOT, "plan.broken", text, plan_id=row.id, event_ids=ids[:20])
        notice(tx, row.incident_id, f"broken:{row.id}:{state_hash(text)[:12]}", text)
        propose(tx, row, seen.new)
        redraw(tx, row.incident_id, row.id)
        containment.recompute(tx, row.incident_id)


def _what_is_wrong(row: PlanRow, seen: Look) -> str:
    said = [] if seen.as_planned else [sentences.drifted(row.number, label(row))]
    if seen.trouble:
        said.append(seen.trouble)
    if seen.uses:
        named = [
            f"{event.service}:{event.name} at {event.time:%H:%M:%S} UTC from {event.source_ip}"
            for event in seen.uses[:MOST_NAMED]
        ]
        said.append(sentences.used_since(row.number, label(row), named, len(seen.uses)))
    if seen.new:
        found = [one.sentence for one in seen.new]
        said.append(halting_sentences.new_since(row.number, label(row), row.created_at, found))
    return " ".join(said)


def _look_again(tx: Tx, row: PlanRow, looks: int, due_at: datetime) -> None:
    if looks >= MOST_LOOKS:
        return
    key = f"watch:{row.id}:{looks}"
    enqueue(tx, jobs.PLAN_WATCH, due_at=due_at, dedupe_key=key, plan_id=row.id, looks=looks)
