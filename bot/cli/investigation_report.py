"""An investigation on the terminal, for somebody who was woken up: verdict first, detail below.

Everything from the logs is printed as text: control characters are replaced, so that a hostile user agent
or key can neither colour the report nor move the cursor.
"""

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from bot.evidence.report import Actor, Answer, Investigation, Proposal, TimelineEntry
from bot.evidence.wording import called, short, size, some

_ANSWERS = {"yes": ("yes", "green"), "no": ("no", "red"), "cannot_know": ("cannot know", "yellow")}
_SEVERITY = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "dim", "info": "dim"}
_OUTCOME = {"ok": "", "denied": "yellow", "failed": "dim"}

#: A timeline longer than this is cut in the middle on the terminal; the JSON has all of it.
MOST_LINES = 60

#: What each proposal is called where only its row is known (domain section 2).
REMEDIATIONS = {
    "R1": "Deactivate the access key",
    "R2": "Deny everything to the user (attach AWSDenyAll)",
    "R5": "Revoke the role's sessions",
    "R18": "Remove the statement that opens the bucket policy",
}


def show(result: Investigation, console: Console) -> None:
    """Print the whole report."""
    for part in _parts(result):
        console.print(part)


def _parts(result: Investigation) -> Iterator[RenderableType]:
    style = "red" if result.suspects else "yellow"
    yield Panel(_plain(result.verdict), title=Text(f"Bucket {short(result.bucket)}"), border_style=style)
    yield from _section("What could have been seen", _coverage(result))
    yield from _section("Suspects", _suspects(result))
    yield from _section("What happened, in order (UTC)", _timeline(result.timeline))
    yield from _section("What they got", _taken(result))
    yield from _section("What is not known", _unknown(result.answers))
    yield from _section("What to do next", _next(result))
    yield from _section("What was read", _read(result))


def _section(title: str, *body: RenderableType) -> Iterator[RenderableType]:
    yield Text()
    yield Rule(Text(title, style="bold"), align="left", style="dim")
    yield from (Padding(part, (0, 0, 0, 2)) for part in body)


def _plain(text: str, style: str = "") -> Text:
    """Untrusted text, on one line, without control characters and without rich's markup."""
    return Text(short(text, 2000), style=style)


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, show_header=bool(columns and columns[0]), header_style="dim")
    for number, column in enumerate(columns):
        table.add_column(column, overflow="fold", no_wrap=number == 0)
    return table


def _coverage(result: Investigation) -> RenderableType:
    table = _table("events", "recorded?", "why")
    for row in result.coverage:
        word, style = _ANSWERS[row.answer]
        table.add_row(row.subject, Text(word, style=style), _plain(row.because))
    return table


def _suspects(result: Investigation) -> RenderableType:
    if not result.suspects:
        return Text("Nobody. See below for what cannot be known.")
    return Group(*(part for actor in result.suspects[:20] for part in _suspect(actor)), _others(result))


def _suspect(actor: Actor) -> Iterator[RenderableType]:
    yield _plain(_name(actor), "bold red")
    facts = _table("", "")
    for name, values in (
        ("who", (actor.principal,)),
        ("why", actor.reasons),
        ("keys", actor.access_key_ids),
        ("from", tuple(_addresses(actor))),
        ("with", actor.user_agents),
    ):
        for number, value in enumerate(values[:8]):
            facts.add_row(name if not number else "", _plain(value))
        if len(values) > 8:
            facts.add_row("", f"and {len(values) - 8} more")
    facts.add_row("when", f"{actor.first_seen:%Y-%m-%d %H:%M:%S} to {actor.last_seen:%Y-%m-%d %H:%M:%S} UTC")
    facts.add_row(
        "calls",
        f"{some(actor.events, 'call')}, {actor.denied:,} refused, {actor.bucket_events:,} on the bucket",
    )
    yield Padding(facts, (0, 0, 1, 2))


def _addresses(actor: Actor) -> Iterator[str]:
    suspicious = {origin.source_ip for origin in actor.origins if origin.suspicious}
    for address in actor.source_ips:
        yield address if address in suspicious else f"{address} (nothing suspicious from there)"


def _others(result: Investigation) -> RenderableType:
    rest = [actor for actor in result.actors if actor.label != "suspect"]
    if not rest:
        return Text("Nobody else appears in these logs.", style="dim")
    counts = {label: [a for a in rest if a.label == label] for label in ("known", "unclear", "service")}
    lines = []
    for label, people in counts.items():
        touched = [actor for actor in people if actor.bucket_events]
        shown = (touched or people)[:5]
        if people:
            names = ", ".join(dict.fromkeys(_name(actor) for actor in shown))
            more = f" and {len(people) - len(shown)} more" if len(people) > len(shown) else ""
            lines.append(_plain(f"Not suspect, {label}: {names}{more}.", "dim"))
    return Group(*lines)


