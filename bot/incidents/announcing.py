"""Saying loudly that a requester approved alone: ledger, timeline, channel, and each approver directly."""

from __future__ import annotations

from bot.incidents import jobs, sentences
from bot.incidents.people import Person
from bot.incidents.policies import BREAK_GLASS
from bot.incidents.recording import record
from bot.store import ledger, outbox
from bot.store.jobs import enqueue
from bot.store.tables.plans import PlanRow
from bot.store.types import Tx


def tell_broken_glass(tx: Tx, plan: PlanRow, person: Person, reason: str) -> None:
    """In the transaction of the approval itself, which does not count without the ledger's entry."""
    text = sentences.glass_broken(plan.number, str(plan.body["title"]), reason)
    detail = {"plan_id": plan.id, "digest": plan.digest, "reason": reason}
    record(tx, plan.incident_id, person.user_id, BREAK_GLASS, text, **detail)
    args = {"plan_id": plan.id, "user_id": person.user_id}
    key = f"glass:{plan.id}:{ledger.head(tx).seq}"
    outbox.say(tx, key, outbox.incident_place(plan.incident_id), "break_glass", args)
    enqueue(tx, jobs.APPROVAL_ANNOUNCE, dedupe_key=key, key=key, plan_id=plan.id, user_id=person.user_id)
