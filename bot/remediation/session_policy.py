"""The session policy of one approved step: its calls, its reads, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from bot.remediation import sentences
from bot.remediation.errors import SplitStep
from bot.remediation.plan import Permission, Plan

#: STS API Reference, AssumeRole: Policy has at most 2,048 characters.
LIMIT = 2048


def session_policy(plan: Plan) -> str:
    """The exact actions on the exact ARNs, as JSON without spaces. Raises SplitStep when it is too long."""
    permissions = [permission for call in plan.calls for permission in call.permissions]
    statements = list(_statements([*permissions, *plan.reads]))
    text = json.dumps({"Version": "2012-10-17", "Statement": statements}, separators=(",", ":"))
    if len(text) > LIMIT:
        raise SplitStep(sentences.split_step(len(text), LIMIT))
    return text


def _statements(permissions: Iterable[Permission]) -> Iterable[dict[str, Any]]:
    """One statement for each pair of resource and condition, with all its actions."""
    grouped: dict[str, tuple[Permission, list[str]]] = {}
    for permission in permissions:
        where = json.dumps([permission.resource, permission.condition], sort_keys=True)
        actions = grouped.setdefault(where, (permission, []))[1]
        if permission.action not in actions:
            actions.append(permission.action)
    for first, actions in grouped.values():
        statement: dict[str, Any] = {"Effect": "Allow", "Action": actions, "Resource": first.resource}
        yield {**statement, "Condition": first.condition} if first.condition else statement
