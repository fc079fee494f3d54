"""The report in a few sentences: what happened, when it was contained, and what is not known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.evidence.report import Investigation
from bot.incidents.plan_states import IN_FORCE, PlanState
from bot.reports import sentences
from bot.reports.data import Change, Facts
from bot.store.tables.incidents import TimelineEntry

_UNCLEAR = frozenset({PlanState.FAILED, PlanState.STOPPED, PlanState.HALTED})
_NOT_MADE = frozenset(
    {
        PlanState.PROPOSED,
        PlanState.REJECTED,
        PlanState.EXPIRED,
        PlanState.STALE,
        PlanState.REPLACED,
        PlanState.WAITING,
    }
)


def summary(
    facts: Facts, found: Investigation | None, containment: Sequence[TimelineEntry], changes: Sequence[Change]
) -> tuple[str, ...]:
    """One sentence or two for each: opened, found, contained, changed, closed."""
    return (
        sentences.opened(
            facts.opened_by,
            facts.opened_at,
            facts.severity,
            facts.bucket,
            facts.account_id,
            facts.suspicion.rstrip("."),
        ),
        found.verdict if found else sentences.NO_EVIDENCE,
        _contained(facts, containment),
        _changed(changes),
        sentences.closed(facts.closed_by, facts.closed_at)
        if facts.closed_by and facts.closed_at
        else sentences.STILL_OPEN,
    )


def unknown(found: Investigation | None) -> tuple[str, ...]:
    """What the logs cannot show, first of all."""
    if found is None:
        return (sentences.NO_EVIDENCE,)
    return tuple(_unknown(found)) or (sentences.NOTHING_UNKNOWN,)


def _unknown(found: Investigation) -> Iterator[str]:
    for one in found.coverage:
        # Access logs repeat what data events tell; without them nothing more is unknown.
        if one.answer != "yes" and one.subject != "server access logs":
            yield sentences.cannot_know(one)
    unanswered = [one for one in found.answers if one.answer == "cannot_know"]
    if unanswered:
        yield sentences.unanswered(unanswered)


def _contained(facts: Facts, containment: Sequence[TimelineEntry]) -> str:
    if facts.contained_at:
        return sentences.contained(facts.contained_at, facts.opened_at)
    began = [entry.at for entry in containment if entry.kind == "incident.contained"]
    ended = [entry.at for entry in containment if entry.kind == "incident.not_contained"]
    if began and ended:
        return sentences.contained_for_a_while(began[-1], ended[-1])
    return sentences.NEVER_CONTAINED


def _changed(changes: Sequence[Change]) -> str:
    states = [change.state for change in changes]
    return sentences.changes(
        total=len(states),
        in_force=sum(state in IN_FORCE for state in states),
        undone=states.count(PlanState.UNDONE),
        not_made=sum(state in _NOT_MADE for state in states),
        unclear=sum(state in _UNCLEAR for state in states),
    )
