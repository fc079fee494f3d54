"""Carrying out an approved plan: once, as approved, with a journal that survives a crash.

1. One conditional UPDATE takes the plan from approved to running and makes its one execution row. A plan
   found running was interrupted: the same execution goes on from its journal.
2. bot.remediation.run makes the calls. Each intent and each outcome is a committed transaction of its own.
3. One transaction writes what came of it: state, ledger, timeline, cards, watch, the playbook's next step.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import structlog
from pydantic import ValidationError

from bot.aws.access import StepSession
from bot.aws.errors import AwsError
from bot.aws.gateway import Gateway
from bot.config import SettingsError
from bot.evidence.redact import redact
from bot.incidents import containment, jobs, sentences
from bot.incidents.approvals import expire_unstarted, label
from bot.incidents.journal import OvertakenError, StoredJournal
from bot.incidents.phases import Phase
from bot.incidents.plan_states import IN_FORCE, PlanState
from bot.incidents.recording import BOT, notice, record, redraw
from bot.incidents.tools import Tools
from bot.remediation.catalogue import remediation
from bot.remediation.errors import RemediationError
from bot.remediation.plan import Plan
from bot.remediation.run import RunResult, run
from bot.remediation.sentences import NOT_WHAT_WAS_APPROVED
from bot.remediation.session_policy import session_policy
from bot.store import incidents, plans
from bot.store.jobs import enqueue
from bot.store.tables.plans import PlanRow
from bot.store.types import JsonObject, Tx, utcnow

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Started:
    """A plan that this process now carries out.

    `digest` is what enough people approved, whatever the plan's row says now; empty when they did not.
    """

    row: PlanRow
    execution_id: int
    taken_up: int
    session_name: str
    source_identity: str
    digest: str
    incident: str


def execute(tools: Tools, payload: JsonObject) -> None:
    """The handler of plan.execute."""
    with tools.database.begin() as tx:
        started = _start(tx, payload["plan_id"])
    if started is None:
        return
    try:
        result = _run(tools, started)
    except OvertakenError:
        log.warning("plan.overtaken", plan=started.row.id)
        return
    with tools.database.begin() as tx:
        _finish(tx, started, result, tools.settings.watch_seconds)


def _start(tx: Tx, plan_id: str) -> Started | None:
    row = plans.get(tx, plan_id)
    if row is None or expire_unstarted(tx, row):
        return None
    fresh = plans.move(tx, plan_id, {PlanState.APPROVED}, PlanState.RUNNING)
    row = plans.get(tx, plan_id)
    if row is None or row.state != PlanState.RUNNING:
        return None
    incident = incidents.get(tx, row.incident_id)
    assert incident is not None
    digest, approver = _approved(tx, row)
    name, who = f"{incident.name}.p{row.number}", f"slack-{approver}"
    execution = plans.execution_of(tx, plan_id) or plans.start_execution(tx, plan_id, name, who)
    taken_up = plans.take_up(tx, execution.id)
    text = sentences.started(row.number, label(row), resumed=not fresh)
    action = "plan.started" if fresh else "plan.resumed"
    record(tx, row.incident_id, BOT, action, text, plan_id=plan_id, digest=row.digest, source_identity=who)
    redraw(tx, row.incident_id, plan_id)
    return Started(row, execution.id, taken_up, name, who, digest, incident.name)


def _approved(tx: Tx, row: PlanRow) -> tuple[str, str]:
    """The digest that enough people, none of them the requester, agreed to, and the last of them (rule 6).

    Both are counted anew from the approvals themselves: the state of the row proves nothing.
    """
    others = [one for one in plans.approvals(tx, row.id) if one.user_id != row.requested_by]
    agreed = [one for one in others if one.digest == others[-1].digest]
    if not agreed or len({one.user_id for one in agreed}) < row.required_approvals:
        return "", "nobody"
    return agreed[-1].digest, agreed[-1].user_id


def _run(tools: Tools, started: Started) -> RunResult:
    """Where and what is taken from the approved plan alone, never from the columns beside it (rule 1)."""
    row = started.row
    journal = StoredJournal(tools.database, started.execution_id, started.taken_up, row.incident_id, row.id)
    try:
        plan = Plan.model_validate(row.body)
    except ValidationError:
        return RunResult("stopped", NOT_WHAT_WAS_APPROVED)
    if plan.digest != started.digest:
        return RunResult("stopped", NOT_WHAT_WAS_APPROVED)
    try:
        reader = tools.aws.reader(plan.account_id)
        act = _Actor(tools, started, plan)
        return run(plan, started.digest, remediation(plan.remediation), reader, act, journal)
    except (AwsError, RemediationError, SettingsError) as error:
        return _interrupted(journal, str(error))


@dataclass(frozen=True)
class _Actor:
    """Opens the step's own session when the first call is due (rule 2)."""

    tools: Tools
    started: Started
    plan: Plan

    def __call__(self) -> Gateway:
        started = self.started
        session = StepSession(
            name=started.session_name,
            source_identity=started.source_identity,
            policy=session_policy(self.plan),
            tags={
                "incident": started.incident,
                "plan": started.row.id,
                "digest": started.digest[:16],
                "requester": started.row.requested_by,
            },
        )
        return self.tools.aws.step(self.plan.account_id, session)


def _interrupted(journal: StoredJournal, error: str) -> RunResult:
    """What to make of AWS failing outside a call: nothing was called, or a person must look."""
    begun = bool(journal.entries())
    return RunResult(
        outcome="stopped" if begun else "failed",
        sentence=(sentences.aws_gone_between if begun else sentences.aws_gone_before)(error),
        calls_made=len(journal.entries()),
        request_ids=(),
        state=None,
    )


def _finish(tx: Tx, started: Started, result: RunResult, watch_seconds: int) -> None:
    row = started.row
    incidents.hold(tx, row.incident_id)
    if not plans.is_mine(tx, started.execution_id, started.taken_up):
        return
    if not plans.move(tx, row.id, {PlanState.RUNNING}, PlanState(result.outcome)):
        return
    kept = {
        "sentence": redact(result.sentence),
        "calls_made": result.calls_made,
        "request_ids": list(result.request_ids),
        "state": result.state,
    }
    plans.end_execution(tx, started.execution_id, result.outcome, kept)
    text = sentences.ended(row.number, label(row), result.outcome, result.sentence)
    record(
        tx,
        row.incident_id,
        BOT,
        f"plan.{result.outcome}",
        text,
        plan_id=row.id,
        digest=row.digest,
        base_hash=row.base_hash,
        calls_made=result.calls_made,
        request_ids=list(result.request_ids),
    )
    if result.outcome != "verified":
        notice(tx, row.incident_id, f"ended:{row.id}", text)
    _follow_up(tx, row, result, watch_seconds)


def _follow_up(tx: Tx, row: PlanRow, result: RunResult, watch_seconds: int) -> None:
    if result.outcome == "verified" and row.undoes:
        plans.move(tx, row.undoes, IN_FORCE, PlanState.UNDONE)
        redraw(tx, row.incident_id, row.undoes)
    elif result.outcome == "verified":
        due = utcnow() + timedelta(seconds=watch_seconds)
        enqueue(tx, jobs.PLAN_WATCH, due_at=due, dedupe_key=f"watch:{row.id}", plan_id=row.id)
    redraw(tx, row.incident_id, row.id)
    containment.recompute(tx, row.incident_id)
    incident = incidents.get(tx, row.incident_id)
    if incident is not None and incident.phase != Phase.CLOSED:
        enqueue(tx, jobs.PLAYBOOK_ADVANCE, incident_id=row.incident_id)
