"""What every service does beside its change: ledger, timeline and the cards that show it."""

from __future__ import annotations

from typing import Any

from bot.evidence.redact import redact
from bot.incidents.opening import control_key
from bot.store import incidents, ledger, outbox
from bot.store.tables.plans import PlanRow
from bot.store.types import Tx

#: The actor of what happens by itself.
BOT = "s3incident"
#: The outbox's card of messages that ask for a decision again, or ask more people.
REMINDER = "reminder"


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


def redraw_decided(tx: Tx, plan: PlanRow) -> None:
    """The same after a decision, or when there will be none: what else offers it is out of date.

    That is the card of the change that it would take back, and every reminder of it.
    """
    if plan.undoes is not None:
        outbox.refresh(tx, plan_key(plan.undoes))
    redraw(tx, plan.incident_id, plan.id)
    place = outbox.incident_place(plan.incident_id)
    for one in outbox.posted(tx, place, REMINDER):
        if plan.id in one.args["plans"]:
            outbox.show(tx, one.key, place, REMINDER, {**one.args, "posted": True})
