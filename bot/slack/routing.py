"""Where a message of the outbox goes, and whether it is its turn."""

from __future__ import annotations

from dataclasses import dataclass

from bot.slack.posting import Place
from bot.store import incidents, outbox
from bot.store.tables.work import OutboxMessage
from bot.store.types import Tx, utcnow

NO_CHANNEL_PAUSE = 1.0
TURN_PAUSE = 0.05
# A message that was refused this often holds up the later ones no more.
PATIENCE = 4


@dataclass(frozen=True)
class Wait:
    seconds: float
    why: str


def route(tx: Tx, message: OutboxMessage) -> Place | Wait:
    """The place, or how long to wait. One channel's messages are posted in the order they were written."""
    if message.channel_id and message.slack_ts:
        return Place(message.channel_id)
    if message.card == "home":
        return Place(str(message.user_id))
    channel = _channel(tx, message.destination)
    if channel is None:
        return Wait(NO_CHANNEL_PAUSE, "the incident's channel is not there yet")
    if not message.user_id and (ahead := _ahead(tx, message)):
        pause = (ahead.due_at - utcnow()).total_seconds()
        return Wait(max(TURN_PAUSE, pause), f"{ahead.key} comes first")
    return Place(channel, _thread(tx, message))


def _channel(tx: Tx, destination: str) -> str | None:
    kind, _, number = destination.partition(":")
    if kind != "incident":
        return destination
    incident = incidents.get(tx, int(number))
    return incident.channel_id if incident else None


def _ahead(tx: Tx, message: OutboxMessage) -> OutboxMessage | None:
    """The earliest message for the same place that is not posted yet."""
    for other in outbox.pending(tx):
        if other.id >= message.id:
            return None
        first_post = other.sent == 0 and not other.user_id and other.attempts < PATIENCE
        if first_post and other.destination == message.destination:
            return other
    return None


def _thread(tx: Tx, message: OutboxMessage) -> str | None:
    """The parent's ts. A parent that could not be posted is no reason to keep this from people."""
    parent = outbox.find(tx, message.thread_of) if message.thread_of else None
    return parent.slack_ts if parent else None
