"""The incident's channel exists: the playbook may begin, and what waited for it may be posted."""

from __future__ import annotations

from bot.incidents import jobs, sentences
from bot.incidents.recording import BOT, record
from bot.store import incidents, outbox
from bot.store.jobs import enqueue
from bot.store.types import Tx


def channel_ready(tx: Tx, incident_id: int, channel_id: str) -> bool:
    """Remembers the channel and starts the playbook. False, changing nothing, when there was one already."""
    if not incidents.set_channel(tx, incident_id, channel_id):
        return False
    outbox.release_waiting(tx, incident_id)
    record(tx, incident_id, BOT, "channel.ready", sentences.CHANNEL_READY, channel_id=channel_id)
    enqueue(tx, jobs.PLAYBOOK_ADVANCE, incident_id=incident_id)
    return True
