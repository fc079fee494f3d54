"""A request as a log tells of it, and how its maker and place are named where many are counted together.

A log does not tell all that a policy may ask for: what it does not tell is unknown, never taken for absent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Final

NOBODY_NAMED: Final = "who it was"
"""What a decision depends on when the log names no more than the account of the caller."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One recorded request, or `count` equal ones; `at` is the time of the last of them, UTC.

    `principal`, `action` and `resource` are as in `bot.policy.request.Request`, for one permission that the
    request needed. `context` has the condition keys that the log tells, in lower case; an empty value says
    that the key was absent. `allowed`: what the log says came of it, None where that cannot be told.
    `issuer` is the user or role whose policies apply (a session's role, with its path). `attacker`: it is
    held against the attacker. `named` is False where only the caller's account is known; `principal` is then
    its root user.
    """

    principal: str
    action: str
    resource: str
    at: datetime
    allowed: bool | None
    context: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    access_key_id: str | None = None
    issuer: str | None = None
    attacker: bool = False
    named: bool = True
    count: int = 1


@lru_cache(maxsize=10_000)
def maker(principal: str) -> str:
    """Whom a principal is counted as: a role for all its sessions, everybody else for themselves."""
    head, session, rest = principal.partition(":assumed-role/")
    if not session:
        return principal
    return f"{head.replace(':sts:', ':iam:')}:role/{rest.partition('/')[0]}"


def prefix(resource: str) -> str:
    """The part of an object's key that it is counted under: up to the first `/`; empty for the rest."""
    _, _, key = resource.partition("/")
    first, slash, _ = key.partition("/")
    return first + slash if slash else ""
