"""The listeners by name. Bolt is wired from this, and so is the app's manifest: they cannot differ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from bot.config import Settings
from bot.slack.answers import Answer
from bot.slack.requests import Click, Command, Event, Shortcut, Submission
from bot.store.types import Tx

R = TypeVar("R", Command, Click, Submission, Shortcut, Event)
Handler = Callable[[Tx, Settings, R], Answer]


@dataclass(frozen=True)
class SlashCommand:
    handler: Handler[Command]
    description: str
    usage_hint: str


@dataclass(frozen=True)
class ShortcutEntry:
    handler: Handler[Shortcut]
    kind: Literal["global", "message"]
    name: str
    description: str


@dataclass
class Registry:
    """Every listener, by the name Slack knows it under. A name can be taken once."""

    commands: dict[str, SlashCommand] = field(default_factory=dict)
    actions: dict[str, Handler[Click]] = field(default_factory=dict)
    views: dict[str, Handler[Submission]] = field(default_factory=dict)
    shortcuts: dict[str, ShortcutEntry] = field(default_factory=dict)
    events: dict[str, Handler[Event]] = field(default_factory=dict)

    def command(self, name: str, handler: Handler[Command], *, description: str, usage_hint: str) -> None:
        _take(self.commands, name, SlashCommand(handler, description, usage_hint))

    def action(self, action_id: str, handler: Handler[Click]) -> None:
        _take(self.actions, action_id, handler)

    def view(self, callback_id: str, handler: Handler[Submission]) -> None:
        _take(self.views, callback_id, handler)

    def shortcut(self, callback_id: str, entry: ShortcutEntry) -> None:
        _take(self.shortcuts, callback_id, entry)

    def event(self, kind: str, handler: Handler[Event]) -> None:
        _take(self.events, kind, handler)


V = TypeVar("V")


def _take(table: dict[str, V], name: str, entry: V) -> None:
    if name in table:
        raise ValueError(f"{name!r} already has a listener")
    table[name] = entry
