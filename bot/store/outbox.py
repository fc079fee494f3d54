"""The outbox: what people shall see in Slack, written in the transaction that makes it true.

A message is a row with a key. `show` posts it the first time and edits it in place ever after: it only
raises the wanted version, so ten changes in a second are one edit. Delivery (bot.slack.delivery) claims
rows with a lease, draws the card from the present state, and marks the version that people now see.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import Insert, bindparam, or_, select, update

from bot.store.database import wake
from bot.store.statements import dialect, insert_into, table
from bot.store.tables.work import OutboxMessage
from bot.store.types import JsonObject, Tx, utcnow

LEASE = timedelta(seconds=30)
MAX_ATTEMPTS = 12
_OUTBOX = table(OutboxMessage)
_REFRESH = (
    update(_OUTBOX)
    .where(_OUTBOX.c.key == bindparam("of"))
    .values(wanted=_OUTBOX.c.wanted + 1, state="pending", due_at=bindparam("now"), attempts=0)
)
_KNOWN = select(_OUTBOX.c.id).where(_OUTBOX.c.key == bindparam("key"))


@dataclass(frozen=True)
class Place:
    """Where a message goes: `channel` is a channel id or `incident:N`; `user_id` makes it ephemeral."""

    channel: str
    user_id: str | None = None
    thread_of: str | None = None


def incident_place(incident_id: int, thread_of: str | None = None) -> Place:
    return Place(f"incident:{incident_id}", thread_of=thread_of)


def show(tx: Tx, key: str, place: Place, card: str, args: JsonObject) -> None:
    """Posts the card under this key, or edits the message that is already there."""
    now = utcnow()
    values = {
        "key": key,
        "destination": place.channel,
        "user_id": place.user_id,
        "card": card,
        "args": args,
        "thread_of": place.thread_of,
        "wanted": 1,
        "sent": 0,
        "state": "pending",
        "attempts": 0,
        "due_at": now,
        "created_at": now,
    }
    tx.execute(_show(dialect(tx)), values)
    wake(tx)


@cache
def _show(name: str) -> Insert:
    insert = insert_into(name, OutboxMessage)
    given = {name: insert.excluded[name] for name in ("card", "args", "state", "due_at", "attempts")}
    return insert.on_conflict_do_update(
        index_elements=["key"], set_={**given, "wanted": _OUTBOX.c.wanted + 1}
    )


def say(tx: Tx, key: str, place: Place, card: str, args: JsonObject) -> None:
    """Posts once: the same key again changes nothing."""
    if tx.execute(_KNOWN, {"key": key}).first() is None:
        show(tx, key, place, card, args)


def refresh(tx: Tx, key: str) -> None:
    """Draws an existing message anew from the present state; nothing happens when there is none."""
    tx.execute(_REFRESH, {"of": key, "now": utcnow()})
    wake(tx)


def posted(tx: Tx, place: Place, card: str) -> list[OutboxMessage]:
    """The messages with this card that people see at the place, or are about to."""
    at_place = OutboxMessage.destination == place.channel
    seen = OutboxMessage.attempted_at.is_not(None)
    return list(tx.scalars(select(OutboxMessage).where(at_place, OutboxMessage.card == card, seen)))


def find(tx: Tx, key: str) -> OutboxMessage | None:
    return tx.scalar(select(OutboxMessage).where(OutboxMessage.key == key))


def claim(tx: Tx, lease: timedelta = LEASE) -> OutboxMessage | None:
    """Takes the oldest message that is due and free, or None."""
    now = utcnow()
    free = (
        select(OutboxMessage.id)
        .where(
            OutboxMessage.state == "pending",
            OutboxMessage.due_at <= now,
            or_(OutboxMessage.lease_until.is_(None), OutboxMessage.lease_until < now),
        )
        .order_by(OutboxMessage.due_at, OutboxMessage.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return tx.scalar(
        update(OutboxMessage)
        .where(OutboxMessage.id == free.scalar_subquery())
        .values(lease_until=now + lease, attempts=OutboxMessage.attempts + 1)
        .returning(OutboxMessage)
    )


def attempting(tx: Tx, message: OutboxMessage) -> None:
    """Notes that the post is about to be sent: after a crash, look before posting again."""
    tx.execute(update(OutboxMessage).where(OutboxMessage.id == message.id).values(attempted_at=utcnow()))


def delivered(tx: Tx, message: OutboxMessage, version: int, channel_id: str, slack_ts: str | None) -> None:
    """Marks what people now see. Stays pending when a newer version was wanted meanwhile."""
    tx.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == message.id)
        .values(sent=version, channel_id=channel_id, slack_ts=slack_ts, lease_until=None, last_error=None)
    )
    tx.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == message.id, OutboxMessage.wanted <= version)
        .values(state="sent", attempts=0)
    )


def postpone(tx: Tx, message: OutboxMessage, until: datetime, why: str) -> None:
    """Tries again later without counting the attempt (rate limit, channel not there yet)."""
    tx.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == message.id)
        .values(due_at=until, lease_until=None, attempts=OutboxMessage.attempts - 1, last_error=why)
    )


def refuse(tx: Tx, message: OutboxMessage, why: str, *, final: bool = False) -> None:
    """Notes a failure and tries again with growing pauses; `final` (or too many) gives up."""
    over = final or message.attempts >= MAX_ATTEMPTS
    pause = timedelta(seconds=min(2**message.attempts, 300))
    tx.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == message.id)
        .values(
            state="failed" if over else "pending",
            due_at=utcnow() + pause,
            lease_until=None,
            attempted_at=None,
            last_error=why,
        )
    )


def pending(tx: Tx) -> list[OutboxMessage]:
    return list(
        tx.scalars(select(OutboxMessage).where(OutboxMessage.state == "pending").order_by(OutboxMessage.id))
    )


def release_waiting(tx: Tx, incident_id: int) -> None:
    """The incident's channel now exists: its messages need not wait any longer."""
    tx.execute(
        update(OutboxMessage)
        .where(OutboxMessage.destination == f"incident:{incident_id}", OutboxMessage.state == "pending")
        .values(due_at=utcnow())
    )
    wake(tx)


def next_due(tx: Tx) -> datetime | None:
    query = select(OutboxMessage.due_at).where(OutboxMessage.state == "pending")
    return tx.scalar(query.order_by(OutboxMessage.due_at).limit(1))
