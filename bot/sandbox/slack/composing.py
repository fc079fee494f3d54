"""Typing into the message box: messages, the app's commands, and Slack's own ``/invite`` and ``/leave``."""

from __future__ import annotations

from bot.sandbox.slack import sentences
from bot.sandbox.slack.backend import Backend
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.outcome import Outcome
from bot.sandbox.slack.people import SLACKBOT_ID
from bot.sandbox.slack.records import Channel, Message
from bot.sandbox.slack.respond import respond
from bot.sandbox.slack.slack_app import Command
from bot.sandbox.slack.triggers import ResponseUrl
from bot.sandbox.slack.typed_text import rich_text, stored, with_names


class Composing:
    """What the message box does for a person in a channel."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._workspace = backend.workspace

    async def say(self, user: str, channel: Channel, text: str, thread_ts: str | None = None) -> Outcome:
        """Post a message or, when it begins with ``/``, run a command."""
        if text.startswith("/"):
            return await self.command(user, channel, text)
        if channel.is_archived:
            return Outcome(error=sentences.ARCHIVED)
        if user not in channel.members:
            self._workspace.join(channel, user)
        kept = stored(self._workspace, text)
        blocks = [rich_text(kept, self._workspace.new_id("")[:5])]
        message = self._workspace.post(channel, user, kept, blocks=blocks, thread_ts=thread_ts)
        return Outcome(message=message)

    async def command(self, user: str, channel: Channel, line: str) -> Outcome:
        """Run ``/name text``."""
        name, _, text = line.strip().partition(" ")
        if name == "/invite":
            return self._invite(user, channel, text.split())
        if name == "/leave":
            self._workspace.leave(channel, user)
            return Outcome()
        command = self._workspace.app.command(name)
        if command is None:
            return self._slackbot(user, channel, sentences.not_a_command(name))
        return await self._ask_app(user, channel, command, text.strip())

    async def _ask_app(self, user: str, channel: Channel, command: Command, text: str) -> Outcome:
        backend = self._backend
        if command.should_escape:
            text = with_names(self._workspace, stored(self._workspace, text))
        form = backend.payloads.command(
            user,
            channel,
            command.name,
            text,
            trigger_id=backend.triggers.make(user),
            response_url=backend.response_url(channel.id, user),
        )
        ack = await backend.courier.ask("slash_commands", dict(form))
        if not ack.ok:
            return self._slackbot(user, channel, sentences.command_failed(command.name, ack.error))
        if not ack.payload:
            return Outcome()
        target = ResponseUrl(channel.id, user, self._workspace.clock())
        try:
            return Outcome(message=respond(backend, target, ack.payload))
        except SlackError:
            failure = sentences.command_failed(command.name, "invalid_command_response")
            return self._slackbot(user, channel, failure)

    def _slackbot(self, user: str, channel: Channel, sentence: str) -> Outcome:
        """Slack's own word to one person."""
        return Outcome(error=sentence, message=self._tell_only(user, channel, sentence))

    def _tell_only(self, user: str, channel: Channel, sentence: str) -> Message:
        return self._workspace.post(
            channel,
            SLACKBOT_ID,
            sentence,
            only_for=user,
            is_error=True,
            username="Slackbot",
        )

    def _invite(self, user: str, channel: Channel, handles: list[str]) -> Outcome:
        """Members invite whom they like, guests and strangers too: people do."""
        for handle in handles:
            try:
                guest = self._workspace.person(handle)
            except KeyError:
                return self._slackbot(user, channel, sentences.no_such_person(handle))
            if guest.id not in channel.members:
                self._workspace.join(channel, guest.id, inviter=user)
        return Outcome()
