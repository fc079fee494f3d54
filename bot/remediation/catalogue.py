"""Which remediations there are."""

from __future__ import annotations

from bot.remediation.bucket_policy import RemovePublicStatements
from bot.remediation.contract import Remediation
from bot.remediation.credentials import DeactivateAccessKey, DenyAllUser

#: In the order in which a leaked key is contained: the user first, while the key still shows what it does.
CATALOGUE: tuple[Remediation, ...] = (DenyAllUser(), DeactivateAccessKey(), RemovePublicStatements())


def listing() -> tuple[Remediation, ...]:
    """Every remediation, in catalogue order."""
    return CATALOGUE


def remediation(row: str) -> Remediation:
    """The remediation of a row such as `R18`. Raises KeyError, naming the rows there are."""
    for one in CATALOGUE:
        if one.row == row:
            return one
    raise KeyError(f"There is no remediation {row}; there are {', '.join(one.row for one in CATALOGUE)}.")
