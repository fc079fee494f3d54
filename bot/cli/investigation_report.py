"""An investigation on the terminal, for somebody who was woken up: verdict first, detail below.

Everything from the logs is printed as text: control characters are replaced, so that a hostile user agent
or key can neither colour the report nor move the cursor. Nothing is said by colour alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from bot.cli.investigation_suspects import suspect_lines
from bot.evidence import view_words as words
from bot.evidence.report import Finding, Investigation, TimelineEntry
from bot.evidence.report import Source as ReadSource
from bot.evidence.view import (
    Change,
    Got,
    changes,
    everybody_else,
    got,
    next_steps,
    reads_recorded,
    suspects,
    unknown,
)
from bot.evidence.wording import called, short, size, some

_ANSWERS = {"yes": ("yes", "green"), "no": ("no", "red"), "cannot_know": ("cannot know", "yellow")}
_SEVERITY = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "dim", "info": "dim"}
_OUTCOME = {"ok": "", "denied": "yellow", "failed": "dim"}

#: A timeline longer than this is cut in the middle on the terminal; the JSON has all of it.
MOST_LINES = 60
MOST_SUSPECTS = 20
MOST_KEYS = 10
MOST_PROBLEMS = 20
MOST_FINDINGS = 12
MOST_NAMES = 5


def show(found: Investigation, console: Console) -> None:
    """Print the whole report."""
    for part in _parts(found):
        console.print(part)


def _parts(found: Investigation) -> Iterator[RenderableType]:
    style = "red" if found.suspects else "yellow"
    yield Panel(_plain(found.verdict), title=Text(f"Bucket {short(found.bucket)}"), border_style=style)
    yield from _section("What could have been seen", _coverage(found))
    yield from _section("Suspects", _suspects(found))
    if found.clues:
        yield from _section("What other AWS services say", _clues(found))
    yield from _section("What happened, in order (UTC)", _timeline(found.timeline))
    yield from _section("What they got", _got(found))
    if found.findings:
        yield from _section("Findings", _findings(found.findings))
    yield from _section("What is not known", _unknown(found))
    yield from _section("What to do next", _numbered(map(_plain, next_steps(found))), *_changes(found))
    yield from _section("What was read", _read(found))


def _section(title: str, *body: RenderableType) -> Iterator[RenderableType]:
    yield Text()
    yield Rule(Text(title, style="bold"), align="left", style="dim")
    yield from (Padding(part, (0, 0, 0, 2)) for part in body)


def _plain(text: str, style: str = "") -> Text:
    """Untrusted text, on one line, without control characters and without rich's markup."""
    return Text(short(text, 2000), style=style)


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, show_header=any(columns), header_style="dim")
    for number, column in enumerate(columns):
        table.add_column(column, overflow="fold", no_wrap=number == 0)
    return table


def _coverage(found: Investigation) -> RenderableType:
    table = _table("events", "recorded?", "why")
    for row in found.coverage:
        word, style = _ANSWERS[row.answer]
        table.add_row(_plain(row.subject), Text(word, style=style), _plain(row.because))
    return table


def _suspects(found: Investigation) -> RenderableType:
    everyone = suspects(found)
    shown = [part for one in everyone[:MOST_SUSPECTS] for part in suspect_lines(one)]
    if len(everyone) > MOST_SUSPECTS:
        shown.append(Text(f"and {len(everyone) - MOST_SUSPECTS} more suspects: --json and --html have all."))
    return Group(*(shown or [Text(words.NOBODY)]), _others(found))


def _others(found: Investigation) -> RenderableType:
    groups = everybody_else(found)
    if not groups:
        return Text(words.NOBODY_ELSE, style="dim")
    return Group(*(_plain(_named(label, names), "dim") for label, names in groups.items()))


def _named(label: str, names: Sequence[str]) -> str:
    rest = len(names) - MOST_NAMES
    more = f" and {rest:,} more" if rest > 0 else ""
    return f"Not suspect, {label}: {', '.join(names[:MOST_NAMES])}{more}."


def _clues(found: Investigation) -> RenderableType:
    table = _table("source", "severity", "what")
    for clue in found.clues[:MOST_FINDINGS]:
        what = _plain(clue.title, "bold").append(f"\n{short(clue.text, 500)}", style="none")
        table.add_row(clue.source, Text(clue.severity, style=_SEVERITY[clue.severity]), what)
    return _cut(table, len(found.clues) - MOST_FINDINGS, "more")


def _cut(table: Table, left_out: int, what: str) -> RenderableType:
    return (
        Group(table, Text(f"and {left_out:,} {what}: --json has all", style="dim")) if left_out > 0 else table
    )


def _timeline(entries: Sequence[TimelineEntry]) -> RenderableType:
    if not entries:
        return Text(words.NO_ACTS)
    table = _table("time", "who", "what")
    table.columns[1].max_width = 34
    day = ""
    for entry in _middle_cut(entries):
        if entry is None:
            left_out = f"{len(entries) - MOST_LINES:,} entries more; --json has all"
            table.add_row("...", "", Text(left_out, style="dim"))
            continue
        if day != (day := f"{entry.time:%Y-%m-%d}"):
            table.add_row(Text(day, style="bold"))
        who = Text(short(called(entry.principal), 60), style="red" if entry.label == "suspect" else "dim")
        table.add_row(f"{entry.time:%H:%M:%S}", who, _plain(entry.text, _OUTCOME[entry.outcome]))
    return table


