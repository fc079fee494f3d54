"""The page behind Details: exactly what will run, and while the plan waits, the form that approves it.

Every call with its full parameters, the diff, who is affected, the undo, the session policy, the steps of a
guide. Nothing is cut: what does not fit goes on further pages, and the last one has the Approve button.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from bot.config import Settings
from bot.incidents.plan_states import PlanState
from bot.incidents.policies import deciders, needed
from bot.remediation import impact_sentences
from bot.remediation.diff import diff
from bot.remediation.errors import SplitStep
from bot.remediation.plan import Call, Plan
from bot.remediation.session_policy import session_policy
from bot.remediation.words.sweeping import objects as how_many
from bot.slack import names
from bot.slack.cards import kit, paging, plan_progress
from bot.slack.cards.text import code, count, group_or_person, inline, moment, person, told
from bot.store import plans
from bot.store.tables.plans import Approval, JournalEntry, PlanRow
from bot.store.types import Tx

WHOLE = 10_000


def draw(tx: Tx, row: PlanRow, settings: Settings, number: int = 0, channel_id: str = "") -> View:
    """One page of it, from 0; a number beyond the last one is the last one."""
    plan = Plan.model_validate(row.body)
    every = paging.split([*_head(tx, row, plan, settings), *_body(tx, row, plan)])
    number = min(number, len(every) - 1)
    last = number == len(every) - 1
    approvable = last and row.state == PlanState.PROPOSED
    of = f" ({number + 1} of {len(every)})" if len(every) > 1 else ""
    return View(
        type="modal",
        callback_id=names.APPROVE_FORM,
        private_metadata=json.dumps({"plan_id": row.id, "digest": row.digest, "channel_id": channel_id}),
        title=kit.plain(f"Plan {row.number}{of}", 24),
        submit=kit.plain("Approve", 24) if approvable else None,
        close=kit.plain("Close", 24),
        blocks=[*every[number], *_turning(row, number, len(every))],
    )


def _turning(row: PlanRow, number: int, pages: int) -> list[Block]:
    found = []
    if number > 0:
        found.append(kit.button("Back", f"{names.TURN_PAGE}.1", f"{row.id}:{row.digest}:{number - 1}"))
    if number < pages - 1:
        value = f"{row.id}:{row.digest}:{number + 1}"
        found.append(kit.button("Next page", f"{names.TURN_PAGE}.2", value, style="primary"))
    buttons = kit.actions(*found)
    return [buttons] if buttons else []


def _head(tx: Tx, row: PlanRow, plan: Plan, settings: Settings) -> Iterator[Block]:
    yield kit.section(f"*{told(plan.title, 600)}*\n{plan_progress.sentence(tx, row)}")
    yield kit.fields(
        target=code(plan.target.id, 1800),
        account=f"{code(plan.account_id)}, {code(plan.region)}",
        requested_by=person(row.requested_by),
        undo=count(len(plan.undo), "call") if plan.undo else "*None*",
    )
    yield from paging.prose("Why", row.reason)
    yield kit.section("\n".join(_who(tx, row, settings)))
    if settings.dry_run:
        yield kit.section("*Dry run: nothing will be changed in AWS.*")


def _who(tx: Tx, row: PlanRow, settings: Settings) -> Iterator[str]:
    who = deciders(row, settings.approvers, settings.escalate_to)
    whom = ", ".join(map(group_or_person, who)) or "nobody is set"
    need = count(needed(row), "approval")
    yield f"*Who decides*\nNeeds {need} from {whom}; never from {person(row.requested_by)}, who asked for it."
    yield from (_yes(one) for one in plans.approvals(tx, row.id))


def _yes(approval: Approval) -> str:
    alone = f", breaking the glass: {inline(approval.break_glass, 900)}" if approval.break_glass else ""
    return f"• {person(approval.user_id)} said yes {moment(approval.at)}{alone}"


def _body(tx: Tx, row: PlanRow, plan: Plan) -> Iterator[Block]:
    yield from _journal(tx, row)
    yield from _guide(plan)
    yield from paging.titled("What changes (before `-`, after `+`)", diff(plan.before, plan.after, WHOLE))
    yield from _calls("Calls", plan.calls, plan)
    yield from paging.whole("Who else feels it", plan.affected)
    yield from paging.whole("Know before you approve", plan.warnings)
    yield from paging.whole("Cannot be undone", plan.irreversible)
    yield from _impact(plan)
    yield from _calls("Calls that undo it", plan.undo, plan)
    yield from paging.titled("Session policy: all that the credentials of this step can do", _policy(plan))
    yield kit.context(
        f"Plan hash {code(row.digest)}", f"Hash of the state it was computed from {code(row.base_hash)}"
    )


def _guide(plan: Plan) -> Iterator[Block]:
    for number, step in enumerate(plan.guide, start=1):
        yield from paging.titled(f"By hand, step {number} of {len(plan.guide)}", step)


def _calls(title: str, calls: Iterable[Call], plan: Plan) -> Iterator[Block]:
    for number, call in enumerate(calls, start=1):
        elsewhere = f" in {code(call.region)}" if call.region and call.region != plan.region else ""
        each = f", for each of {how_many(call.each.items)} of {call.each.sha256}" if call.each else ""
        name = code(f"{call.service}:{call.operation}")
        yield kit.section(f"*{title}, {number}:* {name}{elsewhere}{each}")
        yield from kit.pages(_json(call.params))


def _impact(plan: Plan) -> list[Block]:
    """AWS's own word on the policy, what is said on the card, and the whole table of recorded requests."""
    lines = [impact_sentences.verdict(one) for one in plan.aws_verdicts]
    rows: list[Block] = []
    if plan.impact:
        lines += [impact_sentences.totals(plan.impact), *impact_sentences.told(plan.impact)]
        every = "\n".join(impact_sentences.all_rows(plan.impact))
        rows = paging.titled("Recorded requests, by what becomes of them", every) if every else []
    return [*paging.whole("What it does to the requests that were recorded", lines), *rows]


def _journal(tx: Tx, row: PlanRow) -> Iterator[Block]:
    execution = plans.execution_of(tx, row.id)
    if execution is None:
        return
    session = f"Session {code(execution.session_name)}, source identity {code(execution.source_identity)}"
    yield kit.context(session)
    yield from paging.whole("What was called", [_entry(entry) for entry in plans.journal(tx, execution.id)])


def _entry(entry: JournalEntry) -> str:
    request = f", request {entry.request_id}" if entry.request_id else ""
    error = f": {entry.error}" if entry.error else ""
    return f"{entry.service}:{entry.operation} {entry.state}{request}{error}"


def _policy(plan: Plan) -> str:
    try:
        return _json(json.loads(session_policy(plan)))
    except SplitStep as error:
        return str(error)


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
