"""The evidence card: coverage first, then who, then what they got, then what cannot be known."""

from __future__ import annotations

from collections.abc import Sequence

from slack_sdk.models.blocks import Block

from bot.config import Settings
from bot.evidence.report import Investigation
from bot.evidence.view import Suspect, reads_recorded, suspects
from bot.evidence.wording import clause
from bot.incidents.headline import headline, investigation_of
from bot.slack.cards import kit
from bot.slack.cards.evidence_words import clue_lines, coverage_line, short, taken, worst_first
from bot.slack.cards.gone import CardGoneError
from bot.slack.cards.text import and_more, code, count, inline, listed, moment, span, told
from bot.store import evidence
from bot.store.tables.evidence import EvidenceRun
from bot.store.types import JsonObject, Tx

IN_THREAD = "… {} more in the thread.".format
SUSPECTS = 4
FINDINGS = 3
CLUES = 2
STEPS = 2
UNKNOWN = 2
BECAUSE = 200


def draw(tx: Tx, settings: Settings, args: JsonObject) -> kit.Card:  # noqa: ARG001
    run = evidence.get_run(tx, args["run_id"])
    if run is None:
        raise CardGoneError(f"evidence run {args['run_id']}")
    found = investigation_of(run)
    if found is None:
        return _unfinished(run)
    return kit.card(
        kit.header(f"Evidence: {headline(found)}"),
        kit.section(told(found.verdict, 1500)),
        kit.section(_coverage(found)) if found.coverage else None,
        *_suspects(found),
        kit.paragraph("Other AWS services say", listed(clue_lines(found), CLUES, IN_THREAD), elsewhere=""),
        kit.paragraph("Findings", listed(_findings(found), FINDINGS, IN_THREAD), elsewhere="see the thread"),
        kit.paragraph("What to do next", listed(_steps(found), STEPS, IN_THREAD), elsewhere=""),
        kit.paragraph("Not known", listed(_unknown(found), UNKNOWN, IN_THREAD), elsewhere=""),
        kit.section(f"*Answers:* {_answers(found)}") if found.answers else None,
        kit.context(f"Run {run.id}, {_window(found)}. {_read(found)}"),
    )


def _unfinished(run: EvidenceRun) -> kit.Card:
    if run.state == "failed":
        text = inline(run.error or "no reason was recorded", 1500)
        return kit.card(kit.header("Evidence: could not be collected"), kit.section(text))
    doing = inline(run.progress, 300) or "starting"
    return kit.card(
        kit.header("Evidence: being collected"),
        kit.section(f"Under way since {moment(run.started_at)}: {doing}"),
    )


def _coverage(found: Investigation) -> str:
    """What was seen in one line, and a line for each thing that was not: it decides what a "no" is worth."""
    seen = [inline(one.subject) for one in found.coverage if one.answer == "yes"]
    gaps = [f"• {coverage_line(one)}" for one in found.coverage if one.answer != "yes"]
    return "\n".join([f"*What could be seen:* {and_more(seen, len(seen)) or 'nothing for certain'}.", *gaps])


def _suspects(found: Investigation) -> list[Block | None]:
    """Each suspect as a block of its own; further ones are counted."""
    everyone = suspects(found)
    shown: list[Block | None] = [kit.section(_suspect(one, found)) for one in everyone[:SUSPECTS]]
    rest = len(everyone) - SUSPECTS
    return [*shown, kit.context(IN_THREAD(rest)) if rest > 0 else None]


def _suspect(one: Suspect, found: Investigation) -> str:
    """Who, from where, with what, how much, when and why, in three lines; keys and the rest in the thread."""
    first, *more = one.principals
    who = short(first, found.account_id) + (f" and {count(len(more), 'more principal')}" if more else "")
    score = f" (score {one.score})" if one.score is not None else ""
    clients = _some([product(agent) for agent in one.clients])
    return (
        f"*Suspect:* {who}{score} from {_some(one.addresses)} with {clients}\n"
        f"{taken(*one.actors, whole=reads_recorded(found))} Seen {span(one.first_seen, one.last_seen)}.\n"
        f"Because: {because([reason.text for reason in one.reasons if reason.points >= 0])}"
    )


def _some(values: Sequence[str]) -> str:
    return and_more([code(one, 60) for one in dict.fromkeys(values)], 2) or "nothing named"


def product(user_agent: str) -> str:
    """`aws-cli/2.31.5` of a user agent, which may go on for many lines."""
    return next(iter(user_agent.split()), user_agent)


def because(reasons: Sequence[str], limit: int = BECAUSE) -> str:
    """As many reasons as fit into one sentence, and how many there are beside them."""
    clauses = [clause(reason).rstrip(".") for reason in reasons] or ["no reason is recorded"]
    said, used = clauses[0], 1
    while used < len(clauses) and len(f"{said}; {clauses[used]}") <= limit:
        said, used = f"{said}; {clauses[used]}", used + 1
    rest = len(clauses) - used
    more = f", and {count(rest, 'more reason')}" if rest > 0 else ""
    return f"{inline(said, limit)}{more}."


def _findings(found: Investigation) -> list[str]:
    return [
        f"*{one.severity.capitalize()}:* {inline(one.title, 160)}, {moment(one.time)},"
        f" {short(one.principal, found.account_id)}"
        for one in worst_first(found)
    ]


def _steps(found: Investigation) -> list[str]:
    return [told(one, 420) for one in found.next_steps]


def _unknown(found: Investigation) -> list[str]:
    """Without what was not recorded, which stands on top."""
    gaps = tuple(f"{one.subject.lower()}:" for one in found.coverage)
    return [told(one, 220) for one in found.unknown if not one.lower().startswith(gaps)]


def _answers(found: Investigation) -> str:
    """How many of each kind, never mixed up; the questions and sentences stand in the thread."""
    given = [one.answer for one in found.answers]
    return (
        f"{given.count('yes')} yes, {given.count('no')} no, {given.count('cannot_know')} cannot be known."
        " Each with its reason in the thread."
    )


def _read(found: Investigation) -> str:
    totals = found.totals
    apart = {
        "of AWS services": totals.set_apart.services,
        "of this bot": totals.set_apart.own,
        "of declared responders": totals.set_apart.responders,
    }
    told_apart = ", ".join(f"{number:,} {whose}" for whose, number in apart.items() if number)
    return (
        f"Read {count(totals.unique_events, 'event')} from {count(totals.files, 'file')}"
        f" ({count(totals.duplicates, 'duplicate')} left out)."
        + (f" Set apart, not hidden: {told_apart}." if told_apart else "")
    )


def _window(found: Investigation) -> str:
    start, end = found.window.start, found.window.end
    if start is None or end is None:
        return "all that the sources hold"
    return span(start, end)
