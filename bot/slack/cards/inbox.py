"""What waits for one person: each change with its buttons, the soonest to expire first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from slack_sdk.models.blocks import Block, ButtonElement

from bot.config import Settings
from bot.incidents.plan_states import PlanState
from bot.incidents.policies import needed
from bot.remediation.plan import Plan
from bot.slack import names
from bot.slack.cards import in_words, kit
from bot.slack.cards.alerts import decide_button
from bot.slack.cards.plan import approve_button, glass_button, reject_button
from bot.slack.cards.text import channel, count, inline, moment
from bot.store import incidents, plans
from bot.store.tables.incidents import Incident
from bot.store.tables.plans import PlanRow
from bot.store.types import JsonObject, Tx

#: So many with buttons; a message takes 50 blocks.
MOST = 12
TITLE = "Waiting for your approval"
NOTHING = f"*{TITLE}*\nNothing waits for you."


def draw(tx: Tx, settings: Settings, args: JsonObject) -> kit.Card:  # noqa: ARG001
    """The answer to `/s3incident approvals`."""
    return kit.card(*blocks(tx, args))


def blocks(tx: Tx, args: JsonObject) -> list[Block]:
    """`args` says who may do what, as it was when this was asked for; what is decided since is left out."""
    decide, glass = _waiting(tx, args, "decide"), _waiting(tx, args, "glass")
    found: list[Block | None] = [kit.section(_head(len(decide)) if decide else NOTHING)]
    found += _together(decide)
    for row in decide[:MOST]:
        found += _change(tx, row, (approve_button, reject_button))
    for row in glass[: MOST // 2]:
        found += _change(tx, row, (glass_button,))
    found.append(_others(tx, args))
    return [one for one in found if one is not None]


def _head(waiting: int) -> str:
    rest = f" Here are the first {MOST}; the others follow when these are decided." if waiting > MOST else ""
    return f"*{TITLE}: {count(waiting, 'change')}*{rest}"


def _waiting(tx: Tx, args: JsonObject, kind: str) -> list[PlanRow]:
    found = [plans.get(tx, plan_id) for plan_id in args.get(kind, ())]
    open_ = [one for one in found if one is not None and one.state == PlanState.PROPOSED]
    return sorted(open_, key=lambda one: (one.expires_at, one.incident_id, one.number))


def _change(tx: Tx, row: PlanRow, makers: Sequence[object]) -> Iterator[Block | None]:
    plan, value = Plan.model_validate(row.body), f"{row.id}:{row.digest}"
    yield kit.section(_line(tx, row, plan))
    details = kit.button("Details", names.DETAILS, value, label=f"Details of {plan.title}")
    made: list[ButtonElement] = [make(plan, value) for make in makers]  # type: ignore[operator]
    yield kit.actions(*made, details)


def _together(decide: Sequence[PlanRow]) -> Iterator[Block | None]:
    """One button for each incident in which several wait."""
    several = {one: many for one, many in Counter(row.incident_id for row in decide).items() if many > 1}
    for incident_id, many in several.items():
        yield kit.actions(decide_button(incident_id, many))


def _others(tx: Tx, args: JsonObject) -> Block | None:
    """What this person can only wait for."""
    lines = [f"You approved {_short(tx, row)}: {_missing(tx, row)}." for row in _waiting(tx, args, "agreed")]
    lines += [
        f"You asked for {_short(tx, row)}: another person decides." for row in _waiting(tx, args, "own")
    ]
    return kit.paragraph("Waiting for others", lines, elsewhere="")


def _missing(tx: Tx, row: PlanRow) -> str:
    return f"{needed(row) - len(plans.approvals(tx, row.id))} more needed"


def _line(tx: Tx, row: PlanRow, plan: Plan) -> str:
    have = f" It has {len(yes)} of {needed(row)} approvals." if (yes := plans.approvals(tx, row.id)) else ""
    title = inline(plan.title, 200)
    return f"{_where(tx, row)}: *{title}*\nIt {in_words.undo(plan)}.{have} Expires {moment(row.expires_at)}."


def _short(tx: Tx, row: PlanRow) -> str:
    return f"{_where(tx, row)} ({inline(str(row.body['title']), 120)})"


def _where(tx: Tx, row: PlanRow) -> str:
    incident = incidents.get(tx, row.incident_id)
    return f"{_name(incident)}, plan {row.number}" if incident else f"plan {row.number}"


def _name(incident: Incident) -> str:
    return channel(incident.channel_id) if incident.channel_id else incident.name
