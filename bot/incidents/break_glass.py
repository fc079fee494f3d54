"""Breaking the glass: a requester approves alone when nobody else is there, and everybody hears of it.

It counts as one person's yes, never as two: where two people are needed another one must agree all the same.
"""

from __future__ import annotations

from functools import partial

from bot.incidents import sentences
from bot.incidents.approvals import Decision, take_in, undecided
from bot.incidents.people import Person, may_act
from bot.incidents.policies import policy_of
from bot.store.tables.plans import PlanRow
from bot.store.types import Tx

#: A reason is a sentence, not a key that was pressed.
SHORTEST_REASON = 15


def break_glass(tx: Tx, plan_id: str, person: Person, digest: str, reason: str) -> Decision:
    """The requester's own yes, where the plan's policy allows it. The reason is told to every approver."""
    plan = undecided(tx, plan_id, digest, partial(may_break_glass, person))
    if isinstance(plan, Decision):
        return plan
    if len(reason.strip()) < SHORTEST_REASON:
        return Decision("refused", sentences.GLASS_REASON_NEEDED)
    return take_in(tx, plan, person, reason.strip())


def may_break_glass(person: Person, plan: PlanRow) -> str | None:
    """None when this person may approve this plan alone; else who may not, why, and what to do."""
    obstacles = (
        (not policy_of(plan).break_glass, sentences.GLASS_STAYS_WHOLE),
        (person.user_id != plan.requested_by, sentences.GLASS_IS_THE_REQUESTERS),
        (not person.may_break_glass, sentences.GLASS_NOT_YOURS),
    )
    return may_act(person) or next((sentence for stands, sentence in obstacles if stands), None)
