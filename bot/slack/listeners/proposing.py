"""A change that somebody asks for by hand: chosen from the catalogue, named, then planned by a job."""

from __future__ import annotations

from bot.config import Settings
from bot.incidents.jobs import PLAN_ORDER
from bot.incidents.phases import Phase
from bot.remediation.catalogue import remediation
from bot.remediation.errors import BadTarget, NoSuchRemediation
from bot.slack import names, proposing, sentences
from bot.slack.answers import Answer, FieldErrors, OpenModal, Say
from bot.slack.cards.text import escape
from bot.slack.registry import Registry
from bot.slack.requests import Click, Command, Submission
from bot.store import incidents
from bot.store.jobs import enqueue
from bot.store.tables.incidents import Incident
from bot.store.types import Tx


def register(registry: Registry) -> None:
    registry.action(names.PROPOSE, asked_for)
    registry.view(names.PROPOSE_CHOICE, chosen)
    registry.view(names.PROPOSE_FORM, submitted)


def propose(tx: Tx, settings: Settings, command: Command, rest: str) -> Answer:  # noqa: ARG001
    """With a row of the catalogue its form; without one the choice."""
    incident = incidents.by_channel(tx, command.channel_id or "")
    if incident is None:
        return Say(sentences.NO_INCIDENT_HERE)
    if incident.phase == Phase.CLOSED:
        return Say(sentences.CLOSED_PROPOSES_NOTHING)
    if not rest:
        return OpenModal(proposing.choose(incident))
    try:
        return OpenModal(proposing.target_form(incident, remediation(rest.upper())))
    except NoSuchRemediation as error:
        return Say(escape(str(error)))


def asked_for(tx: Tx, settings: Settings, click: Click) -> Answer:  # noqa: ARG001
    """The button of the control card, which stays when the incident is closed."""
    incident = incidents.get(tx, int(click.value))
    if incident is None:
        return Say(sentences.NO_INCIDENT_HERE)
    if incident.phase == Phase.CLOSED:
        return Say(sentences.CLOSED_PROPOSES_NOTHING)
    return OpenModal(proposing.choose(incident))


def chosen(tx: Tx, settings: Settings, form: Submission) -> Answer:  # noqa: ARG001
    incident = _incident(tx, form)
    return OpenModal(proposing.target_form(incident, remediation(form.values[names.ROW])))


def submitted(tx: Tx, settings: Settings, form: Submission) -> Answer:  # noqa: ARG001
    """What is no target of that change is said under its field; else the planning is queued."""
    incident, row = _incident(tx, form), remediation(form.metadata["row"])
    target = {
        name: value
        for name in (*row.wants, *row.optional)
        if (value := form.values.get(f"{names.TARGET}{name}", ""))
    }
    try:
        row.target(incident.account_id, incident.region, target)
    except BadTarget as error:
        return FieldErrors({f"{names.TARGET}{_blamed(str(error), target)}": str(error)})
    enqueue(
        tx,
        PLAN_ORDER,
        dedupe_key=f"order:{form.delivery_id}",
        priority=5,
        incident_id=incident.id,
        remediation=row.row,
        target=target,
        why=form.values[names.REASON],
        requested_by=form.user_id,
    )
    return Say(sentences.proposing(row.row, incident.name))


def _incident(tx: Tx, form: Submission) -> Incident:
    incident = incidents.get(tx, int(form.metadata["incident_id"]))
    assert incident is not None
    return incident


def _blamed(error: str, target: dict[str, str]) -> str:
    """The field whose value the sentence names, else the first."""
    return next((name for name, value in target.items() if value in error), next(iter(target)))
