"""Shortcuts: open an incident from anywhere, and add a message to the incident's timeline."""

from __future__ import annotations

from bot.config import Settings
from bot.incidents.notes import add_note
from bot.slack import names, sentences
from bot.slack.answers import Answer, Say
from bot.slack.cards.text import escape
from bot.slack.listeners import opening
from bot.slack.registry import Registry, ShortcutEntry
from bot.slack.requests import Shortcut
from bot.store import incidents
from bot.store.types import Tx

OPEN = ShortcutEntry(
    handler=lambda _tx, settings, _shortcut: opening.form(settings),
    kind="global",
    name="Open S3 incident",
    description="Contain, document and close an S3 incident",
)


def register(registry: Registry) -> None:
    registry.shortcut(names.OPEN_SHORTCUT, OPEN)
    registry.shortcut(names.NOTE_SHORTCUT, NOTE)


def add_to_timeline(tx: Tx, settings: Settings, shortcut: Shortcut) -> Answer:  # noqa: ARG001
    """Adds the message as a note of the person who pressed it, naming the message's author."""
    incident = incidents.by_channel(tx, shortcut.channel_id or "")
    if incident is None:
        return Say(sentences.NO_INCIDENT_HERE)
    if not shortcut.message_text.strip():
        return Say(sentences.MESSAGE_EMPTY)
    text = f"{shortcut.message_author} wrote: {shortcut.message_text}"
    refused = add_note(tx, incident.id, shortcut.user_id, text)
    return Say(escape(refused) if refused else sentences.NOTED)


NOTE = ShortcutEntry(
    handler=add_to_timeline,
    kind="message",
    name="Add to incident timeline",
    description="Keep this message in the incident's timeline",
)
