"""The form in which several changes are approved with one click: all listed, each still its own plan."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from slack_sdk.models.blocks import Block, CheckboxesElement, InputBlock, Option
from slack_sdk.models.views import View

from bot.incidents.plan_states import PlanState
from bot.incidents.policies import needed
from bot.remediation.diff import diff
from bot.remediation.plan import Plan
from bot.slack import names
from bot.slack.cards import kit
from bot.slack.cards.plan_further import waits_for
from bot.slack.cards.text import bullets, code, count, moment, nearby, one_line, told
from bot.store import plans
from bot.store.tables.incidents import Incident
from bot.store.tables.plans import PlanRow
from bot.store.types import Tx

#: A view takes 100 blocks; a change needs up to seven of them.
MOST = 12
DIFF = 1_200


def waiting(tx: Tx, incident_id: int, user_id: str) -> list[PlanRow]:
    """What waits in the incident and is not this person's own, in the order in which it would run."""
    found = [one for one in plans.of_incident(tx, incident_id) if one.state == PlanState.PROPOSED]
    open_ = [one for one in found if one.requested_by != user_id and not _said_yes(tx, one, user_id)]
    first = {one.batch_id: one.number for one in reversed(found)}
    return sorted(open_, key=lambda one: (first[one.batch_id], one.batch_position, one.number))


def draw(tx: Tx, incident: Incident, rows: Sequence[PlanRow], channel_id: str) -> View:
    """Those that can be undone are ticked already. At most MOST at a time; the others are counted."""
    blocks: list[Block] = [kit.section(_intro(rows))]
    for place, row in enumerate(rows[:MOST]):
        blocks += [kit.divider(), *_change(tx, row, place)]
    return View(
        type="modal",
        callback_id=names.TOGETHER_FORM,
        private_metadata=json.dumps({"incident_id": incident.id, "channel_id": channel_id}),
        title=kit.plain(f"Decide in {incident.name}", 24),
        submit=kit.plain("Approve ticked", 24),
        close=kit.plain("Back", 24),
        blocks=blocks,
    )


def _intro(rows: Sequence[PlanRow]) -> str:
    rest = f" {len(rows) - MOST} more follow when these are decided." if len(rows) > MOST else ""
    return (
        f"*{count(len(rows), 'change')} to decide on.* What you tick is approved with one click, each change"
        f" under its own hash, and runs in this order. What you leave out goes on waiting.{rest}"
    )


def _change(tx: Tx, row: PlanRow, place: int) -> Iterator[Block]:
    plan = Plan.model_validate(row.body)
    yield _tick(row, plan, place)
    facts = bullets(_facts(tx, row, plan))
    yield kit.section(f"{told(row.reason, 500)}\n{facts}".strip())
    yield kit.preformatted(diff(plan.before, plan.after) or "(no visible difference)", DIFF)
    warned = [told(one) for one in (*plan.irreversible, *plan.warnings)]
    if notes := kit.paragraph("Know before you approve", warned, elsewhere="see Details"):
        yield notes
    details = kit.actions(
        kit.button("Details", names.DETAILS, f"{row.id}:{row.digest}", label=f"Details of {plan.title}")
    )
    yield from [details] if details else []


def _facts(tx: Tx, row: PlanRow, plan: Plan) -> Iterator[str]:
    calls = ", ".join(code(f"{call.service}:{call.operation}") for call in plan.calls[:8])
    more = f" and {len(plan.calls) - 8} more" if len(plan.calls) > 8 else ""
    does = (
        f"Calls {calls}{more}"
        if plan.calls
        else f"A person does it by hand, in {count(len(plan.guide), 'step')}"
    )
    yield f"{does} in account {code(plan.account_id)}. {_undo(plan)}"
    if plan.affected:
        yield f"Feels it: {told(nearby(' '.join(plan.affected), row.account_id), 600)}"
    have, need = len(plans.approvals(tx, row.id)), needed(row)
    yield f"Plan {row.number}, needs {count(need, 'approval')}, has {have}; until {moment(row.expires_at)}."
    if first := waits_for(tx, row):
        yield first


def _undo(plan: Plan) -> str:
    if not plan.undo:
        return "*It cannot be undone.*"
    return "*Its undo restores only a part.*" if plan.irreversible else "It can be undone."


def _tick(row: PlanRow, plan: Plan, place: int) -> InputBlock:
    """The change's title with a box: ticked beforehand where the undo brings everything back."""
    label = kit.plain(one_line(f"{place + 1}. {nearby(plan.title, row.account_id)}"), 300)
    option = Option(value=f"{row.id}:{row.digest}", text=kit.plain(f"Approve plan {row.number}", 75))
    safe = bool(plan.undo) and not plan.irreversible
    boxes = CheckboxesElement(
        action_id=names.VALUE, options=[option], initial_options=[option] if safe else None
    )
    return InputBlock(block_id=f"{names.CHOSEN}.{place:02}", label=label, element=boxes, optional=True)


def _said_yes(tx: Tx, row: PlanRow, user_id: str) -> bool:
    return any(one.user_id == user_id for one in plans.approvals(tx, row.id))
