"""Who replicates into the bucket whose policy a plan changes: what the lock-out guard must know beside it."""

from __future__ import annotations

from dataclasses import replace

from bot.aws.fact import ask
from bot.aws.gateway import Gateway
from bot.aws.replication import replication_into
from bot.incidents import sentences
from bot.remediation.contract import PlanContext
from bot.remediation.plan import Plan, Target


def with_replication(reader: Gateway, target: Target, context: PlanContext) -> tuple[PlanContext, str]:
    """The context with the roles that replicate into the bucket; what to say if that is not known."""
    found = ask(lambda: replication_into(reader, target.label))
    if found.value is None:
        return context, sentences.replication_unknown(target.label, found.unknown or "")
    unread = found.value.unread
    unsure = sentences.replication_unread(target.label, unread) if unread else ""
    return replace(context, replicating=found.value.roles), unsure


def warned(plan: Plan, unsure: str) -> Plan:
    """The plan with that said to its approver."""
    return plan.model_copy(update={"warnings": (*plan.warnings, unsure)}) if unsure else plan
