"""Points in time as people read them; UTC, since whoever reads may be anywhere."""

from __future__ import annotations

from datetime import UTC, datetime


def utc(moment: datetime) -> str:
    """`2026-11-23 13:54:07 UTC`, the form that cards turn into the reader's own time.

    Without a zone it is taken to be UTC. Fractions of a second are left out: the plan keeps them.
    """
    own = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return f"{own:%Y-%m-%d %H:%M:%S} UTC"


def read_utc(text: str) -> str:
    """The same for an ISO 8601 text; any other text as it is."""
    try:
        return utc(datetime.fromisoformat(text))
    except ValueError:
        return text
