"""Everything a person can do, in one place: the page and the drivers in tests both come through here."""

from __future__ import annotations

from bot.sandbox.slack import sentences
from bot.sandbox.slack.backend import Backend
from bot.sandbox.slack.clicking import Clicking
from bot.sandbox.slack.composing import Composing
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.modals import Modals
from bot.sandbox.slack.outcome import Outcome
from bot.sandbox.slack.records import Channel, Json, Message, View


class Doing:
    """Carries out ``{"kind": ..., ...}`` for a person; see `do`."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._workspace = backend.workspace
        self._composing = Composing(backend)
        self._clicking = Clicking(backend)
        self._modals = Modals(backend)

    async def do(self, user: str, wish: Json) -> Outcome:
        """Carry out a wish; everything that is not possible comes back as a sentence.

        Kinds: say, command, action, options, submit, close_view, shortcut, open_home.
        """
        try:
            if self._workspace.user(user).deleted:
                raise SlackError("account_inactive")
            return await self._do(user, wish)
        except SlackError as refusal:
            return Outcome(error=refusal.code)
        except (KeyError, ValueError) as problem:
            return Outcome(error=f"invalid_arguments: {problem}")

    async def _do(self, user: str, wish: Json) -> Outcome:
        ways = {
            "say": self._say,
            "command": self._command,
            "action": self._action,
            "options": self._options,
            "submit": self._submit,
            "close_view": self._close_view,
            "shortcut": self._shortcut,
            "open_home": self._open_home,
        }
        kind = wish.get("kind")
        if kind not in ways:
            raise ValueError(f"unknown kind {kind!r}")
        return await ways[kind](user, wish)

    async def _say(self, user: str, wish: Json) -> Outcome:
        return await self._composing.say(user, self._channel(user, wish), wish["text"], wish.get("thread_ts"))

    async def _command(self, user: str, wish: Json) -> Outcome:
        return await self._composing.command(user, self._channel(user, wish), wish["text"])

    async def _options(self, user: str, wish: Json) -> Outcome:
        return await self._clicking.suggest(user, self._place(user, wish), wish)

    async def _submit(self, user: str, wish: Json) -> Outcome:
        view = self._own_view(user, wish["view_id"])
        return await self._modals.submit(user, view, wish.get("values") or {})

    async def _close_view(self, user: str, wish: Json) -> Outcome:
        view = self._own_view(user, wish["view_id"])
        return await self._modals.close(user, view, everything=bool(wish.get("everything")))

    async def _shortcut(self, user: str, wish: Json) -> Outcome:
        message = self._message(user, wish) if wish.get("ts") else None
        return await self._clicking.shortcut(user, wish["callback_id"], message)

    async def _open_home(self, user: str, _wish: Json) -> Outcome:
        self._backend.events.home_opened(user)
        return Outcome()

    async def _action(self, user: str, wish: Json) -> Outcome:
        place = self._place(user, wish)
        if isinstance(place, View):
            return await self._clicking.in_view(user, place, wish)
        return await self._clicking.in_message(user, place, wish)

    def _place(self, user: str, wish: Json) -> Message | View:
        if wish.get("view_id"):
            return self._own_view(user, wish["view_id"])
        return self._message(user, wish)

    def _channel(self, user: str, wish: Json) -> Channel:
        return self._workspace.channel_for(user, wish["channel"])

    def _message(self, user: str, wish: Json) -> Message:
        message = self._clicking.visible_message(user, self._channel(user, wish), wish["ts"])
        if message is None:
            raise SlackError(sentences.GONE)
        return message

    def _own_view(self, user: str, view_id: str) -> View:
        view = self._workspace.view(view_id)
        if view.user != user:
            raise SlackError("not_found")
        return view
