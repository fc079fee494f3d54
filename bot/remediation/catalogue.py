"""Which remediations there are: every module of `bot.remediation.rows` that has a REMEDIATION."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from bot.remediation import rows as folder
from bot.remediation import sentences
from bot.remediation.contract import Remediation
from bot.remediation.errors import NoSuchRemediation


@cache
def listing() -> tuple[Remediation, ...]:
    """Every remediation, in the order of containment. A new one is a new file in `rows`, and nothing else."""
    modules = [
        importlib.import_module(f"{folder.__name__}.{module.name}")
        for module in pkgutil.iter_modules(folder.__path__)
    ]
    found: list[Remediation] = [one.REMEDIATION for one in modules if hasattr(one, "REMEDIATION")]
    return tuple(sorted(found, key=lambda one: (one.order, one.row)))


def remediation(row: str) -> Remediation:
    """The remediation of a row such as `R18`. Raises NoSuchRemediation, naming the rows there are."""
    for one in listing():
        if one.row == row:
            return one
    raise NoSuchRemediation(sentences.no_such_row(row, [one.row for one in listing()]))
