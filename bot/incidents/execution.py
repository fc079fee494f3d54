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
from bot.aws.errors import AwsError, AwsRefused
from bot.aws.gateway import Gateway
from bot.config import SettingsError
from bot.evidence.redact import redact
from bot.incidents import halting_sentences, jobs, policies, sentences
from bot.incidents.approvals import expire_unstarted, label
from bot.incidents.attested import disagrees
from bot.incidents.ending import follow_up
from bot.incidents.guided import look_soon
from bot.incidents.journal import OvertakenError, StoredJournal
from bot.incidents.ordering import must_wait_for
from bot.incidents.plan_states import PlanState
from bot.incidents.recording import BOT, notice, record, redraw
from bot.incidents.tools import Tools
from bot.remediation.catalogue import remediation
from bot.remediation.errors import RemediationError, SplitStep
from bot.remediation.plan import Plan
from bot.remediation.run import RunResult, run
from bot.remediation.sentences import NOT_WHAT_WAS_APPROVED, packed_too_large
from bot.remediation.session_policy import session_policy
from bot.store import incidents, plans
from bot.store.jobs import enqueue
from bot.store.tables.plans import PlanRow
from bot.store.types import JsonObject, Tx, utcnow

log = structlog.get_logger(__name__)

#: How often a plan that must let another one go first asks whether it is its turn.
TURN = timedelta(seconds=1)


@dataclass(frozen=True)
class Started:
    """A plan that this process now carries out.

    `digest` is what enough people approved, whatever the plan's row says now; empty when they did not.
    `doubt`: why it must not run although they did; empty when nothing speaks against it.
    """

    row: PlanRow
    execution_id: int
    taken_up: int
    session_name: str
    source_identity: str
    digest: str
    incident: str
    doubt: str = ""


def execute(tools: Tools, payload: JsonObject) -> None:
    """The handler of plan.execute."""
    with tools.database.begin() as tx:
        started = None if _waits(tx, payload) else _start(tx, payload["plan_id"])
    if started is None:
        return
    try:
        result = _run(tools, started)
    except OvertakenError:
        log.warning("plan.overtaken", plan=started.row.id)
        return
    with tools.database.begin() as tx:
        _finish(tx, started, result, tools.settings.watch_seconds)


def _waits(tx: Tx, payload: JsonObject) -> bool:
    """Whether an approved plan must let another one go first; then its job comes again in a moment."""
    row = plans.get(tx, payload["plan_id"])
    if row is None or row.state != PlanState.APPROVED:
        return False
    first = must_wait_for(tx, row)
    if first is None or expire_unstarted(tx, row):
        return False
    if not payload.get("waits"):
        text = halting_sentences.waits_for(row.number, label(row), first.number, label(first))
        record(tx, row.incident_id, BOT, "plan.waits", text, plan_id=row.id, waits_for=first.id)
        redraw(tx, row.incident_id, row.id)
    # By the job's id: the same job run again after a crash queues nothing more.
    key = f"execute:{row.id}:after:{payload['job_id']}"
    due = utcnow() + TURN
    enqueue(tx, jobs.PLAN_EXECUTE, due_at=due, dedupe_key=key, priority=10, plan_id=row.id, waits=True)
    return True


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
    if fresh:
        plans.reopen_execution(tx, execution.id)
    taken_up = plans.take_up(tx, execution.id)
    text = sentences.started(row.number, label(row), resumed=not fresh)
    action = "plan.started" if fresh else "plan.resumed"
    record(tx, row.incident_id, BOT, action, text, plan_id=plan_id, digest=row.digest, source_identity=who)
    redraw(tx, row.incident_id, plan_id)
    doubt = halting_sentences.LEDGER_DISAGREES if disagrees(tx, row) else ""
    return Started(row, execution.id, taken_up, name, who, digest, incident.name, doubt)


def _approved(tx: Tx, row: PlanRow) -> tuple[str, str]:
    """The digest that enough people, none of them the requester, agreed to, and the last of them (rule 6).

    Both are counted anew from the approvals themselves: the state of the row proves nothing.
    """
    others = policies.counting(tx, row)
    agreed = [one for one in others if one.digest == others[-1].digest]
    if not agreed or len({one.user_id for one in agreed}) < policies.needed(row):
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
    if plan.digest != started.digest or started.doubt:
        return RunResult("stopped", started.doubt or NOT_WHAT_WAS_APPROVED)
    try:
        reader = tools.aws.reader(plan.account_id)
        act = _Actor(tools, started, plan)
        row_kind, lists = remediation(plan.remediation), tools.manifests
        return run(plan, started.digest, row_kind, reader, act, journal, manifests=lists)
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
        try:
            return self.tools.aws.step(self.plan.account_id, session)
        except AwsRefused as error:
            if error.code == "PackedPolicyTooLarge":
                raise SplitStep(packed_too_large(error.message)) from error
            raise


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
    if result.outcome == "waiting":
        plans.note_execution(tx, started.execution_id, **kept)
        look_soon(tx, row.id)
    else:
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
        notice(tx, row.incident_id, f"ended:{row.id}:{started.taken_up}", text)
    follow_up(tx, row, result.outcome, watch_seconds)
