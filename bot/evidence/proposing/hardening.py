"""What to switch on so that the same is seen next time (domain 2.0, "then eradicate/harden").

Proposed with what is known only: that a bucket was opened to the outside, and that AWS said what watches it.
What needs a decision of people (which rules, an address for alarms, days of Object Lock, the root user's MFA
device) is said in words.
"""

from collections.abc import Iterator, Sequence

from bot.evidence.answers.case import Case
from bot.evidence.clues import analyzer, config
from bot.evidence.events import Event
from bot.evidence.names import plain
from bot.evidence.proposing.plan import Plan
from bot.evidence.proposing.trails import BLINDING
from bot.evidence.report import Proposal

#: Rows that close what was opened to the outside.
_OPENED = frozenset({"R18", "R19", "R21", "R22", "R24", "R25", "R26", "R20"})
_SUSPENDED = frozenset({"PutBucketVersioning"})


def watch(case: Case, plan: Plan) -> None:
    """Access Analyzer, where something was opened and AWS says that there is none."""
    opened = [(key, step) for key, step in plan.steps.items() if key[0] in _OPENED]
    if not opened or not case.scene.owner:
        return
    ids = [event_id for _, step in opened for event_id in step.event_ids]
    looked = case.looked(analyzer.SUBJECT)
    if looked and looked.answer == "no" and not case.clues_of("IAM Access Analyzer"):
        why = "Something was opened to the outside, and there is no Access Analyzer that would have said so."
        plan.add("R40", {"account": case.scene.owner}, why, ids)


def by_people(case: Case, proposed: Sequence[Proposal]) -> Iterator[str]:
    """What hardens after what suspects did, and needs a decision of people first."""
    acts = {plain(event.name) for event in case.collected.kept if _counts(case, event)}
    rows = {one.remediation for one in proposed}
    recorded = case.looked(config.SUBJECT)
    if rows & _OPENED and recorded and recorded.answer == "yes":
        yield (
            "Let AWS Config's managed rules watch the buckets for openings (R39): propose it by hand, and "
            "choose the rules; each evaluation is charged for."
        )
    if acts & BLINDING:
        yield (
            "Have an alarm raised when S3 settings or logging change (R38): propose it by hand with the "
            "trail, which must deliver into CloudWatch Logs, and an e-mail address of those who are to know."
        )
    if "R44" in rows or acts & _SUSPENDED:
        yield (
            "When all is restored and versioning is on again, decide on Object Lock (R42, GOVERNANCE, how "
            "many days) and on MFA Delete (R43, by the root user): with them nobody destroys versions that "
            "easily again. Propose them by hand."
        )


def _counts(case: Case, event: Event) -> bool:
    return event.succeeded and event.event_id in case.suspicious
