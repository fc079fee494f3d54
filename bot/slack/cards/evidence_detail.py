"""The evidence in detail, in the thread under its card: actors, timeline, answers, coverage."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from slack_sdk.models.blocks import Block

from bot.config import Settings
from bot.evidence.report import Actor, Answer, Investigation, Source
from bot.evidence.view import Suspect, reads_recorded, suspects
from bot.evidence.view_words import points
from bot.evidence.wording import called, clause
from bot.incidents.headline import investigation_of
from bot.slack.cards import kit
from bot.slack.cards.evidence_words import ANSWER_WORDS, clue_lines, coverage_line, short, taken, worst_first
from bot.slack.cards.gone import CardGoneError
from bot.slack.cards.text import and_more, code, count, inline, listed, moment, span, told
from bot.slack.files import FileGoneError, content
from bot.store import evidence
from bot.store.tables.evidence import EvidenceRun
from bot.store.types import JsonObject, Tx

log = structlog.get_logger(__name__)

ACTORS = 12
PEOPLE = 6


def draw(tx: Tx, settings: Settings, args: JsonObject) -> kit.Card:
    run = evidence.get_run(tx, args["run_id"])
    found = investigation_of(run) if run else None
    if run is None or found is None:
        raise CardGoneError(f"evidence run {args['run_id']}")
    if args["part"] == "timeline":
        found = _whole(tx, settings, run) or found
    return kit.card(*PARTS[args["part"]](found))


def _whole(tx: Tx, settings: Settings, run: EvidenceRun) -> Investigation | None:
    """The investigation with its timeline, which only the vault has; None when that cannot be read."""
    for artefact in evidence.artefacts(tx, run.incident_id):
        if artefact.evidence_run_id == run.id and artefact.kind == "investigation":
            try:
                return Investigation.model_validate_json(content(settings.vault_dir, artefact))
            except FileGoneError as error:
                log.error("evidence.file_gone", run=run.id, error=str(error))
    return None


def _actors(found: Investigation) -> list[Block | None]:
    whole = reads_recorded(found)
    shown = [kit.section(_actor(actor, whole=whole)) for actor in found.actors[:ACTORS]]
    rest = len(found.actors) - ACTORS
    more = kit.context(f"… {rest} more actors: the full list is attached.") if rest > 0 else None
    return [
        *_people(found),
        kit.section(f"*Who was there* ({len(found.actors)})"),
        *shown,
        more,
        *_lineage(found),
    ]


def _people(found: Investigation) -> list[Block | None]:
    """The suspects with every reason and its points, and why their principals are taken for one."""
    return [_person(one) for one in suspects(found)[:PEOPLE] if one.score is not None]


def _person(one: Suspect) -> Block | None:
    reasons = [f"{points(reason.points)} {inline(reason.text)}".strip() for reason in one.reasons]
    joined = [f"One person: {inline(line)}" for line in one.joined]
    return kit.paragraph(f"Suspect {inline(called(one.name), 120)}: score {one.score}", [*reasons, *joined])


def _actor(actor: Actor, *, whole: bool) -> str:
    """One actor: who, from where, what, and why that label. Everything in it is untrusted."""
    keys = and_more([code(key) for key in actor.access_key_ids], 3)
    addresses = and_more([code(ip) for ip in actor.source_ips], 3)
    agents = and_more([code(agent, 80) for agent in actor.user_agents], 2)
    reasons = listed(
        [inline(clause(one).rstrip(".")) for one in actor.reasons], 4, "and {} more reasons".format
    )
    lines = [
        f"*{actor.label.capitalize()}:* {code(actor.principal, 200)}",
        f"Keys {keys or 'none'}, from {addresses or 'no address'}, with {agents or 'no client named'}",
        f"{span(actor.first_seen, actor.last_seen)}: {count(actor.events, 'call')}, {actor.denied:,} denied",
        taken(actor, whole=whole),
        f"Because: {'; '.join(reasons)}.",
    ]
    return "\n".join(lines)


def _lineage(found: Investigation) -> list[Block | None]:
    """Where each key came from."""
    lines = [
        f"{code(hop.access_key_id)} of {code(hop.principal)}: {inline(hop.origin)}"
        + (f" ({code(hop.event)} by {code(hop.minted_by)})" if hop.event and hop.minted_by else "")
        for hop in found.lineage
    ]
    return [kit.paragraph("Where the keys came from", lines)]


def _timeline(found: Investigation) -> list[Block | None]:
    lines = [f"{moment(one.time)} {short(one.principal)} {told(one.text)}" for one in found.timeline]
    return [kit.paragraph("What happened, in order", lines) or kit.section(TIMELINE_ATTACHED)]


def _answers(found: Investigation) -> list[Block | None]:
    """All questions, a section for each verdict, so that a no is never read as a cannot-know."""
    titles = {"yes": "Yes", "cannot_know": "Cannot know", "no": "No"}
    return [
        kit.paragraph(title, [_answer(one) for one in found.answers if one.answer == verdict])
        for verdict, title in titles.items()
    ]


def _answer(answer: Answer) -> str:
    return f"{answer.id} {inline(answer.question)} {ANSWER_WORDS[answer.answer]} {told(answer.because)}"


def _coverage(found: Investigation) -> list[Block | None]:
    problems = [inline(problem) for one in found.sources for problem in one.problems]
    return [
        kit.paragraph("What is not known", [told(one, 500) for one in found.unknown]),
        kit.paragraph("What to do next", [told(one, 500) for one in found.next_steps]),
        kit.paragraph("What could be seen", [coverage_line(one) for one in found.coverage]),
        kit.paragraph("What other AWS services say", clue_lines(found)),
        kit.paragraph("Sources", [_source(one) for one in found.sources]),
        kit.paragraph("Files left out", problems),
        kit.paragraph("All findings", _findings(found)),
    ]


def _source(one: Source) -> str:
    """What was read, whether all of it, and what is to be known about it."""
    kind = one.kind[:1].upper() + one.kind[1:]
    note = f" ({inline(one.note.rstrip('.'))})" if one.note else ""
    return f"{inline(kind)} {code(one.where)}: {'complete' if one.complete else '*incomplete*'}{note}."


def _findings(found: Investigation) -> list[str]:
    return [
        f"*{one.severity.capitalize()}* {inline(one.title)} ({one.rule}), {moment(one.time)}, "
        f"{short(one.principal)}"
        for one in worst_first(found)
    ]


TIMELINE_ATTACHED = "The timeline in order of time is in the attached file."
PARTS: dict[str, Callable[[Investigation], list[Block | None]]] = {
    "actors": _actors,
    "timeline": _timeline,
    "answers": _answers,
    "coverage": _coverage,
}
