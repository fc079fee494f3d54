"""Who takes part in an incident: an incident is confidential to those."""

from __future__ import annotations

from bot.store import incidents
from bot.store.tables.incidents import Incident
from bot.store.types import Tx


def takes_part(tx: Tx, incident: Incident, user_id: str) -> bool:
    """Whether the person opened the incident or was invited to it."""
    return any(one.user_id == user_id for one in incidents.participants(tx, incident.id))
