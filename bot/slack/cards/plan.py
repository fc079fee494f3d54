"""The plan card: what exactly is proposed, to whom it happens, and the buttons that fit its state."""

from __future__ import annotations

from collections.abc import Sequence

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement, ConfirmObject, ContextBlock

from bot.config import Settings
from bot.incidents.plan_states import IN_FORCE, REPLACEABLE, PlanState
from bot.incidents.policies import deciders, needed, policy_of
from bot.remediation import impact_sentences
from bot.remediation.diff import diff
from bot.remediation.plan import Call, Plan
from bot.remediation.words.sweeping import objects as how_many
from bot.slack import names
from bot.slack.cards import in_words, kit, plan_further, plan_progress
from bot.slack.cards.gone import CardGoneError
from bot.slack.cards.text import and_more, code, count, group_or_person, inline, nearby, person, told
from bot.store import incidents, plans
from bot.store.tables.plans import PlanRow
from bot.store.types import JsonObject, Tx

DIFF = 2400
#: The longest sentence of a plan that a card shows whole.
SENTENCE = 480
IMPACT = "What it does to the requests that were recorded"


def draw(tx: Tx, settings: Settings, args: JsonObject) -> kit.Card:
    row = plans.get(tx, args["plan_id"])
    if row is None:
        raise CardGoneError(f"plan {args['plan_id']}")
    plan = Plan.model_validate(row.body)
    waits = row.state == PlanState.PROPOSED
    return kit.card(
        kit.header(f"{'Undo' if row.undoes else 'Change'}: {plan.verb} {plan.target.label}"),
        kit.section(plan_progress.sentence(tx, row)),
        *(_proposal(row, plan, settings) if waits else _summary(row, plan, settings)),
        *plan_further.guide(row, plan),
        _buttons(tx, row, plan),
    )


def _proposal(row: PlanRow, plan: Plan, settings: Settings) -> list[Block | None]:
    return [
        kit.section(f"*Why*\n{told(row.reason, 600)}") if row.reason else None,
        kit.fields(
            target=code(nearby(plan.target.id, row.account_id), 300),
            account=f"{code(row.account_id)}, {code(row.region)}",
            requested_by=person(row.requested_by),
            reversible=_reversible(plan),
        ),
        kit.section("*What changes* (before `-`, after `+`)"),
        kit.preformatted(diff(plan.before, plan.after) or "(no visible difference)", DIFF),
        kit.paragraph(
            f"What is called in AWS, in this order ({len(plan.calls)})", [_call(c) for c in plan.calls[:10]]
        ),
        _list(IMPACT, impact_sentences.told(plan.impact), row) if plan.impact else None,
        _list("Who else feels it", plan.affected, row),
        _list("Know before you approve", plan.warnings, row),
        _list("Cannot be undone", plan.irreversible, row),
        *_verdicts(plan),
        _small_print(row, settings),
    ]


def _verdicts(plan: Plan) -> list[Block | None]:
    """AWS's own word on the policy, in one small line; a difference is a warning of its own as well."""
    said = [told(impact_sentences.verdict(one)) for one in plan.aws_verdicts]
    return [kit.context(*said)] if said else []


def _list(title: str, sentences: Sequence[str], row: PlanRow) -> Block | None:
    return kit.paragraph(
        title, [told(nearby(one, row.account_id), SENTENCE) for one in sentences], elsewhere="see Details"
    )


def _summary(row: PlanRow, plan: Plan, settings: Settings) -> list[Block | None]:
    """After the decision: what it was in one small line; all the rest stays under Details."""
    calls = and_more([code(f"{call.service}:{call.operation}") for call in plan.calls], 3) or "hand"
    target = code(nearby(plan.target.id, row.account_id))
    # What the header leaves out, such as whom a bucket's policy now denies.
    more = plan.title != f"{plan.verb} {plan.target.label}"
    title = f"{told(nearby(plan.title, row.account_id))}: " if more else ""
    return [
        kit.context(f"{title}{target} in account {code(row.account_id)}, by {calls}. {_which(row, settings)}")
    ]


