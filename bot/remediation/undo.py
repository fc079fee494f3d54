"""The plan that takes a change back: itself planned, approved and run like any other."""

from __future__ import annotations

from bot.remediation import sentences
from bot.remediation.catalogue import remediation
from bot.remediation.errors import Refused
from bot.remediation.plan import Call, Plan, State, compared


def undo_plan(plan: Plan) -> Plan:
    """The undo of a plan that ran. It starts from the state that plan left, and ends in the one it found, but
    for what its card said cannot be restored.

    Raises Refused when there is nothing to undo it with, or when it is an undo itself.
    """
    return _undo(plan, plan.calls, plan.undo, plan.final_hash, plan.after)


def undo_of_part(plan: Plan, made: int, state: State) -> Plan:
    """The undo of the first `made` calls of a plan that halted after them. `state`: what AWS shows now.

    The undo is a chain of states from the last to the first: it is entered where AWS stands.
    Raises Refused as `undo_plan`, and when that chain does not pass through this state.
    """
    if not made:
        raise Refused(sentences.NOTHING_RAN)
    left = plan.calls[made - 1].after
    chain = [plan.final_hash, *(call.after for call in plan.undo)]
    if plan.undo and left not in chain:
        raise Refused(sentences.NOT_IN_PARTS)
    rest = plan.undo[chain.index(left) :] if plan.undo else ()
    return _undo(plan, plan.calls[:made], rest, left, state)


def _undo(plan: Plan, ran: tuple[Call, ...], calls: tuple[Call, ...], base: str, before: State) -> Plan:
    if plan.undoes:
        raise Refused(sentences.UNDO_OF_UNDO)
    if not calls:
        raise Refused(sentences.NOT_REVERSIBLE)
    row = remediation(plan.remediation)
    return plan.model_copy(
        update={
            "title": f"{row.undo_verb} {plan.target.label}",
            "verb": row.undo_verb,
            "calls": calls,
            "undo": ran,
            "base_hash": base,
            "before": before,
            "after": compared(row.undone(plan.before)),
            "affected": (),
            "irreversible": (),
            "impact": None,
            "aws_verdicts": (),
            "warnings": (row.undo_warning,),
            "undoes": plan.digest,
        }
    )
