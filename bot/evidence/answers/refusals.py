"""Which layer stopped a refused call: S3 and other services name it in errorMessage (domain 1.2).

Source: "Troubleshoot access denied (403 Forbidden) errors" of the S3 user guide. Only one layer is named,
and requesters of another organization see a bare "Access Denied".
"""

import re
from collections import Counter
from collections.abc import Iterable

from bot.evidence.events import Event

_DENIES = re.compile(r"explicit deny in an? ([a-z -]+?(?:policy|boundary))", re.IGNORECASE)
_ALLOWS_NOT = re.compile(r"because no ([a-z -]+?(?:policy|boundary)) allows", re.IGNORECASE)
_BLOCKED = re.compile(
    r"(?:prevented|blocked) by the (BlockPublic\w+|RestrictPublic\w+|IgnorePublic\w+) ", re.IGNORECASE
)

#: Messages are AWS's, and repeat what the caller sent: the layer stands at their end.
_TAIL = 400


def layer(message: str | None) -> str | None:
    """`an explicit deny in the resource-based policy`; None where the message names no layer."""
    text = (message or "")[-_TAIL:]
    if match := _last(_DENIES, text):
        return f"an explicit deny in the {match.lower()}"
    if match := _last(_ALLOWS_NOT, text):
        return f"no {match.lower()} that allows it"
    if match := _last(_BLOCKED, f"{text} "):
        return f"Block Public Access ({match})"
    return None


def _last(pattern: re.Pattern[str], text: str) -> str | None:
    """The last match: what the caller wrote stands before what AWS says."""
    found = pattern.findall(text)
    return str(found[-1]) if found else None


def stopped_by(refused: Iterable[Event]) -> str:
    """` Stopped by: no identity-based policy that allows it (3).`; empty where no record says."""
    layers = Counter(filter(None, (layer(event.error_message) for event in refused)))
    if not layers:
        return ""
    shown = ", ".join(f"{name} ({count})" for name, count in layers.most_common(4))
    return f" Stopped by: {shown}."
