"""What the remediations of access point policies share: which statements go, what remains, what it means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.policy.access_points import AccessPoint
from bot.policy.lockout import who_regains
from bot.remediation import outsiders, sentences
from bot.remediation.errors import BadTarget
from bot.remediation.plan import State, Target
from bot.remediation.words import access_points as words
from bot.remediation.words import outsiders as policy_words

#: S3 Control API Reference, CreateAccessPoint and CreateMultiRegionAccessPoint, `Name`.
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,48}[a-z0-9]")


@dataclass(frozen=True)
class Tightened:
    """The policy without outsiders, None where no statement remains, and what the card says of it."""

    document: dict[str, Any] | None
    affected: tuple[str, ...]
    warnings: tuple[str, ...]


def point_name(wanted: Mapping[str, str], parameter: str) -> str:
    """The access point that a proposal names, by its name or its ARN. Raises BadTarget."""
    name = wanted.get(parameter, "").rpartition("/")[2]
    if not _NAME.fullmatch(name):
        raise BadTarget(words.not_an_access_point(wanted.get(parameter, "")))
    return name


def tightened(target: Target, state: State) -> Tightened:
    """The policy in `AccessPointPolicy` without what is named or lets outsiders in.

    Raises Refused and NothingToDo.
    """
    account_id, document = target.params["account_id"], state["AccessPointPolicy"]
    policy = outsiders.understood(target.label, document)
    view = AccessPoint(target.id, policy).view(account_id)
    indexes = outsiders.chosen(target.label, policy, target.params.get("statement"), view)
    remaining = outsiders.without(document, indexes)
    after = None if remaining is None else outsiders.understood(target.label, remaining)
    regaining = who_regains(policy, after, account_id)
    warnings = [
        policy_words.keeps_statements(len(after.statements)) if after else words.NOTHING_REMAINS,
        *([sentences.regains(regaining)] if regaining else []),
        words.BUCKET_POLICY_TOO,
        words.BLOCKED_UNDO,
    ]
    return Tightened(remaining, tuple(outsiders.effects(policy, indexes, view)), tuple(warnings))
