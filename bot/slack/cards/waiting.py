"""What waits for a person: the proposed changes that this person has not decided and did not ask for."""

from __future__ import annotations

from bot.incidents.plan_states import PlanState
from bot.slack.cards.text import channel, inline, moment
from bot.store import incidents, plans
from bot.store.tables.incidents import Incident
from bot.store.tables.plans import PlanRow
from bot.store.types import Tx


def takes_part(tx: Tx, incident: Incident, user_id: str) -> bool:
    """Whether the person opened the incident or was invited to it."""
    return any(one.user_id == user_id for one in incidents.participants(tx, incident.id))


def lines(tx: Tx, user_id: str) -> list[str]:
    """One line for each change that waits for this person, the soonest to expire first."""
    found = [
        (plan.expires_at, _line(incident, plan))
        for incident in incidents.listing(tx)
        if takes_part(tx, incident, user_id)
        for plan in plans.of_incident(tx, incident.id)
        if _waits_for(tx, plan, user_id)
    ]
    return [line for _, line in sorted(found)]


def _waits_for(tx: Tx, plan: PlanRow, user_id: str) -> bool:
    if plan.state != PlanState.PROPOSED or plan.requested_by == user_id:
        return False
    return all(approval.user_id != user_id for approval in plans.approvals(tx, plan.id))


def _line(incident: Incident, plan: PlanRow) -> str:
    where = f" in {channel(incident.channel_id)}" if incident.channel_id else ""
    title = inline(str(plan.body["title"]))
    return f"*{incident.name}*, plan {plan.number}: {title}{where}, expires {moment(plan.expires_at)}"
