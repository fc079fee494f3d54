"""Messages that call people: a reminder, the wider group being asked, and somebody having approved alone."""

from __future__ import annotations

from slack_sdk.models.blocks import ButtonElement

from bot.config import Settings
from bot.incidents.plan_states import PlanState
from bot.incidents.policies import deciders, needed
from bot.remediation.plan import Plan
from bot.slack import names
from bot.slack.cards import in_words, kit
from bot.slack.cards.gone import CardGoneError
from bot.slack.cards.text import (
    and_more,
    channel,
    code,
    group_or_person,
    inline,
    moment,
    person,
    quote,
)
from bot.store import incidents, plans
from bot.store.tables.plans import PlanRow
from bot.store.types import JsonObject, Tx

#: More than these are not called one by one.
MOST_CALLED = 30

HEADS = {
    "remind": "*Still waiting for a decision:*",
    "escalate": "*Nobody has decided in time, so more people are asked. They may decide from now on:*",
}


def reminder(tx: Tx, settings: Settings, args: JsonObject) -> kit.Card:  # noqa: ARG001
    """What of it still waits now; once it is posted, also that nothing does.

    Raises CardGoneError when all is decided before: then nobody is disturbed.
    """
    found = [one for plan_id in args["plans"] if (one := plans.get(tx, plan_id)) is not None]
    waiting = [one for one in found if one.state == PlanState.PROPOSED]
    if not waiting and not args.get("posted"):
        raise CardGoneError("everything is decided")
    if not waiting:
        return kit.card(kit.context(_all_over([one.number for one in found])))
    called = [group_or_person(one) for one in args["whom"]]
    rest = f" and {len(called) - MOST_CALLED} more" if len(called) > MOST_CALLED else ""
    return kit.card(
        kit.section(HEADS[args["why"]]),
        kit.paragraph("Proposed changes", [_line(tx, one) for one in waiting], elsewhere="see their cards"),
        kit.section(f"{' '.join(called[:MOST_CALLED])}{rest}: please approve or reject.") if called else None,
        kit.actions(decide_button(waiting[0].incident_id, len(waiting))),
        kit.context("Nothing is called before it is approved. What nobody decides is paused, not refused."),
    )


def decide_button(incident_id: int, changes: int) -> ButtonElement:
    """Opens the form with all changes of the incident that wait."""
    text = "Decide…" if changes == 1 else f"Decide on {changes} together…"
    return kit.button(text, names.DECIDE_TOGETHER, str(incident_id), style="primary")


def broken_glass(tx: Tx, settings: Settings, args: JsonObject) -> kit.Card:
    """The same in the channel and to each approver directly."""
    row = plans.get(tx, args["plan_id"])
    if row is None:
        raise CardGoneError(f"plan {args['plan_id']}")
    incident = incidents.get(tx, row.incident_id)
    assert incident is not None
    plan = Plan.model_validate(row.body)
    who = args["user_id"]
    reason = next((one.break_glass for one in plans.approvals(tx, row.id) if one.user_id == who), None)
    place = channel(incident.channel_id) if incident.channel_id else f"*{incident.name}*"
    alone = "It runs now." if needed(row) == 1 else f"It needs {needed(row)} approvals and counts as one."
    return kit.card(
        kit.header("BREAK-GLASS: approved by the person who asked for it"),
        kit.section(
            f"{person(who)} approved plan {row.number} in {place} alone: {inline(plan.title)}. {alone}"
        ),
        kit.section(f"*Why it could not wait*\n{quote(reason or '', 900)}"),
        kit.section(
            f"{_everybody(row, settings)}: look at it now. If it was wrong, ask for the undo on its card."
        ),
        kit.actions(
            kit.button("Details", names.DETAILS, f"{row.id}:{row.digest}", label=f"Details of {plan.title}")
        ),
        kit.context(f"{in_words.calls(plan)}, hash {code(row.digest[:16])}. It is in the report."),
    )


def _all_over(numbers: list[int]) -> str:
    which = and_more([str(one) for one in numbers], len(numbers))
    whose = f"{'plan' if len(numbers) == 1 else 'plans'} {which}"
    return f"This asked for a decision about {whose}: nothing of it waits any more."


def _everybody(row: PlanRow, settings: Settings) -> str:
    ids = deciders(row, settings.approvers, settings.escalate_to)
    return " ".join(group_or_person(one) for one in ids) or "Everybody"


def _line(tx: Tx, row: PlanRow) -> str:
    have = len(plans.approvals(tx, row.id))
    so_far = f", {have} of {needed(row)} approvals" if have else ""
    title = inline(str(row.body["title"]), 160)
    return f"*{row.number}* {title}{so_far}, until {moment(row.expires_at)}"
