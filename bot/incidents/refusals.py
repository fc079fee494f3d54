"""Refused clicks: each leaves an entry in the ledger, and a button works for its own incident only."""

from __future__ import annotations

from bot.incidents import halting_sentences as sentences
from bot.incidents.approvals import Decision
from bot.store import incidents, ledger, plans
from bot.store.types import Tx


def misplaced(tx: Tx, plan_id: str, channel_id: str) -> Decision | None:
    """The refusal of a click in the channel of an incident that the plan does not belong to."""
    plan = plans.get(tx, plan_id)
    here = incidents.by_channel(tx, channel_id) if channel_id else None
    if plan is None or here is None or here.id == plan.incident_id:
        return None
    its = incidents.get(tx, plan.incident_id)
    return Decision("refused", sentences.other_incident(its.name if its else "another incident", here.name))


def noted(tx: Tx, plan_id: str, user_id: str, decision: Decision) -> Decision:
    """The same decision, with an entry in the ledger where it is a refusal."""
    if decision.kind == "refused":
        plan = plans.get(tx, plan_id)
        incident_id = plan.incident_id if plan else None
        ledger.append(tx, user_id, "plan.refused", incident_id, plan_id=plan_id, why=decision.sentence)
    return decision
