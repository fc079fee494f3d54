"""Who may decide about a plan, how many must, and when they are reminded: the policy it was proposed under.

A policy is resolved once, when the change is ordered, and kept with the plan: an edit of the playbook
changes the next incident, not the plan that people are looking at. It can ask for more than the catalogue,
never for less.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

from pydantic import BaseModel, ConfigDict, Field

from bot.remediation.catalogue import listing
from bot.store import ledger, plans
from bot.store.tables.plans import Approval, PlanRow
from bot.store.types import Tx

#: The ledger's name for an approval by the requester alone.
BREAK_GLASS = "plan.break_glass"
#: In `break_glass`: whoever may approve the change may also break the glass.
APPROVERS = "approvers"


class ApprovalPolicy(BaseModel):
    """The policy of one plan, severity already considered.

    Attributes:
        approvers: Slack user group ids (S...) and user ids of those who may decide; empty:
            S3INCIDENT_APPROVERS. escalate_to: who may decide too once nobody answered; empty:
            S3INCIDENT_ESCALATE_TO. break_glass: the requesters who may, with a reason, approve alone what
            they asked for themselves: ids, or `approvers`; empty: nobody.
        remind_minutes: when those who may decide are first reminded; the pause doubles each time.
        escalate_minutes: when the wider group is asked. None: never.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str = ""
    approvers: tuple[str, ...] = ()
    escalate_to: tuple[str, ...] = ()
    break_glass: tuple[str, ...] = ()
    remind_minutes: int | None = Field(default=15, ge=1)
    escalate_minutes: int | None = Field(default=30, ge=1)


def policy_of(plan: PlanRow) -> ApprovalPolicy:
    """The policy that the plan was proposed under."""
    return ApprovalPolicy.model_validate(plan.policy or {})


def deciders(plan: PlanRow, approvers: Sequence[str], escalate_to: Sequence[str]) -> tuple[str, ...]:
    """The ids of those who may decide now; the arguments are the settings, for a policy that names nobody."""
    policy = policy_of(plan)
    wider = (policy.escalate_to or tuple(escalate_to)) if plan.escalated_at else ()
    return tuple(dict.fromkeys((*(policy.approvers or approvers), *wider)))


def glass_breakers(plan: PlanRow, approvers: Sequence[str]) -> tuple[str, ...]:
    """The ids of those who may break the glass when they asked for the change themselves."""
    policy = policy_of(plan)
    found: dict[str, None] = {}
    for one in policy.break_glass:
        found.update(dict.fromkeys((policy.approvers or approvers) if one == APPROVERS else (one,)))
    return tuple(found)


def needed(plan: PlanRow) -> int:
    """How many people must agree: what was asked for, and never less than the catalogue says of its row."""
    least = [one.approvals for one in listing() if one.row == plan.remediation]
    return max(plan.required_approvals, *least, 1)


def counting(tx: Tx, plan: PlanRow) -> list[Approval]:
    """Those that count, to whatever digest: by others than the requester, or a recorded break-glass."""
    return [
        one
        for one in plans.approvals(tx, plan.id)
        if one.user_id != plan.requested_by or broke_glass(tx, plan, one)
    ]


def broke_glass(tx: Tx, plan: PlanRow, approval: Approval) -> bool:
    """Whether this is a break-glass that the policy allows and the ledger has, of this plan and digest.

    The row alone proves nothing: whoever can write it cannot also write the chain that was published.
    """
    if not approval.break_glass or not policy_of(plan).break_glass:
        return False
    recorded = {"plan_id": plan.id, "digest": approval.digest}
    with closing(ledger.entries(tx, plan.incident_id)) as entries:
        return any(
            one.action == BREAK_GLASS
            and one.actor == approval.user_id
            and recorded.items() <= one.detail.items()
            for one in entries
        )
