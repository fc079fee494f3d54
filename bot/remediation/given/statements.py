"""A policy document without one of its statements. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.policy.change import Document, statements_of
from bot.policy.document import PolicyError, parse
from bot.policy.tighten import without_statements
from bot.remediation.denying import several
from bot.remediation.errors import NothingToDo, Refused
from bot.remediation.words import rights as words


def without(document: Document, wanted: str, label: str) -> Document | None:
    """The document without the statements that are named by Sid or by number, counted from 1.

    None when no statement remains. Raises NothingToDo where it has none of them, Refused where the document
    is not understood.
    """
    try:
        sids = [statement.sid for statement in parse(document).statements]
    except PolicyError as error:
        raise Refused(words.not_understood(label, str(error))) from error
    found = [index for one in several(wanted) for index in _positions(one, sids)]
    if not found:
        raise NothingToDo(words.no_such_statement(label, wanted))
    return without_statements(document, sorted(set(found)))


def denies_in(before: Document, after: Document | None) -> int:
    """How many Deny statements go: what they held back is allowed again."""
    left = statements_of(after) if after else []
    return sum(one.get("Effect") == "Deny" and one not in left for one in statements_of(before))


def _positions(wanted: str, sids: Sequence[str | None]) -> list[int]:
    """By Sid; where none has it, by its number."""
    found = [index for index, sid in enumerate(sids) if sid == wanted]
    if not found and wanted.isdigit() and 1 <= int(wanted) <= len(sids):
        found = [int(wanted) - 1]
    return found
