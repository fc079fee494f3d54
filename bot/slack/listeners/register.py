"""All listeners: what the bot answers to, and what its manifest asks Slack for."""

from __future__ import annotations

from bot.slack.listeners import proposing
from bot.slack.listeners.actions import deciding, going_on, opening, plan, task
from bot.slack.listeners.commands import s3incident
from bot.slack.listeners.events import home
from bot.slack.listeners.shortcuts import shortcuts
from bot.slack.listeners.views import forms
from bot.slack.registry import Registry


def registry() -> Registry:
    found = Registry()
    for room in (s3incident, plan, deciding, going_on, task, opening, forms, shortcuts, home, proposing):
        room.register(found)
    return found
