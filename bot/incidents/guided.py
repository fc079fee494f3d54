"""Changes that only a person can make: after the approval AWS is read until it shows what was approved.

The bot calls nothing and believes nobody: the change is done when the state that AWS shows has the hash that
people approved.
"""

from __future__ import annotations

from datetime import timedelta

from bot.aws.errors import AwsError
from bot.config import SettingsError
from bot.incidents import halting_sentences as sentences
from bot.incidents import jobs
from bot.incidents.approvals import label
from bot.incidents.ending import follow_up
from bot.incidents.plan_states import PlanState
from bot.incidents.recording import BOT, notice, record, redraw
from bot.incidents.tools import Tools
from bot.remediation.catalogue import remediation
from bot.remediation.errors import RemediationError
from bot.remediation.plan import Plan, state_hash
from bot.store import incidents, plans
from bot.store.jobs import enqueue
from bot.store.tables.plans import Execution, PlanRow
from bot.store.types import JsonObject, Tx, utcnow

#: Between two looks: half a minute at first, twice as long after every second look, in the end half an hour.
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=30)
#: How long the bot looks by itself.
PATIENCE = timedelta(hours=24)


def look_soon(tx: Tx, plan_id: str, looks: int = 0) -> None:
    """Queues the look that follows `looks` earlier ones."""
    pause = min(FIRST_PAUSE * 2 ** min(looks // 2, 20), LONGEST_PAUSE)
    key = f"poll:{plan_id}:{looks}"
    enqueue(
        tx, jobs.PLAN_POLL, due_at=utcnow() + pause, dedupe_key=key, priority=-1, plan_id=plan_id, looks=looks
    )


def check_now(tx: Tx, plan_id: str) -> str:
    """Queues a look at once, because somebody asked; the sentence for that person."""
    plan = plans.get(tx, plan_id)
    if plan is None or plan.state != PlanState.WAITING:
        return sentences.NOT_WAITING
    enqueue(tx, jobs.PLAN_POLL, plan_id=plan_id, asked=True)
    return sentences.LOOKING


def poll(tools: Tools, payload: JsonObject) -> None:
    """The handler of plan.poll. What cannot be read is noted on the card, and looked at again."""
    with tools.database.read() as tx:
        row = plans.get(tx, payload["plan_id"])
    if row is None or row.state != PlanState.WAITING:
        return
    plan = Plan.model_validate(row.body)
    live, obstacle = _look(tools, row, plan)
    with tools.database.begin() as tx:
        incidents.hold(tx, row.incident_id)
        execution = plans.execution_of(tx, row.id)
        if execution is None or not plans.move(tx, row.id, {PlanState.WAITING}, PlanState.WAITING):
            return
        if live == plan.final_hash:
            _done(tx, row, execution, tools.settings.watch_seconds)
            return
        seen = obstacle or ("before" if live == plan.base_hash else "other")
        plans.note_execution(tx, execution.id, looked_at=utcnow().isoformat(), seen=seen)
        redraw(tx, row.incident_id, row.id)
        if not payload.get("asked"):
            _look_again(tx, row, execution, int(payload.get("looks", 0)) + 1)


def _look(tools: Tools, row: PlanRow, plan: Plan) -> tuple[str, str]:
    """The hash of what AWS shows, or why it cannot be read."""
    try:
        reader = tools.aws.reader(plan.account_id)
        return state_hash(remediation(row.remediation).snapshot(reader, plan.target)), ""
    except (AwsError, RemediationError, SettingsError) as error:
        return "", str(error)


def _done(tx: Tx, row: PlanRow, execution: Execution, watch_seconds: int) -> None:
    plans.move(tx, row.id, {PlanState.WAITING}, PlanState.VERIFIED)
    text = sentences.by_hand(row.number, label(row))
    plans.end_execution(tx, execution.id, "verified", {"sentence": text, "calls_made": 0, "request_ids": []})
    record(tx, row.incident_id, BOT, "plan.verified", text, plan_id=row.id, digest=row.digest, by_hand=True)
    follow_up(tx, row, "verified", watch_seconds)


def _look_again(tx: Tx, row: PlanRow, execution: Execution, looks: int) -> None:
    if utcnow() - execution.started_at < PATIENCE:
        look_soon(tx, row.id, looks)
        return
    hours = round(PATIENCE.total_seconds() / 3600)
    text = sentences.stopped_looking(row.number, label(row), hours)
    plans.note_execution(tx, execution.id, stopped_looking=True)
    record(tx, row.incident_id, BOT, "plan.stopped_looking", text, plan_id=row.id)
    notice(tx, row.incident_id, f"stopped-looking:{row.id}", text)
