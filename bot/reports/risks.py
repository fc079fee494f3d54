"""What is left open when the report is written, each with what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bot.evidence.report import Investigation, Proposal
from bot.incidents.plan_states import IN_FORCE, PlanState
from bot.incidents.queries import StepLine
from bot.reports import sentences
from bot.reports.data import Chain, Change, Exhibit, Facts, Risk
from bot.store.tables.evidence import EvidenceRun

_WITHOUT_EFFECT = frozenset(
    {
        PlanState.REJECTED,
        PlanState.EXPIRED,
        PlanState.STALE,
        PlanState.FAILED,
        PlanState.STOPPED,
        PlanState.HALTED,
        PlanState.WAITING,
    }
)
#: Steps whose missing end means something: the others are tasks, listed as such, and messages.
_CONSEQUENTIAL = frozenset({"evidence", "remediation"})
_STEP_OVER = frozenset({"done", "skipped"})


def of_record(chain: Chain, exhibits: Iterable[Exhibit]) -> Iterator[Risk]:
    """What makes this record itself less trustworthy."""
    if chain.broken is not None:
        yield Risk(sentences.ledger_broken(chain.broken), sentences.LEDGER_ADVICE)
    for one in exhibits:
        if not one.whole:
            yield Risk(sentences.exhibit_damaged(one.name), sentences.EXHIBIT_ADVICE)


def of_changes(facts: Facts, changes: Sequence[Change]) -> Iterator[Risk]:
    """Changes that are not in force, or do not hold, and what their undo would not bring back."""
    if facts.contained_at is None:
        yield Risk(sentences.NOT_CONTAINED, sentences.NOT_CONTAINED_ADVICE)
    for change in changes:
        yield from _approved_alone(change)
        if change.run and change.run.broken and change.state in IN_FORCE:
            yield Risk(change.run.broken, sentences.BROKEN_ADVICE)
        if _open(change):
            what = sentences.change_open(change.number, change.title, change.state, change.outcome)
            yield Risk(what, sentences.CHANGE_ADVICE)
        for text in change.plan.irreversible if change.plan and change.state in IN_FORCE else ():
            yield Risk(sentences.irreversible(change.number, text), sentences.IRREVERSIBLE_ADVICE)


def _approved_alone(change: Change) -> Iterator[Risk]:
    for yes in change.approvals:
        if yes.break_glass:
            what = sentences.approved_alone(change.number, change.title, yes.user_id, yes.break_glass)
            yield Risk(what, sentences.BREAK_GLASS_ADVICE)


def _open(change: Change) -> bool:
    """A change that was wanted and is not there. A refused undo leaves its change in force: no risk."""
    return change.undoes is None and (change.state in _WITHOUT_EFFECT or change.state == PlanState.UNDONE)


def of_steps(steps: Iterable[StepLine]) -> Iterator[Risk]:
    """Investigations and changes of the playbook that have not ended well."""
    for line in steps:
        if line.step.kind in _CONSEQUENTIAL and line.step.state not in _STEP_OVER:
            yield Risk(sentences.step_open(line.title, line.step.state), sentences.STEP_ADVICE)


def of_evidence(
    found: Investigation | None, runs: Iterable[EvidenceRun], targets: Sequence[tuple[str, dict[str, str]]]
) -> Iterator[Risk]:
    """Logging that is off, investigations that failed, and proposals that never became a plan.

    `targets` are (remediation, target) of every plan.
    """
    for run in runs:
        if run.state == "failed":
            yield Risk(sentences.run_failed(run.id, run.error or ""), sentences.RUN_ADVICE)
    for proposal in found.proposals if found else ():
        if not any(_same(proposal, *one) for one in targets):
            target = ", ".join(proposal.target.values())
            what = sentences.never_planned(proposal.remediation, target, proposal.why)
            yield Risk(what, sentences.PROPOSAL_ADVICE)
    for one in found.coverage if found else ():
        if one.turn_on:
            yield Risk(sentences.cannot_know(one), one.turn_on)


def _same(proposal: Proposal, remediation: str, target: dict[str, str]) -> bool:
    return proposal.remediation == remediation and proposal.target.items() <= target.items()
