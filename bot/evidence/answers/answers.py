"""The questions E1 to E30 in the catalogue's order, and who answers each (domain 1.3, rule 7)."""

from bot.evidence.answers import access_answers as access
from bot.evidence.answers import action_answers as action
from bot.evidence.answers import change_answers as change
from bot.evidence.answers import present_answers as present
from bot.evidence.answers import reading_answers as reading
from bot.evidence.answers.answering import Ask, Asked
from bot.evidence.answers.case import Case
from bot.evidence.report import MOST_EVENT_IDS, Answer

QUESTIONS: tuple[tuple[str, str, Ask], ...] = (
    ("E1", "Could we have seen it?", access.coverage),
    ("E2", "Did anybody touch the bucket, and who?", access.who),
    ("E3", "From where?", access.where_from),
    ("E4", "With which client?", access.clients),
    ("E5", "When?", access.when),
    ("E6", "Was anyone refused first and allowed later?", action.denied_then_allowed),
    ("E7", "Did anyone look around?", action.enumeration),
    ("E8", "Were objects read, how many, how much?", reading.reads),
    ("E9", "Were the objects sensitive?", reading.sensitive),
    ("E10", "Was it reached without credentials?", access.anonymous),
    ("E11", "Did another AWS account get in?", access.cross_account),
    ("E12", "Where do the suspects' sessions come from?", action.lineage),
    ("E13", "What else did the suspects do?", action.elsewhere),
    ("E14", "Did anyone create ways to stay?", action.persistence),
    ("E15", "Was the bucket's exposure changed?", change.exposure),
    ("E16", "Is the bucket public or shared now?", present.exposed_now),
    ("E17", "Was replication changed, which can send objects away?", change.replication),
    ("E18", "Were objects copied elsewhere?", reading.copies),
    ("E19", "Were other ways out opened (notifications, inventory, log delivery)?", change.ways_out),
    ("E20", "Was anything deleted?", change.deletes),
    ("E21", "Were objects encrypted by force?", change.encryption_by_force),
    ("E22", "Were safety nets removed (versioning, lifecycle, replication)?", change.safety_nets),
    ("E23", "Was logging or detection tampered with?", change.evasion),
    ("E24", "Were presigned URLs used?", access.presigned),
    ("E25", "Is a principal, place or client new?", access.new_place),
    ("E26", "Which permission let it through?", present.permission),
    ("E27", "Was the root user used, or MFA missing?", action.root_or_no_mfa),
    ("E28", "Were the keys known to be exposed?", present.known_leak),
    ("E29", "Did the containment hold?", present.held),
    ("E30", "Which traces are our own?", access.own),
)


def answers(case: Case) -> tuple[Answer, ...]:
    """Every question, answered."""
    return tuple(_answer(number, question, ask(case)) for number, question, ask in QUESTIONS)


def _answer(number: str, question: str, asked: Asked) -> Answer:
    return Answer(
        id=number,
        question=question,
        answer=asked.answer,
        because=asked.because,
        events=len(asked.ids) if asked.events is None else asked.events,
        event_ids=tuple(asked.ids[:MOST_EVENT_IDS]),
    )
