"""The plan that takes a change back: itself planned, approved and run like any other."""

from __future__ import annotations

from bot.remediation import sentences
from bot.remediation.catalogue import remediation
from bot.remediation.errors import Refused
from bot.remediation.plan import Plan


def undo_plan(plan: Plan) -> Plan:
    """The undo of a plan that ran. It starts from the state that plan left, and ends in the one it found, but
    for what its card said cannot be restored.

    Raises Refused when there is nothing to undo it with, or when it is an undo itself.
    """
    if plan.undoes:
        raise Refused(sentences.UNDO_OF_UNDO)
    if not plan.undo:
        raise Refused(sentences.NOT_REVERSIBLE)
    row = remediation(plan.remediation)
    return plan.model_copy(
        update={
            "title": f"{row.undo_verb} {plan.target.label}",
            "verb": row.undo_verb,
            "calls": plan.undo,
            "undo": plan.calls,
            "base_hash": plan.final_hash,
            "before": plan.after,
            "after": row.undone(plan.before),
            "affected": (),
            "irreversible": (),
            "impact": None,
            "aws_verdicts": (),
            "warnings": (row.undo_warning,),
            "undoes": plan.digest,
        }
    )
