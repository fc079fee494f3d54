"""What the evidence card and its thread both say. Everything in it is untrusted."""

from __future__ import annotations

from collections.abc import Sequence

from bot.evidence.report import Actor, Coverage, Finding, Investigation
from bot.slack.cards.text import code, count, inline

ANSWER_WORDS = {"yes": "*Yes.*", "no": "*No.*", "cannot_know": "*Cannot know.*"}
ORDER = ("critical", "high", "medium", "low", "info")


def coverage_line(one: Coverage) -> str:
    """What was on or off: it decides what a "no" is worth."""
    line = f"{one.subject.capitalize()}: {ANSWER_WORDS[one.answer]} {inline(one.because)}"
    return line + (f" To change that: {inline(one.turn_on)}" if one.turn_on else "")


def short(principal: str, account_id: str | None = None) -> str:
    """`user/ci-deploy` of an ARN, with its account where that is another than `account_id`."""
    if not principal.startswith("arn:"):
        return code(principal, 100)
    account, name = principal.split(":", 5)[-2:] if principal.count(":") > 4 else ("", principal)
    foreign = account_id and account and account != account_id
    return f"{code(name, 100)} of account {code(account)}" if foreign else code(name, 100)


def taken(actor: Actor) -> str:
    """How many objects and bytes an actor got."""
    if not actor.get_object_calls:
        return "No object was handed to it, as far as the logs show."
    size = "an unknown number of bytes"
    if actor.bytes_out is not None:
        size = f"{'' if actor.bytes_exact else 'at least '}{count(actor.bytes_out, 'byte')}"
    objects = count(len(actor.objects_read), "object")
    return f"Took *{objects}* by {count(actor.get_object_calls, 'GetObject call')}: {size}."


def worst_first(found: Investigation) -> Sequence[Finding]:
    """The findings, the most severe first, those of one severity in order of time."""
    return sorted(found.findings, key=lambda one: ORDER.index(one.severity))
