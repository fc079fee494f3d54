"""The way back: the undo of a plan that ran, proposed as a plan of its own."""

from __future__ import annotations

from datetime import timedelta

from bot.aws.errors import AwsRefused
from bot.config import SettingsError
from bot.incidents import plan_states, sentences
from bot.incidents.approvals import label
from bot.incidents.measured import latest_log, measured
from bot.incidents.ordering import newest_on_top
from bot.incidents.plan_states import PlanState
from bot.incidents.planning import publish
from bot.incidents.recording import BOT, notice, record
from bot.incidents.tools import Tools
from bot.remediation.catalogue import remediation
from bot.remediation.errors import RemediationError
from bot.remediation.plan import Plan, state_hash
from bot.remediation.sweep.row import SweepRow
from bot.remediation.undo import undo_of_part, undo_plan
from bot.store import incidents, plans
from bot.store.tables.plans import PlanRow
from bot.store.types import JsonObject, Tx, utcnow


def prepare_undo(tools: Tools, payload: JsonObject) -> None:
    """The handler of plan.undo: proposes the undo if AWS still shows what the plan left behind.

    Raises AwsUnavailable, upon which the job is tried again.
    """
    with tools.database.read() as tx:
        row = plans.get(tx, payload["plan_id"])
        log = latest_log(tx, tools, row.incident_id) if row else None
    if row is None or row.state not in plan_states.UNDOABLE:
        return
    plan = Plan.model_validate(row.body)
    try:
        obstacle, undo = _way_back(tools, row, plan)
        undo = measured(undo, tools.aws.reader(row.account_id), log)
    except (RemediationError, AwsRefused, SettingsError) as error:
        obstacle, undo = str(error), plan
    with tools.database.begin() as tx:
        if obstacle:
            _say_none(tx, row, payload, obstacle)
        else:
            _propose(tx, row, undo, payload, tools.settings.approval_minutes)


def _way_back(tools: Tools, row: PlanRow, plan: Plan) -> tuple[str | None, Plan]:
    """The undo from what AWS shows now, or why there is none (then the plan itself stands beside it)."""
    kind = remediation(row.remediation)
    if isinstance(kind, SweepRow):
        # Each object is looked at right before it is put back: also where the change halted half way.
        return None, undo_plan(plan)
    state = kind.snapshot(tools.aws.reader(row.account_id), plan.target)
    now = state_hash(state)
    if now == plan.final_hash:
        return None, undo_plan(plan)
    if now == plan.base_hash:
        return sentences.already_undone(label(row)), plan
    if row.state == PlanState.HALTED and (made := _made(plan, now)):
        return None, undo_of_part(plan, made, state)
    return sentences.undo_no_longer_fits(label(row)), plan


def _made(plan: Plan, now: str) -> int:
    """After how many calls of the plan the state is this one; 0 where after none."""
    return max((count for count, call in enumerate(plan.calls, start=1) if call.after == now), default=0)


def _propose(tx: Tx, row: PlanRow, undo: Plan, payload: JsonObject, minutes: int) -> None:
    # Held, so that of two requests at once the second sees the undo of the first.
    incidents.hold(tx, row.incident_id)
    current = plans.get(tx, row.id)
    if current is None or current.state not in plan_states.UNDOABLE:
        return
    earlier = plans.undo_of(tx, row.id)
    if newer := newest_on_top(tx, row):
        _say_none(tx, row, payload, sentences.undo_newer_first(newer.number, label(newer)))
        return
    if any(one.state in plan_states.UNDER_WAY for one in earlier):
        return
    life = timedelta(minutes=minutes)
    publish(tx, _row(tx, row, undo, str(payload["requested_by"]), life, len(earlier)))


def _row(tx: Tx, row: PlanRow, undo: Plan, requested_by: str, life: timedelta, earlier: int) -> PlanRow:
    now = utcnow()
    return PlanRow(
        id=state_hash(["undo", row.id, earlier])[:20],
        incident_id=row.incident_id,
        undoes=row.id,
        number=plans.next_number(tx, row.incident_id),
        remediation=undo.remediation,
        account_id=undo.account_id,
        region=undo.region,
        target=row.target,
        body=undo.model_dump(mode="json"),
        digest=undo.digest,
        base_hash=undo.base_hash,
        state=PlanState.PROPOSED.value,
        reason=sentences.undo_reason(row.number),
        requested_by=requested_by,
        required_approvals=row.required_approvals,
        created_at=now,
        expires_at=now + life,
        policy=row.policy,
    )


def _say_none(tx: Tx, row: PlanRow, payload: JsonObject, sentence: str) -> None:
    record(tx, row.incident_id, BOT, "plan.undo_none", sentence, plan_id=row.id)
    notice(tx, row.incident_id, f"undo-none:{row.id}:{payload.get('job_id', 0)}", sentence)