def _middle_cut(entries: Sequence[TimelineEntry]) -> Iterable[TimelineEntry | None]:
    if len(entries) <= MOST_LINES:
        return entries
    return [*entries[: MOST_LINES // 2], None, *entries[-MOST_LINES // 2 :]]


def _got(found: Investigation) -> RenderableType:
    takers = got(found)
    if takers:
        return Group(*map(_taker, takers))
    if reads_recorded(found):
        return Text(words.NOTHING_GOT)
    return Text(words.GOT_UNKNOWN, style="yellow")


def _taker(one: Got) -> Text:
    shown = ", ".join(short(key, 80) for key in one.keys[:MOST_KEYS])
    left_out = len(one.keys) - MOST_KEYS + one.more
    more = f" and {left_out:,} more (--csv and --json list them)" if left_out > 0 else ""
    return _plain(f"{one.name}: {one.sentence}: {shown}{more}.")


def _findings(findings: Sequence[Finding]) -> RenderableType:
    """The most severe first; one line for all of whom the same was found."""
    table = _table("severity", "when", "what")
    order = list(_SEVERITY)
    groups: dict[tuple[int, str], list[Finding]] = {}
    for one in sorted(findings, key=lambda one: (order.index(one.severity), one.time)):
        groups.setdefault((order.index(one.severity), one.title), []).append(one)
    for (rank, title), those in list(groups.items())[:MOST_FINDINGS]:
        severity = order[rank]
        first = f"{those[0].time:%Y-%m-%d %H:%M:%S}"
        table.add_row(Text(severity, style=_SEVERITY[severity]), first, _plain(f"{title}. {_found(those)}."))
    return _cut(table, len(groups) - MOST_FINDINGS, "more findings")


def _found(those: Sequence[Finding]) -> str:
    whom = list(dict.fromkeys(_whom(one) for one in those))
    more = f" and {len(whom) - 3:,} more" if len(whom) > 3 else ""
    events = some(sum(one.events for one in those), "event")
    who = ", ".join(whom[:3])
    return f"{who[:1].upper()}{who[1:]}{more}, rule {those[0].rule}, {events}"


def _whom(one: Finding) -> str:
    name = called(one.principal)
    return f"{name} ({one.source_ip})" if one.principal == "anonymous" else name


def _unknown(found: Investigation) -> RenderableType:
    return _numbered([_plain(one, "yellow") for one in unknown(found)] or [Text(words.ALL_KNOWN)], "-")


def _changes(found: Investigation) -> Iterator[RenderableType]:
    if proposed := changes(found):
        yield Text("\nThe proposed changes, in their order:")
        yield _numbered(map(_change, proposed))


def _numbered(lines: Iterable[Text], mark: str = "") -> Table:
    """Lines that hang under their number or mark."""
    table = _table("", "")
    for number, line in enumerate(lines, start=1):
        table.add_row(mark or f"{number}.", line)
    return table


def _change(one: Change) -> Text:
    return _plain(one.text, "bold").append(f" [{one.row}]\n{short(one.why, 500)}", style="none")


def _read(found: Investigation) -> RenderableType:
    totals, apart = found.totals, found.totals.set_apart
    lines: list[RenderableType] = [
        _plain(
            f"{some(totals.files, 'file')}, {some(totals.unique_events, 'event')}"
            f" ({totals.duplicates:,} duplicates dropped, {totals.outside_window:,} outside the window,"
            f" {totals.other_accounts:,} of other accounts), {totals.about_bucket:,} about the bucket."
        ),
        _plain(
            f"Set apart: {apart.services:,} of AWS services, {apart.own:,} of this program,"
            f" {apart.responders:,} of declared responders."
        ),
    ]
    if totals.access_log_lines:
        joined = f"{totals.joined_lines:,} tell of requests that CloudTrail tells of too"
        lines.append(_plain(f"{some(totals.access_log_lines, 'access log line')}, of which {joined}."))
    return Group(*lines, *(line for source in found.sources for line in _source(source)))


def _source(source: ReadSource) -> Iterator[RenderableType]:
    amounts = [
        some(source.records, "record") if source.records else "",
        size(source.size) + " unpacked" if source.size else "",
        some(source.calls or source.lookups, "call") if source.calls or source.lookups else "",
        f"{source.dollars:,.2f} dollars" if source.dollars is not None else "",
    ]
    whole = "complete" if source.complete else f"NOT COMPLETE: {source.note}"
    told = ", ".join(filter(None, [whole, *amounts]))
    yield _plain(f"{source.kind}, {source.where}: {told}.", "" if source.complete else "yellow")
    yield from (_plain(f"Not read: {problem}", "yellow") for problem in source.problems[:MOST_PROBLEMS])
    if len(source.problems) > MOST_PROBLEMS:
        yield _plain(f"and {len(source.problems) - MOST_PROBLEMS:,} more files not read.", "yellow")
