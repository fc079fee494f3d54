"""What the holders of a policy did, by the requests of the evidence: no more than it can tell of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.policy.context import UNKNOWN
from bot.policy.document import Policy
from bot.policy.least_privilege import Use
from bot.policy.request import Request
from bot.remediation.contract import PlanContext, RecordedRequests
from bot.remediation.errors import Refused
from bot.remediation.plan import Target
from bot.remediation.words import rights as words


def log_of(target: Target, holders: Sequence[str], context: PlanContext) -> RecordedRequests:
    """The evidence, where it has all that the holders did. Raises Refused where it does not."""
    log = context.log
    if log is None:
        raise Refused(words.no_requests(target.label))
    if "management events" in log.unseen:
        raise Refused(words.management_not_recorded(target.label))
    suspects = {one.principal for one in context.observed if one.label == "suspect"}
    for arn in holders:
        if not _followed(arn, suspects):
            raise Refused(words.not_followed(target.label, arn))
    return log


def _followed(arn: str, suspects: set[str]) -> bool:
    """Whether the evidence has everything of a user, or of a role by one of its sessions."""
    account, name = arn.split(":")[4], arn.rsplit("/", 1)[-1]
    session = f":{account}:assumed-role/{name}/"
    return arn in suspects or (":role/" in arn and any(session in one for one in suspects))


def uses_of(log: RecordedRequests, holders: Sequence[str], unknown: Mapping[str, Any]) -> Iterator[Use]:
    """What the policy's holders did, and was not refused. Raises OSError where the evidence is gone."""
    for one in log:
        if one.allowed is not False and {one.issuer, one.principal} & set(holders):
            request = Request(one.principal, one.action, one.resource, context={**unknown, **one.context})
            yield Use(request, one.attacker)


def unknown(policy: Policy) -> dict[str, Any]:
    """Keys that the policy asks for and a log need not tell: never taken for absent."""
    return {one.key.lower(): UNKNOWN for statement in policy.statements for one in statement.conditions}
