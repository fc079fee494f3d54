"""Which remediations there are."""

from __future__ import annotations

from bot.remediation import sentences
from bot.remediation.bucket_policy import RemovePublicStatements
from bot.remediation.contract import Remediation
from bot.remediation.credentials import DeactivateAccessKey, DenyAllUser
from bot.remediation.errors import NoSuchRemediation

#: In the order in which a leaked key is contained: the user first, while the key still shows what it does.
CATALOGUE: tuple[Remediation, ...] = (DenyAllUser(), DeactivateAccessKey(), RemovePublicStatements())


def listing() -> tuple[Remediation, ...]:
    """Every remediation, in catalogue order."""
    return CATALOGUE


def remediation(row: str) -> Remediation:
    """The remediation of a row such as `R18`. Raises NoSuchRemediation, naming the rows there are."""
    for one in CATALOGUE:
        if one.row == row:
            return one
    raise NoSuchRemediation(sentences.no_such_row(row, [one.row for one in CATALOGUE]))
