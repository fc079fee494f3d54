"""Before and after, as people compare them."""

from __future__ import annotations

import json
from difflib import unified_diff

from bot.remediation.plan import State, compared


def diff(before: State, after: State, context: int = 3) -> str:
    """The changed lines of the pretty JSON, with `context` lines around them. Empty when nothing changes.

    The order of keys is that of the document, as its author wrote it.
    """
    both = (_lines(compared(before)), _lines(compared(after)))
    lines = list(unified_diff(*both, n=context, lineterm=""))
    return "\n".join(lines[2:])  # without the names of files


def _lines(state: State) -> list[str]:
    return json.dumps(state, indent=2, ensure_ascii=False).splitlines()
