"""The control card: pinned in the incident's channel and edited in place, the one place to look first."""

from __future__ import annotations

from slack_sdk.models.blocks import Block

from bot.config import Settings
from bot.incidents.phases import Phase
from bot.incidents.plan_states import PlanState
from bot.incidents.queries import IncidentStatus, StepLine, status
from bot.slack.cards import kit
from bot.slack.cards.gone import CardGoneError
from bot.slack.cards.text import code, count, inline, moment, person, quote
from bot.store.tables.incidents import TimelineEntry
from bot.store.types import JsonObject, Tx

STEP_WORDS = {
    "waiting": "waits",
    "running": "*under way*",
    "done": "done",
    "skipped": "not needed",
    "failed": "*failed*",
}
TAIL = 4


def draw(tx: Tx, settings: Settings, args: JsonObject) -> kit.Card:  # noqa: ARG001
    now = status(tx, args["incident_id"])
    if now is None:
        raise CardGoneError(f"incident {args['incident_id']}")
    incident = now.incident
    return kit.card(
        kit.header(f"{incident.name}: {incident.bucket}"),
        kit.section(f"*Next:* {_next_thing(now)}"),
        kit.section(_phases(incident.phase)),
        kit.fields(
            contained=_contained(now),
            severity=f"SEV{incident.severity}",
            bucket=code(incident.bucket),
            account=f"{code(incident.account_id)}, {code(incident.region)}",
            opened=f"{moment(incident.opened_at)} by {person(incident.opened_by)}",
            closed=_closed(now),
        ),
        kit.section(f"*Suspected*\n{quote(incident.suspicion, 500)}") if incident.suspicion.strip() else None,
        kit.section(f"*Evidence*\n{inline(now.evidence, 600)}") if now.evidence else None,
        kit.paragraph("Playbook", [_step(one) for one in now.steps], elsewhere=""),
        *_plans(now),
        kit.paragraph("Latest", [_entry(one) for one in now.tail[-TAIL:]], elsewhere=""),
    )


def _phases(present: str) -> str:
    """The phases in order, the present one bold and named: no meaning by position or style alone."""
    words = [f"*{one.capitalize()}*" if one == present else one.capitalize() for one in Phase]
    return f"*Phase: {present}*  ({', '.join(words)})"


def _contained(now: IncidentStatus) -> str:
    at = now.incident.contained_at
    return f"Yes, since {moment(at)}" if at else "*Not yet*"


def _closed(now: IncidentStatus) -> str:
    incident = now.incident
    if incident.closed_at is None:
        return ""
    return f"{moment(incident.closed_at)} by {person(incident.closed_by or '')}"


def _next_thing(now: IncidentStatus) -> str:
    """The one thing that moves this incident on, for somebody who has just woken up."""
    if now.incident.phase == Phase.CLOSED:
        return "nothing, it is closed. Its ledger and channel are kept."
    waiting = [plan for plan in now.plans if plan.state == PlanState.PROPOSED]
    if waiting:
        return f"decide on {_plan_names([plan.number for plan in waiting])} below in this channel."
    trouble = [
        plan for plan in now.plans if plan.state in (PlanState.FAILED, PlanState.STOPPED, PlanState.STALE)
    ]
    if trouble:
        return f"look at {_plan_names([plan.number for plan in trouble])}: it did not go through."
    if any(one.step.state == "running" and one.step.kind == "evidence" for one in now.steps):
        return "wait for the evidence, which is being collected."
    return _next_by_people(now)


def _next_by_people(now: IncidentStatus) -> str:
    open_tasks = [task for task in now.tasks if task.state == "open"]
    if open_tasks:
        return f"{inline(open_tasks[0].title)} ({count(len(open_tasks), 'open task')})."
    if any(plan.state in (PlanState.APPROVED, PlanState.RUNNING) for plan in now.plans):
        return "wait for the approved change to be carried out."
    if now.incident.contained_at:
        return "check that nothing is left to do, then `/s3incident close`."
    return "the playbook is at work; nothing is asked of you."


def _plan_names(numbers: list[int]) -> str:
    return ("plan " if len(numbers) == 1 else "plans ") + ", ".join(str(number) for number in numbers)


def _step(line: StepLine) -> str:
    why = str(line.step.result.get("sentence") or "") if line.step.state == "failed" else ""
    said = f": {inline(why, 160)}" if why else ""
    return (
        f"{inline(line.title, 120)} ({line.phase}) {STEP_WORDS.get(line.step.state, line.step.state)}{said}"
    )


def _plans(now: IncidentStatus) -> list[Block]:
    lines = [
        f"Plan {plan.number}: {inline(str(plan.body['title']), 160)}: *{plan.state}*"
        for plan in now.plans
        if plan.state != PlanState.REPLACED
    ]
    block = kit.paragraph("Changes", lines, elsewhere="")
    return [block] if block else []


def _entry(entry: TimelineEntry) -> str:
    return f"{moment(entry.at, '{time}')} {person(entry.actor)}: {inline(entry.text, 200)}"
