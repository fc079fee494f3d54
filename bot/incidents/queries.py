"""What people ask about incidents: the status of one, and the list of all that are open."""

from __future__ import annotations

from dataclasses import dataclass

from bot.incidents.headline import headline, investigation_of
from bot.store import evidence, incidents, plans, playbooks
from bot.store.tables.incidents import Incident, Task, TimelineEntry
from bot.store.tables.plans import PlanRow
from bot.store.tables.playbooks import Step
from bot.store.types import Tx

TAIL = 8


@dataclass(frozen=True)
class StepLine:
    """A step of the playbook: its title as people read it, and where it stands."""

    step: Step
    title: str
    phase: str


@dataclass(frozen=True)
class IncidentStatus:
    """One incident now. `evidence` is one line about the latest finished investigation, or None."""

    incident: Incident
    steps: tuple[StepLine, ...]
    plans: tuple[PlanRow, ...]
    tasks: tuple[Task, ...]
    evidence: str | None
    tail: tuple[TimelineEntry, ...]


def status(tx: Tx, incident_id: int) -> IncidentStatus | None:
    """Everything the status shows; None when there is no such incident."""
    incident = incidents.get(tx, incident_id)
    if incident is None:
        return None
    return IncidentStatus(
        incident=incident,
        steps=_steps(tx, incident_id),
        plans=tuple(plans.of_incident(tx, incident_id)),
        tasks=tuple(incidents.tasks(tx, incident_id)),
        evidence=_evidence(tx, incident_id),
        tail=tuple(incidents.timeline(tx, incident_id, TAIL)),
    )


def listing(tx: Tx) -> list[Incident]:
    """The open incidents, newest first."""
    return incidents.listing(tx)


def _steps(tx: Tx, incident_id: int) -> tuple[StepLine, ...]:
    run = playbooks.run_of(tx, incident_id)
    if run is None:
        return ()
    known = {step["key"]: step for step in run.definition["steps"]}
    return tuple(
        StepLine(step, known[step.key]["title"], known[step.key]["phase"])
        for step in playbooks.steps(tx, run.id)
    )


def _evidence(tx: Tx, incident_id: int) -> str | None:
    run = evidence.latest_run(tx, incident_id)
    investigation = investigation_of(run) if run else None
    return headline(investigation) if investigation else None
