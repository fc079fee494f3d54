"""The control card: pinned in the incident's channel and edited in place, the one place to look first."""

from __future__ import annotations

from slack_sdk.models.blocks import Block

from bot.config import Settings
from bot.incidents.phases import Phase
from bot.incidents.plan_states import PlanState
from bot.incidents.queries import IncidentStatus, status
from bot.incidents.recording import BOT
from bot.slack import names
from bot.slack.cards import kit, plan_progress, playbook
from bot.slack.cards.alerts import decide_button
from bot.slack.cards.gone import CardGoneError
from bot.slack.cards.text import and_more, code, count, inline, moment, person, quote, told
from bot.store.tables.incidents import TimelineEntry
from bot.store.types import JsonObject, Tx

TAIL = 3
ENTRY = 110


def draw(tx: Tx, settings: Settings, args: JsonObject) -> kit.Card:  # noqa: ARG001
    now = status(tx, args["incident_id"])
    if now is None:
        raise CardGoneError(f"incident {args['incident_id']}")
    return kit.card(
        kit.header(f"{now.incident.name}: {now.incident.bucket}"),
        kit.section(f"*Next:* {_next_thing(now)}"),
        _facts(now),
        _known(now),
        _titled("Playbook", playbook.summary(now.steps, over=now.incident.phase == Phase.CLOSED)),
        _plans(tx, now),
        _buttons(now),
        kit.paragraph("Latest", [_entry(one) for one in now.tail[-TAIL:]], elsewhere=""),
    )


def _facts(now: IncidentStatus) -> Block:
    incident = now.incident
    return kit.fields(
        contained=_contained(now),
        phase=_phase(incident.phase),
        severity=f"SEV{incident.severity}",
        account=f"{code(incident.account_id)}, {code(incident.region)}",
        opened=f"{moment(incident.opened_at)} by {person(incident.opened_by)}",
        closed=_closed(now),
    )


def _phase(present: str) -> str:
    phases = [one.value for one in Phase]
    return f"{present.capitalize()} ({phases.index(present) + 1} of {len(phases)})"


def _known(now: IncidentStatus) -> Block | None:
    """What was suspected, and what the evidence says of it."""
    evidence = f"*Evidence:* {inline(now.evidence, 600)}" if now.evidence else ""
    return _titled("Suspected", quote(now.incident.suspicion, 500), evidence)


def _titled(title: str, text: str, after: str = "") -> Block | None:
    own = f"*{title}*\n{text}" if text.strip() else ""
    both = "\n".join(part for part in (own, after) if part)
    return kit.section(both) if both else None


def _contained(now: IncidentStatus) -> str:
    at = now.incident.contained_at
    return f"Yes, since {moment(at)}" if at else "*Not yet*"


def _closed(now: IncidentStatus) -> str:
    incident = now.incident
    if incident.closed_at is None:
        return ""
    return f"{moment(incident.closed_at)} by {person(incident.closed_by or '')}"


_TROUBLE = frozenset({PlanState.FAILED, PlanState.STOPPED, PlanState.STALE, PlanState.HALTED})


def _next_thing(now: IncidentStatus) -> str:
    """The one thing that moves this incident on, for somebody who has just woken up."""
    if now.incident.phase == Phase.CLOSED:
        return "nothing, it is closed. Its ledger and channel are kept."
    waiting = [plan for plan in now.plans if plan.state == PlanState.PROPOSED]
    if waiting:
        return f"decide on {_plan_names([plan.number for plan in waiting])} below in this channel."
    trouble = [plan for plan in now.plans if plan.state in _TROUBLE]
    if trouble:
        return f"look at {_plan_names([plan.number for plan in trouble])}: it did not go through."
    failed = [one.title for one in now.steps if one.step.state == "failed"]
    if failed and not now.incident.contained_at:
        return f"see to what failed: {inline(failed[0])}."
    if any(one.step.state == "running" and one.step.kind == "evidence" for one in now.steps):
        return "wait for the evidence, which is being collected."
    return _next_by_people(now)


def _next_by_people(now: IncidentStatus) -> str:
    by_hand = [plan.number for plan in now.plans if plan.state == PlanState.WAITING]
    if by_hand:
        return f"do by hand what the card of {_plan_names(by_hand)} says; the bot sees when it is done."
    open_tasks = [task for task in now.tasks if task.state == "open"]
    if open_tasks:
        return f"{inline(open_tasks[0].title)} ({count(len(open_tasks), 'open task')})."
    if any(plan.state in (PlanState.APPROVED, PlanState.RUNNING) for plan in now.plans):
        return "wait for the approved change to be carried out."
    if now.incident.contained_at:
        return "check that nothing is left to do, then `/s3incident close`."
    return "the playbook is at work; nothing is asked of you."


def _buttons(now: IncidentStatus) -> Block | None:
    """Where several changes wait, one form for all of them; and one to ask for another change."""
    if now.incident.phase == Phase.CLOSED:
        return None
    waiting = sum(plan.state == PlanState.PROPOSED for plan in now.plans)
    together = [decide_button(now.incident.id, waiting)] if waiting > 1 else []
    ask = kit.button("Propose a change…", names.PROPOSE, str(now.incident.id))
    return kit.actions(*together, ask)


def _plan_names(numbers: list[int]) -> str:
    """`plan 3`, `plans 2 and 4`, `plans 1 to 3 and 7`."""
    spans: list[list[int]] = []
    for number in sorted(numbers):
        if spans and number == spans[-1][-1] + 1:
            spans[-1].append(number)
        else:
            spans.append([number])
    parts = [
        f"{one[0]} to {one[-1]}" if len(one) > 2 else and_more([str(n) for n in one], 2) for one in spans
    ]
    return f"{'plan' if len(numbers) == 1 else 'plans'} {and_more(parts, len(parts))}"


def _plans(tx: Tx, now: IncidentStatus) -> Block | None:
    """Number, title, and where each stands; those that were replaced are told of by the newer one."""
    shown = [plan for plan in now.plans if plan.state != PlanState.REPLACED]
    return kit.paragraph("Changes", [plan_progress.line(tx, plan) for plan in shown], elsewhere="")


def _entry(entry: TimelineEntry) -> str:
    """Whoever is not named is the bot."""
    who = f" {person(entry.actor)}" if entry.actor != BOT else ""
    return f"{moment(entry.at)}{who}: {told(_whole(_short(entry)), ENTRY)}"


def _whole(text: str) -> str:
    """Rather fewer sentences than half a one."""
    head = text[:ENTRY].rpartition(". ")[0] if len(text) > ENTRY else ""
    return f"{head}." if head else text


def _short(entry: TimelineEntry) -> str:
    """Without what stands elsewhere: the standards' words for a phase, and the reasons of a plan."""
    match entry.kind:
        case "phase.moved":
            return f"The phase is now {entry.detail['phase']}."
        case "plan.proposed":
            return entry.text.split(" Why: ")[0]
        case _:
            return entry.text
