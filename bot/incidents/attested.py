"""Whether the ledger says what the approvals of a plan say: asked once more before anything is called.

Rows of a table can be written by whoever reaches the database. An entry of the ledger cannot be made to fit
afterwards: its hash is over what it says, and the head of the chain has been published.
"""

from __future__ import annotations

from contextlib import closing

from bot.incidents import policies
from bot.incidents.policies import BREAK_GLASS
from bot.store import ledger
from bot.store.tables.ledger import LedgerEntry
from bot.store.tables.plans import PlanRow
from bot.store.types import Tx

_APPROVING = frozenset({"plan.counted", "plan.approved", BREAK_GLASS})


def disagrees(tx: Tx, plan: PlanRow) -> bool:
    """Whether an entry about this plan was altered, or a yes that counts is in no entry."""
    mine = _entries(tx, plan)
    if any(ledger.entry_hash(one) != one.hash for one in mine):
        return True
    said = {(one.actor, one.detail.get("digest")) for one in mine if one.action in _APPROVING}
    return any((one.user_id, one.digest) not in said for one in policies.counting(tx, plan))


def _entries(tx: Tx, plan: PlanRow) -> list[LedgerEntry]:
    with closing(ledger.entries(tx, plan.incident_id)) as found:
        return [one for one in found if one.detail.get("plan_id") == plan.id]
