"""What every service does beside its change: ledger, timeline and the cards that show it."""

from __future__ import annotations

from typing import Any

from bot.evidence.redact import redact
from bot.incidents.opening import control_key
from bot.store import incidents, ledger, outbox
from bot.store.types import Tx

#: The actor of what happens by itself.
BOT = "s3incident"


def record(tx: Tx, incident_id: int, actor: str, action: str, text: str, **detail: Any) -> None:
    """One ledger entry and one timeline entry of the same act, and the control card drawn anew.

    Secrets that people pasted or AWS repeated are taken out of the text.
    """
    ledger.append(tx, actor, action, incident_id, **detail)
    incidents.add_timeline(tx, incident_id, actor, action, redact(text), **detail)
    outbox.refresh(tx, control_key(incident_id))


def notice(tx: Tx, incident_id: int, key: str, text: str) -> None:
    """A plain sentence in the incident's channel, said once under its key."""
    outbox.say(tx, key, outbox.incident_place(incident_id), "notice", {"text": redact(text)})


def plan_key(plan_id: str) -> str:
    """The outbox key of a plan's card."""
    return f"plan:{plan_id}"


def redraw(tx: Tx, incident_id: int, plan_id: str) -> None:
    """Draws the control card and the plan's card anew, in the order in which `record` does."""
    outbox.refresh(tx, control_key(incident_id))
    outbox.refresh(tx, plan_key(plan_id))
