"""Subcommands that change something: open, note, close, audit."""

from __future__ import annotations

from bot.config import AccountSettings, Settings
from bot.incidents.jobs import AUDIT_RUN
from bot.incidents.notes import add_note
from bot.incidents.opening import parse_open
from bot.slack import modals, sentences
from bot.slack.answers import Answer, OpenModal, Say
from bot.slack.cards.text import escape
from bot.slack.listeners import opening
from bot.slack.requests import Command
from bot.store import incidents
from bot.store.jobs import enqueue
from bot.store.tables.incidents import Incident
from bot.store.types import Tx


def open_(tx: Tx, settings: Settings, command: Command, rest: str) -> Answer:
    """With a bucket it opens at once; without one, or with several accounts to choose from, a form."""
    if not rest or not settings.accounts:
        return opening.form(settings)
    words = parse_open(rest)
    if isinstance(words, str):
        return Say(escape(words))
    if len(settings.accounts) > 1:
        return opening.form(settings, bucket=words.bucket, suspicion=words.suspicion)
    account = settings.accounts[0]
    return opening.open_now(tx, account, words.bucket, words.severity, words.suspicion, command.user_id)


def note(tx: Tx, settings: Settings, command: Command, rest: str) -> Answer:  # noqa: ARG001
    incident = here(tx, command)
    if incident is None:
        return Say(sentences.NO_INCIDENT_HERE)
    if not rest:
        return Say(sentences.NOTE_EMPTY)
    refused = add_note(tx, incident.id, command.user_id, rest)
    return Say(escape(refused) if refused else sentences.NOTED)


def close(tx: Tx, settings: Settings, command: Command, rest: str) -> Answer:  # noqa: ARG001
    """Asks once more; the form closes it."""
    incident = here(tx, command)
    if incident is None:
        return Say(sentences.NO_INCIDENT_HERE)
    return OpenModal(modals.close_form(incident, rest))


def audit(tx: Tx, settings: Settings, command: Command, rest: str) -> Answer:
    account = _account(settings, rest)
    if account is None:
        return Say(sentences.which_account(rest, [one.account_id for one in settings.accounts]))
    enqueue(
        tx,
        AUDIT_RUN,
        dedupe_key=f"audit:{command.delivery_id}",
        account_id=account.account_id,
        channel_id=command.channel_id,
        cadence="asked",
        requested_by=command.user_id,
        slot=None,
    )
    return Say(sentences.audit_started(account.account_id))


def here(tx: Tx, command: Command) -> Incident | None:
    """The incident this channel belongs to."""
    return incidents.by_channel(tx, command.channel_id or "")


def _account(settings: Settings, wanted: str) -> AccountSettings | None:
    if not wanted and len(settings.accounts) == 1:
        return settings.accounts[0]
    return next((one for one in settings.accounts if wanted in (one.account_id, one.name) and wanted), None)