def _reversible(plan: Plan) -> str:
    if not plan.undo:
        return "*No*"
    return "Partly, see below" if plan.irreversible else f"Yes, by {count(len(plan.undo), 'call')}"


def _call(call: Call) -> str:
    times = f"for each of {how_many(call.each.items)}, " if call.each else ""
    return f"{code(f'{call.service}:{call.operation}')} {times}{inline(_short(call), 160)}"


def _short(call: Call) -> str:
    """The parameters that fit on a line; Details has them all in full."""
    shown = [
        f"{name} {value}"
        for name, value in call.params.items()
        if isinstance(value, str) and len(value) < 100
    ]
    hidden = len(call.params) - len(shown)
    return ", ".join(shown) + (f" and {count(hidden, 'more parameter')} (Details)" if hidden else "")


def _small_print(row: PlanRow, settings: Settings) -> ContextBlock:
    ids = deciders(row, settings.approvers, settings.escalate_to)
    who = ", ".join(group_or_person(one) for one in ids) or "nobody is set"
    need = count(needed(row), "approval")
    return kit.context(
        f"Needs {need} from {who}; never from {person(row.requested_by)}, who asked for it.",
        f"{_which(row, settings)} The hash covers every call; what runs is exactly that.",
    )


def _which(row: PlanRow, settings: Settings) -> str:
    dry = " *Dry run: nothing will be changed in AWS.*" if settings.dry_run else ""
    return f"Plan {row.number} ({inline(row.remediation, 20)}), hash {code(row.digest[:16])}.{dry}"


def _buttons(tx: Tx, row: PlanRow, plan: Plan) -> ActionsBlock | None:
    value = f"{row.id}:{row.digest}"
    found: list[ButtonElement] = []
    if row.state == PlanState.PROPOSED:
        found += [approve_button(plan, value), reject_button(plan, value)]
        found += [glass_button(plan, value)] if policy_of(row).break_glass else []
    if plan.undo and row.state in IN_FORCE and not row.undoes and not _undo_under_way(tx, row):
        found.append(
            kit.button("Undo…", names.UNDO, value, confirm=_confirm_undo(plan), label=f"Undo {plan.title}")
        )
    found += plan_further.buttons(tx, row, plan, value)
    if row.state in REPLACEABLE and not _closed(tx, row):
        found.append(kit.button("Plan again", names.PLAN_AGAIN, value, label=f"Plan again: {plan.title}"))
    found.append(kit.button("Details", names.DETAILS, value, label=f"Details of {plan.title}"))
    return kit.actions(*found)


def approve_button(plan: Plan, value: str) -> ButtonElement:
    calls = f"{in_words.calls(plan)}, right away" if plan.calls else "a person does it, as the card says"
    dialog = kit.confirm(
        "Approve this change?",
        f"{plan.verb} {plan.target.label} in account {plan.account_id}: {calls}. It {in_words.undo(plan)}.",
        "Approve",
        "Back",
    )
    return kit.button(
        "Approve", names.APPROVE, value, style="primary", confirm=dialog, label=f"Approve {plan.title}"
    )


def reject_button(plan: Plan, value: str) -> ButtonElement:
    return kit.button("Reject…", names.REJECT, value, label=f"Reject {plan.title}")


def glass_button(plan: Plan, value: str) -> ButtonElement:
    """For the one who asked for the change, when nobody else is there. A form asks why."""
    return kit.button("Break glass…", names.BREAK_GLASS, value, label=f"Break glass for {plan.title}")


def _confirm_undo(plan: Plan) -> ConfirmObject:
    text = f"This proposes to put back what was there before '{plan.title}'. Another person must approve it."
    return kit.confirm("Ask for the undo?", text, "Ask for it", "Back")


def _closed(tx: Tx, row: PlanRow) -> bool:
    incident = incidents.get(tx, row.incident_id)
    return incident is not None and incident.closed_at is not None


def _undo_under_way(tx: Tx, row: PlanRow) -> bool:
    waiting = (PlanState.PROPOSED, PlanState.APPROVED, PlanState.RUNNING)
    return any(undo.state in waiting for undo in plans.undo_of(tx, row.id))
