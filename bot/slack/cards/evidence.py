"""The evidence card: coverage first, then who, then what they got, then what cannot be known."""

from __future__ import annotations

from slack_sdk.models.blocks import Block

from bot.config import Settings
from bot.evidence.report import Actor, Answer, Investigation
from bot.incidents.headline import headline, investigation_of
from bot.slack.cards import kit
from bot.slack.cards.gone import CardGoneError
from bot.slack.cards.text import code, count, inline, listed, moment
from bot.store import evidence
from bot.store.tables.evidence import EvidenceRun
from bot.store.types import JsonObject, Tx

ANSWER_WORDS = {"yes": "*Yes.*", "no": "*No.*", "cannot_know": "*Cannot know.*"}
IN_THREAD = "… {} more in the thread.".format
SUSPECTS = 4


def draw(tx: Tx, settings: Settings, args: JsonObject) -> kit.Card:  # noqa: ARG001
    run = evidence.get_run(tx, args["run_id"])
    if run is None:
        raise CardGoneError(f"evidence run {args['run_id']}")
    found = investigation_of(run)
    if found is None:
        return _unfinished(run)
    return kit.card(
        kit.header(f"Evidence: {headline(found)}"),
        kit.section(inline(found.verdict, 1500)),
        kit.paragraph("What could be seen", coverage_lines(found), elsewhere="see the thread"),
        *_suspects(found),
        kit.paragraph("Findings", listed(finding_lines(found), 6, IN_THREAD), elsewhere="see the thread"),
        kit.paragraph("Answers", _answers(found), elsewhere="see the thread"),
        kit.context(
            _read(found),
            f"Run {run.id}, {_window(found)}. Details, the timeline and the full file: in the thread.",
        ),
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


def coverage_lines(found: Investigation) -> list[str]:
    """What was on and what was off: it decides what a "no" is worth."""
    return [
        f"{one.subject.capitalize()}: {ANSWER_WORDS[one.answer]} {inline(one.because)}"
        + (f" To change that: {inline(one.turn_on)}" if one.turn_on else "")
        for one in found.coverage
    ]


def _suspects(found: Investigation) -> list[Block | None]:
    """Each suspect as a block of its own; further ones are counted."""
    shown: list[Block | None] = [kit.section(actor_text(actor)) for actor in found.suspects[:SUSPECTS]]
    rest = len(found.suspects) - SUSPECTS
    return [*shown, kit.context(IN_THREAD(rest)) if rest > 0 else None]


def actor_text(actor: Actor) -> str:
    """One actor: who, from where, what, and why that label. Everything in it is untrusted."""
    keys = ", ".join(listed([code(key) for key in actor.access_key_ids], 3, "and {} more".format))
    addresses = ", ".join(listed([code(ip) for ip in actor.source_ips], 3, "and {} more".format))
    agents = ", ".join(listed([code(agent, 80) for agent in actor.user_agents], 2, "and {} more".format))
    lines = [
        f"*{actor.label.capitalize()}:* {code(actor.principal, 200)}",
        f"Keys {keys or 'none'}, from {addresses or 'no address'}, with {agents or 'no client named'}",
        f"{moment(actor.first_seen)} to {moment(actor.last_seen)}",
        f"{count(actor.events, 'call')}, of which {actor.denied:,} denied",
        _taken(actor),
        "Because "
        + "; ".join(listed([inline(reason) for reason in actor.reasons], 4, "and {} more reasons".format)),
    ]
    return "\n".join(line for line in lines if line)


def short(principal: str) -> str:
    """`user/ci-deploy` of an ARN; the whole ARN stands with the suspects."""
    return code(principal.rsplit(":", 1)[-1] if principal.startswith("arn:") else principal, 100)


def _taken(actor: Actor) -> str:
    if not actor.get_object_calls:
        return "No object was handed to it, as far as the logs show."
    size = "an unknown number of bytes"
    if actor.bytes_out is not None:
        size = f"{'' if actor.bytes_exact else 'at least '}{count(actor.bytes_out, 'byte')}"
    objects = count(len(actor.objects_read), "object")
    return f"Took *{objects}* by {count(actor.get_object_calls, 'GetObject call')}: {size}."


def finding_lines(found: Investigation) -> list[str]:
    order = ["critical", "high", "medium", "low", "info"]
    worst = sorted(found.findings, key=lambda one: order.index(one.severity))
    return [
        f"*{one.severity.capitalize()}* {inline(one.title)} ({one.rule}), "
        f"{moment(one.time)}, {short(one.principal)}"
        for one in worst
    ]


def _answers(found: Investigation) -> list[str]:
    """How many of each kind, never mixed up; the sentences stand in the thread."""
    kinds = {"yes": "Yes", "no": "No", "cannot_know": "Cannot know"}
    ids = {word: [one.id for one in found.answers if one.answer == kind] for kind, word in kinds.items()}
    return [
        f"*{word}:* {count(len(those), 'question')} ({', '.join(those)})"
        for word, those in ids.items()
        if those
    ]


def answer_line(answer: Answer) -> str:
    return f"{answer.id} {inline(answer.question)} {ANSWER_WORDS[answer.answer]} {inline(answer.because)}"


def _read(found: Investigation) -> str:
    totals = found.totals
    apart = totals.set_apart
    return (
        f"Read {count(totals.unique_events, 'event')} from {count(totals.files, 'file')} "
        f"({totals.duplicates:,} duplicates left out). Set apart, not hidden: {apart.services:,} of AWS "
        f"services, {apart.own:,} of this bot, {apart.responders:,} of declared responders."
    )


def _window(found: Investigation) -> str:
    start, end = found.window.start, found.window.end
    if start is None or end is None:
        return "all that the sources hold"
    return f"{moment(start)} to {moment(end)}"
