"""The catalogue as people and programs read it: entries, and the table of this room's README."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.remediation.contract import Remediation

_HEAD = (
    "| row | what it does | named by | permissions | undo | people |",
    "|---|---|---|---|---|---|",
)


def entry(one: Remediation) -> dict[str, Any]:
    """One remediation as JSON. `approvals` is the least number of people who must agree."""
    return {
        "id": one.name,
        "row": one.row,
        "family": one.family,
        "mode": one.mode,
        "reversible": one.reversible,
        "approvals": one.approvals,
        "permissions": list(one.permissions),
    }


def table(rows: Iterable[Remediation]) -> str:
    """A Markdown table, one line a remediation."""
    return "".join(f"{line}\n" for line in (*_HEAD, *map(_line, rows)))


def families(rows: Iterable[Remediation]) -> str:
    """A shorter Markdown table, one line a family: what can be changed, by row."""
    by_family: dict[str, list[Remediation]] = {}
    for one in rows:
        by_family.setdefault(one.family, []).append(one)
    lines = [f"| {family} | {' · '.join(map(_named, members))} |" for family, members in by_family.items()]
    return "".join(f"{line}\n" for line in ("| what | changes |", "|---|---|", *lines))


def _named(one: Remediation) -> str:
    by_hand = " (a person does it)" if one.mode == "guided" else ""
    return f"{one.row} {one.title[:1].lower()}{one.title[1:]}{by_hand}"


def _line(one: Remediation) -> str:
    named = ", ".join([*map(_code, one.wants), *(f"{_code(name)} if wanted" for name in one.optional)])
    permissions = ", ".join(map(_code, one.permissions))
    undo = "yes" if one.reversible else "no"
    return f"| {one.row} | {one.title} | {named} | {permissions} | {undo} | {one.approvals} |"


def _code(text: str) -> str:
    return f"`{text}`"
