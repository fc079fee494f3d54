"""What the evidence card and its thread both say. Everything in it is untrusted."""

from __future__ import annotations

from collections.abc import Sequence

from bot.evidence.report import Actor, Coverage, Finding, Investigation
from bot.slack.cards.text import code, count, inline, moment, told

ANSWER_WORDS = {"yes": "*Yes.*", "no": "*No.*", "cannot_know": "*Cannot know.*"}
ORDER = ("critical", "high", "medium", "low", "info")


def coverage_line(one: Coverage) -> str:
    """What was on or off: it decides what a "no" is worth."""
    line = f"{one.subject[:1].upper()}{one.subject[1:]}: {ANSWER_WORDS[one.answer]} {told(one.because)}"
    return line + (f" To change that: {inline(one.turn_on)}" if one.turn_on else "")


def short(principal: str, account_id: str | None = None) -> str:
    """`user/ci-deploy` of an ARN, with its account where that is another than `account_id`."""
    if not principal.startswith("arn:"):
        return code(principal, 100)
    account, name = principal.split(":", 5)[-2:] if principal.count(":") > 4 else ("", principal)
    foreign = account_id and account and account != account_id
    return f"{code(name, 100)} of account {code(account)}" if foreign else code(name, 100)


def taken(*actors: Actor, whole: bool) -> str:
    """How many objects and bytes they got; not `whole`: these are lower bounds."""
    takers = [one for one in actors if one.get_object_calls]
    calls = count(sum(one.get_object_calls for one in takers), "GetObject call")
    if not takers:
        return "No object was handed to it, as far as the logs show."
    return f"Took *{_objects(takers, whole=whole)}* by {calls}: {_bytes(takers, whole=whole)}."


def _objects(takers: Sequence[Actor], *, whole: bool) -> str:
    """Several may have taken the same objects: those that are listed are counted once."""
    most = max(max(one.distinct_objects, len(one.objects_read)) for one in takers)
    listed = len({key for one in takers for key in one.objects_read})
    least = not whole or (len(takers) > 1 and most > listed)
    return f"{'at least ' if least else ''}{count(max(most, listed), 'object')}"


def _bytes(takers: Sequence[Actor], *, whole: bool) -> str:
    known = [one.bytes_out for one in takers if one.bytes_out is not None]
    if not known:
        return "an unknown number of bytes"
    exact = whole and len(known) == len(takers) and all(one.bytes_exact for one in takers)
    return f"{'' if exact else 'at least '}{count(sum(known), 'byte')}"


def worst_first(found: Investigation) -> Sequence[Finding]:
    """The findings, the most severe first, those of one severity in order of time."""
    return sorted(found.findings, key=lambda one: ORDER.index(one.severity))


def clue_lines(found: Investigation) -> list[str]:
    """What other AWS services found, the most severe first."""
    worst = sorted(found.clues, key=lambda one: ORDER.index(one.severity))
    return [
        f"*{one.severity.capitalize()}, {one.source}:* {inline(one.title, 160)}"
        + (f", {moment(one.time)}" if one.time else "")
        for one in worst
    ]
