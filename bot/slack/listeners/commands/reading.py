"""Subcommands that only show: status, list, approvals."""

from __future__ import annotations

from bot.config import Settings
from bot.incidents.jobs import INBOX_SHOW
from bot.slack import sentences
from bot.slack.answers import Answer, Nothing, Say
from bot.slack.cards import control, kit
from bot.slack.cards.text import channel, code, count, moment
from bot.slack.requests import Command
from bot.slack.taking_part import takes_part
from bot.store import incidents
from bot.store.jobs import enqueue
from bot.store.tables.incidents import Incident
from bot.store.types import Tx


def status(tx: Tx, settings: Settings, command: Command, rest: str) -> Answer:
    """The control card of this channel's incident, or of the one whose number is given."""
    here = incidents.by_channel(tx, command.channel_id or "")
    incident = _numbered(tx, rest) if rest else here
    if incident is None:
        return Say(sentences.NO_INCIDENT_HERE)
    if incident is not here and not takes_part(tx, incident, command.user_id):
        return Say(sentences.not_yours(incident))
    card = control.draw(tx, settings, {"incident_id": incident.id})
    return Say(card.text, card.blocks)


def listing(tx: Tx, settings: Settings, command: Command, rest: str) -> Answer:  # noqa: ARG001
    open_ = incidents.listing(tx)
    if not open_:
        return Say(sentences.NO_OPEN_INCIDENT)
    lines = [_line(one, known=takes_part(tx, one, command.user_id)) for one in open_]
    block = kit.paragraph(count(len(open_), "open incident"), lines, elsewhere="")
    card = kit.card(block)
    return Say(card.text, card.blocks)


def approvals(tx: Tx, settings: Settings, command: Command, rest: str) -> Answer:  # noqa: ARG001
    """Answered by a job: what somebody may decide is asked of Slack, which may take too long here."""
    key = f"inbox:{command.delivery_id}"
    channel_id, user_id = command.channel_id, command.user_id
    enqueue(tx, INBOX_SHOW, dedupe_key=key, priority=8, user_id=user_id, channel_id=channel_id, key=key)
    return Nothing()


def _line(incident: Incident, *, known: bool) -> str:
    """Who takes no part learns the number, the severity and the phase: an incident is confidential."""
    first = f"*{incident.name}* SEV{incident.severity}: {incident.phase}"
    if not known:
        return first
    where = channel(incident.channel_id) if incident.channel_id else "channel being made"
    contained = "contained" if incident.contained_at else "not contained"
    return f"{first}, {contained}, {code(incident.bucket)}, {where}, since {moment(incident.opened_at)}"


def _numbered(tx: Tx, word: str) -> Incident | None:
    """`7`, `0007` or `inc-0007`."""
    digits = word.lower().removeprefix("inc-")
    return incidents.get(tx, int(digits)) if digits.isdecimal() and len(digits) < 10 else None
