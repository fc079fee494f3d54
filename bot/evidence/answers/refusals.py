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
_BLOCKED = re.compile(r"(?:prevented|blocked) by the ((?:BlockPublic|RestrictPublic|IgnorePublic)\w+)")
_SAYS = (
    (_DENIES, "an explicit deny in the {}"),
    (_ALLOWS_NOT, "no {} that allows it"),
    (_BLOCKED, "Block Public Access ({})"),
)

#: Messages are AWS's, and repeat what the caller sent: the layer stands at their end.
_TAIL = 400


def layer(message: str | None) -> str | None:
    """`an explicit deny in the resource-based policy`; None where the message names no layer.

    The last words count: what the caller wrote (an object key) stands before what AWS says of it.
    """
    text = (message or "")[-_TAIL:]
    matches = [(match.end(), words, match[1]) for pattern, words in _SAYS for match in pattern.finditer(text)]
    if not matches:
        return None
    _, words, named = max(matches)
    return words.format(named if named.startswith(("Block", "Restrict", "Ignore")) else named.lower())


def stopped_by(refused: Iterable[Event]) -> str:
    """` Stopped by: no identity-based policy that allows it (3).`; empty where no record says."""
    layers = Counter(filter(None, (layer(event.error_message) for event in refused)))
    if not layers:
        return ""
    shown = ", ".join(f"{name} ({count})" for name, count in layers.most_common(4))
    return f" Stopped by: {shown}."
