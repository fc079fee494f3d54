"""The page behind Details: every call with its full parameters, permissions, undo, and the whole diff."""

from __future__ import annotations

import json
from collections.abc import Iterable

from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from bot.remediation import impact_sentences
from bot.remediation.diff import diff
from bot.remediation.errors import SplitStep
from bot.remediation.plan import Call, Plan
from bot.remediation.session_policy import session_policy
from bot.slack import modals
from bot.slack.cards import kit
from bot.slack.cards.text import code, inline
from bot.store import plans
from bot.store.tables.plans import JournalEntry, PlanRow
from bot.store.types import Tx

WHOLE = 10_000


def draw(tx: Tx, row: PlanRow) -> View:
    plan = Plan.model_validate(row.body)
    blocks: list[Block | None] = [
        kit.section(f"*{inline(plan.title, 300)}*"),
        kit.context(
            f"Plan hash {code(row.digest)}", f"Hash of the state it was computed from {code(row.base_hash)}"
        ),
        *_journal(tx, row),
        *_titled("What changes", diff(plan.before, plan.after, WHOLE)),
        *_calls("Calls", plan.calls),
        *_calls("Calls that undo it", plan.undo),
        *_titled("Session policy: all that the credentials of this step can do", _policy(plan)),
        *_impact(plan),
        kit.paragraph("Who else feels it", [inline(one) for one in plan.affected], elsewhere=""),
        kit.paragraph("Know before you approve", [inline(one) for one in plan.warnings], elsewhere=""),
        kit.paragraph("Cannot be undone", [inline(one) for one in plan.irreversible], elsewhere=""),
    ]
    return modals.page(f"Plan {row.number}", [block for block in blocks if block is not None])


def _calls(title: str, calls: Iterable[Call]) -> list[Block]:
    found: list[Block] = []
    for number, call in enumerate(calls, start=1):
        found.append(kit.section(f"*{title}, {number}:* {code(f'{call.service}:{call.operation}')}"))
        found += kit.pages(_json(call.params))
    return found


def _impact(plan: Plan) -> list[Block]:
    """The whole table of recorded requests, and AWS's own word on the policy."""
    lines = [impact_sentences.verdict(one) for one in plan.aws_verdicts]
    if plan.impact:
        lines += [impact_sentences.totals(plan.impact), *impact_sentences.told(plan.impact)]
        lines += impact_sentences.all_rows(plan.impact)
    return _titled("What it does to the requests that were recorded", "\n".join(lines)) if lines else []


def _titled(title: str, text: str) -> list[Block]:
    return [kit.section(f"*{inline(title)}*"), *kit.pages(text or "(nothing)")]


def _journal(tx: Tx, row: PlanRow) -> list[Block | None]:
    execution = plans.execution_of(tx, row.id)
    if execution is None:
        return []
    session = f"Session {code(execution.session_name)}, source identity {code(execution.source_identity)}"
    lines = [_entry(entry) for entry in plans.journal(tx, execution.id)]
    return [kit.context(session), kit.paragraph("What was called", lines, elsewhere="")]


def _entry(entry: JournalEntry) -> str:
    request = f", request {code(entry.request_id)}" if entry.request_id else ""
    error = f": {inline(entry.error)}" if entry.error else ""
    return f"{code(f'{entry.service}:{entry.operation}')} {entry.state}{request}{error}"


def _policy(plan: Plan) -> str:
    try:
        return _json(json.loads(session_policy(plan)))
    except SplitStep as error:
        return str(error)


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
