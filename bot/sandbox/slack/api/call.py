"""One call of a Web API method, and what a method is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox.slack.api.arguments import Arguments
from bot.sandbox.slack.backend import Backend
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.records import Channel, Json, Message
from bot.sandbox.slack.workspace import Workspace


@dataclass(frozen=True)
class Call:
    """A call that carries the bot's token (or, for apps.connections.open, the app's)."""

    backend: Backend
    args: Arguments

    @property
    def workspace(self) -> Workspace:
        return self.backend.workspace

    @property
    def bot(self) -> str:
        return self.workspace.bot_user

    def channel(self, name: str = "channel") -> Channel:
        """A channel the bot may know of; a user id means the direct conversation.

        Raises SlackError ``channel_not_found``, ``user_not_found``.
        """
        wanted = self.args.required(name)
        if wanted in self.workspace.users:
            return self.workspace.direct(wanted)
        named = [one for one in self.workspace.channels.values() if f"#{one.name}" == wanted]
        return self.workspace.channel_for(self.bot, named[0].id if named else wanted)

    def joined_channel(self, name: str = "channel") -> Channel:
        """A channel the bot is in. Raises SlackError ``not_in_channel`` as well."""
        channel = self.channel(name)
        if self.bot not in channel.members:
            raise SlackError("not_in_channel")
        return channel

    def open_channel(self, name: str = "channel") -> Channel:
        """A channel the bot is in and that can be changed. Raises SlackError ``is_archived`` as well."""
        channel = self.joined_channel(name)
        if channel.is_archived:
            raise SlackError("is_archived")
        return channel

    def message(self, channel: Channel, name: str = "ts") -> Message:
        """A message everybody can see. Raises SlackError ``message_not_found``."""
        message = self.workspace.message(channel.id, self.args.required(name))
        if message.only_for is not None:
            raise SlackError("message_not_found")
        return message


@dataclass(frozen=True)
class Method:
    """A Web API method: what runs, and the scopes of which the token needs one (none: no scope).

    ``by_app`` marks the methods that take the app-level token.
    """

    run: Callable[[Call], Json]
    scopes: frozenset[str] = frozenset()
    by_app: bool = False


def method(run: Callable[[Call], Json], *scopes: str) -> Method:
    return Method(run, frozenset(scopes))


def page(items: list[Json], call: Call, *, default: int = 100) -> tuple[list[Json], Json]:
    """One page of a list and its ``response_metadata``. Raises SlackError ``invalid_cursor``."""
    cursor = call.args.text("cursor")
    if cursor and not cursor.isdecimal():
        raise SlackError("invalid_cursor")
    start = int(cursor or 0)
    end = start + max(1, min(call.args.number("limit", default), 1000))
    return items[start:end], {"next_cursor": str(end) if end < len(items) else ""}
