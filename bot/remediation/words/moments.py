"""Points in time as people read them; UTC, since whoever reads may be anywhere."""

from __future__ import annotations

import re
from datetime import UTC, datetime

#: What fromisoformat takes beside it, such as 20261123, may be the id of something.
_ISO = re.compile(r"\d{4}-\d\d-\d\dT")


def utc(moment: datetime) -> str:
    """`2026-11-23 13:54:07 UTC`, the form that cards turn into the reader's own time.

    Without a zone it is taken to be UTC. Fractions of a second are left out: the plan keeps them.
    """
    own = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return f"{own:%Y-%m-%d %H:%M:%S} UTC"


def read_utc(text: str) -> str:
    """The same for an ISO 8601 text; any other text as it is."""
    if not _ISO.match(text):
        return text
    try:
        return utc(datetime.fromisoformat(text))
    except ValueError:
        return text
