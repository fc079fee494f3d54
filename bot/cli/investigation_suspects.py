"""One suspect on the terminal: who, why with the points of each reason, with what, from where, when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bot.evidence.view import Suspect
from bot.evidence.view_words import nothing_suspicious_from, points
from bot.evidence.wording import called, short, some

#: Of each kind of fact so many are shown; the others are counted.
MOST = 12


def suspect_lines(one: Suspect) -> Iterator[RenderableType]:
    """A heading and a table of facts."""
    score = f"  (score {one.score})" if one.score is not None else ""
    yield Text(f"SUSPECT  {short(called(one.name), 200)}{score}", style="bold red")
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    for name, values in _facts(one):
        for number, value in enumerate(values[:MOST]):
            table.add_row(name if not number else "", Text(short(value, 2000)))
        if len(values) > MOST:
            table.add_row("", f"and {len(values) - MOST:,} more")
    yield Padding(table, (0, 0, 1, 2))


def _facts(one: Suspect) -> Iterator[tuple[str, Sequence[str]]]:
    yield "who", one.principals
    yield "why", [f"{points(reason.points):>4}  {reason.text}".strip() for reason in one.reasons]
    yield "one person", one.joined
    yield "keys", one.keys
    yield "from", one.addresses
    yield "also from", [nothing_suspicious_from(address) for address in one.usual]
    yield "with", one.clients
    yield "when", [f"{one.first_seen:%Y-%m-%d %H:%M:%S} to {one.last_seen:%Y-%m-%d %H:%M:%S} UTC"]
    calls = f"{some(one.events, 'call')}, {one.denied:,} refused, {one.bucket_events:,} on the bucket"
    yield "calls", [calls]
    most = sorted(one.elsewhere.items(), key=lambda item: (-item[1], item[0]))
    yield "elsewhere", [f"{name}, {some(count, 'time')}" for name, count in most]
