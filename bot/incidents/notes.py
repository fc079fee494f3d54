"""Notes: what a person wants to stand in the timeline."""

from __future__ import annotations

from bot.incidents import sentences
from bot.incidents.recording import record
from bot.store import incidents
from bot.store.types import Tx


def add_note(tx: Tx, incident_id: int, user_id: str, text: str) -> str | None:
    """Adds the note; a sentence instead when there is nothing to add or no such incident."""
    if not text.strip():
        return sentences.EMPTY_NOTE
    if incidents.get(tx, incident_id) is None:
        return sentences.NO_SUCH_INCIDENT
    record(tx, incident_id, user_id, "note", text.strip())
    return None
