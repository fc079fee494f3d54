"""The cases of every row: those of all modules here named `cases` or `cases_...`."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

from tests.remediation.rows.cases import Case


def _all() -> tuple[Case, ...]:
    names = sorted(one.name for one in pkgutil.iter_modules([str(Path(__file__).parent)]))
    modules = [importlib.import_module(f"{__package__}.{name}") for name in names if name.startswith("cases")]
    return tuple(case for module in modules for case in module.CASES)


CASES = _all()
