"""What a change does and whether it can be taken back, in the words that every card and form uses."""

from __future__ import annotations

from bot.remediation.plan import Plan
from bot.slack.cards.text import count


def calls(plan: Plan) -> str:
    """`3 AWS calls`, or `4 steps by hand` where a person does it."""
    return count(len(plan.calls), "AWS call") if plan.calls else f"{count(len(plan.guide), 'step')} by hand"


def undo(plan: Plan) -> str:
    """What follows `It`."""
    if not plan.undo:
        return "cannot be undone by the bot"
    return "cannot be undone completely" if plan.irreversible else "can be undone"