def _name(actor: Actor) -> str:
    """What people call it; unsigned requests by their address, because that is all there is."""
    return (
        f"anonymous ({', '.join(actor.source_ips)})"
        if actor.principal == "anonymous"
        else called(actor.principal)
    )


def _timeline(entries: Sequence[TimelineEntry]) -> RenderableType:
    if not entries:
        return Text("No act of a suspect and no change to the bucket is in these logs.")
    table = _table("time", "who", "what")
    for entry in _middle_cut(entries):
        if entry is None:
            table.add_row(
                "...", "", Text(f"{len(entries) - MOST_LINES} entries more; --json has all", style="dim")
            )
            continue
        who = Text(short(called(entry.principal), 44), style="red" if entry.label == "suspect" else "dim")
        table.add_row(f"{entry.time:%Y-%m-%d %H:%M:%S}", who, _plain(entry.text, _OUTCOME[entry.outcome]))
    return table


def _middle_cut(entries: Sequence[TimelineEntry]) -> Iterable[TimelineEntry | None]:
    if len(entries) <= MOST_LINES:
        return entries
    return [*entries[: MOST_LINES // 2], None, *entries[-MOST_LINES // 2 :]]


def _taken(result: Investigation) -> RenderableType:
    lines: list[RenderableType] = [_taken_by(actor) for actor in result.suspects if actor.get_object_calls]
    reads = next(row for row in result.coverage if row.subject == "object reads")
    if not lines and reads.answer != "yes":
        return Text("Unknown: object reads were not provably recorded.", style="yellow")
    if not lines:
        return Text("No object by a suspect, as far as was recorded.")
    return Group(*lines)


def _taken_by(actor: Actor) -> RenderableType:
    if actor.bytes_out is None:
        amount = "an unknown number of bytes"
    else:
        amount = f"{'exactly' if actor.bytes_exact else 'at least'} {size(actor.bytes_out)}"
    shown = ", ".join(short(key, 80) for key in actor.objects_read[:10])
    more = (
        f" and {len(actor.objects_read) - 10:,} more (--json lists all)"
        if len(actor.objects_read) > 10
        else ""
    )
    objects = some(len(actor.objects_read), "object")
    calls = some(actor.get_object_calls, "call")
    return _plain(f"{_name(actor)}: {objects} by {calls}, {amount}: {shown}{more}.")


def _unknown(answers: Sequence[Answer]) -> RenderableType:
    table = _table("", "", "")
    for answer in answers:
        if answer.answer == "cannot_know":
            table.add_row(answer.id, answer.question, _plain(answer.because, "yellow"))
    return table


def _next(result: Investigation) -> RenderableType:
    steps = [_step(number, step) for number, step in enumerate(result.proposals, start=1)]
    steps += [
        _plain(f"{number}. {step}") for number, step in enumerate(_by_hand(result), start=len(steps) + 1)
    ]
    return Group(*steps)


def _step(number: int, step: Proposal) -> Text:
    target = " ".join(f"{name} {short(value)}" for name, value in step.target.items())
    what = REMEDIATIONS.get(step.remediation, step.remediation)
    text = Text(f"{number}. {what}: ", style="bold")
    return text.append(short(target), style="bold").append(
        f" [{step.remediation}]\n   {short(step.why, 500)}"
    )


_UNCLEAR = "The way in is unclear, so no containment is proposed: widen the window and ask the data owner."
_OUTSIDE = (
    "The suspects are outside the account: the bucket's policy, its ACLs or an access point let them in. "
    "Read these three and close what is open."
)
_NOTHING_YET = (
    "Contain nothing yet on this evidence: widen the window, add Regions and sources, ask the data owner."
)
_UNSIGNED = (
    "Unsigned requests were answered: check whether the bucket, or objects in it, are meant to be public."
)


def _outsiders(result: Investigation) -> bool:
    return all(actor.type == "AWSAccount" for actor in result.suspects)


def _by_hand(result: Investigation) -> Iterator[str]:
    if result.suspects and not result.proposals:
        yield _OUTSIDE if _outsiders(result) else _UNCLEAR
    if not result.suspects:
        yield _NOTHING_YET
    if result.answer("E10").answer == "yes":
        yield _UNSIGNED
    if any(source.problems for source in result.sources):
        yield "Get the files that could not be read again, and repeat this: what they hold is missing here."
    yield from dict.fromkeys(row.turn_on for row in result.coverage if row.turn_on)


def _read(result: Investigation) -> RenderableType:
    totals, apart = result.totals, result.totals.set_apart
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
    for source in result.sources:
        lines += [_plain(f"Not read: {problem}", "yellow") for problem in source.problems[:20]]
        if len(source.problems) > 20:
            lines.append(_plain(f"and {len(source.problems) - 20:,} more files not read.", "yellow"))
    return Group(*lines)
