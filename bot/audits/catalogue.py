"""The checks: every module of `bot.audits.checks` that has a CHECK, in the order of their rows."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from bot.audits import checks as folder
from bot.audits.verdict import Check


@cache
def checks() -> tuple[Check, ...]:
    """All checks. A new one is a new file there, and nothing else."""
    found = [
        importlib.import_module(f"{folder.__name__}.{module.name}").CHECK
        for module in pkgutil.iter_modules(folder.__path__)
    ]
    return tuple(sorted(found, key=lambda check: (int(check.row[1:]), check.id)))


def title(check_id: str) -> str:
    """How people call a check; its id when it is no longer in the catalogue."""
    return next((check.title for check in checks() if check.id == check_id), check_id)
