"""The questions E1 to E30 in the catalogue's order, and who answers each (domain 1.3, rule 7)."""

from bot.evidence import names, wording
from bot.evidence.answers import access_answers as access
from bot.evidence.answers import action_answers as action
from bot.evidence.answers.answering import Ask, Asked, named, needs, ruled
from bot.evidence.answers.case import Case
from bot.evidence.report import MOST_EVENT_IDS, Answer

_WAYS_OUT = names.EXITS - {"PutBucketReplication"}

QUESTIONS: tuple[tuple[str, str, Ask], ...] = (
    ("E1", "Could we have seen it?", access.coverage),
    ("E2", "Did anybody touch the bucket, and who?", access.who),
    ("E3", "From where?", access.where_from),
    ("E4", "With which client?", access.clients),
    ("E5", "When?", access.when),
    ("E6", "Was anyone refused first and allowed later?", action.denied_then_allowed),
    ("E7", "Did anyone look around?", action.enumeration),
    ("E8", "Were objects read, how many, how much?", access.reads),
    ("E9", "Were the objects sensitive?", needs(wording.SENSITIVE)),
    ("E10", "Was it reached without credentials?", access.anonymous),
    ("E11", "Did another AWS account get in?", access.cross_account),
    ("E12", "Where do the suspects' sessions come from?", action.lineage),
    ("E13", "What else did the suspects do?", action.elsewhere),
    ("E14", "Did anyone create ways to stay?",
     named(names.PERSISTENCE, "Nobody created or changed identities", "iam")),
    ("E15", "Was the bucket's exposure changed?", action.exposure),
    ("E16", "Is the bucket public or shared now?", needs(wording.EXPOSED_NOW)),
    ("E17", "Was replication changed, which can send objects away?",
     named({"PutBucketReplication"}, "Replication was not changed", "management", here=True)),
    ("E18", "Were objects copied elsewhere?", action.copies),
    ("E19", "Were other ways out opened (notifications, inventory)?",
     named(_WAYS_OUT, "No other way out was opened", "management", here=True)),
    ("E20", "Was anything deleted?", action.deletes),
    ("E21", "Were objects encrypted by force?", action.encryption_by_force),
    ("E22", "Were safety nets removed (versioning, lifecycle, replication)?",
     ruled({"D14", "D16"}, "No safety net was removed", "management")),
    ("E23", "Was logging or detection tampered with?",
     ruled({"D19", "D15", "E23"}, "Nobody touched logging or detection", "management", here=False)),
    ("E24", "Were presigned URLs used?", access.presigned),
    ("E25", "Is a place or client new?", access.new_place),
    ("E26", "Which permission let it through?", needs(wording.PERMISSION)),
    ("E27", "Was the root user used, or MFA missing?", action.root_or_no_mfa),
    ("E28", "Were the keys known to be exposed?", needs(wording.KNOWN_LEAK)),
    ("E29", "Did the containment hold?", needs(wording.HELD)),
    ("E30", "Which traces are our own?", access.own),
)  # fmt: skip


def answers(case: Case) -> tuple[Answer, ...]:
    """Every question, answered."""
    return tuple(_answer(number, question, ask(case)) for number, question, ask in QUESTIONS)


def _answer(number: str, question: str, asked: Asked) -> Answer:
    verdict, because, ids = asked
    return Answer(
        id=number,
        question=question,
        answer=verdict,
        because=because,
        events=len(ids),
        event_ids=tuple(ids[:MOST_EVENT_IDS]),
    )
