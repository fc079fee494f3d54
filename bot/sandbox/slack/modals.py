"""Submitting and closing modals: ``view_submission``, ``view_closed`` and the app's response actions."""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack import inputs, sentences
from bot.sandbox.slack.backend import Backend
from bot.sandbox.slack.clicking import merge_values
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.outcome import Outcome
from bot.sandbox.slack.records import Json, View
from bot.sandbox.slack.view_stack import clear, close_view, push_modal, update_view


class Modals:
    """What the buttons at the foot of a modal do."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._workspace = backend.workspace

    async def submit(self, user: str, view: View, values: Json) -> Outcome:
        """Check the inputs as Slack's client does, ask the app, and do what it answers."""
        merge_values(view, values)
        errors = inputs.complaints(view.blocks, view.values)
        if errors:
            return Outcome(errors=errors)
        payload = self._backend.payloads.submission(user, view, trigger_id=self._backend.triggers.make(user))
        ack = await self._backend.courier.ask("interactive", payload)
        if not ack.ok:
            return Outcome(error=sentences.COULD_NOT_CONNECT)
        try:
            return self._follow(user, view, ack.payload)
        except SlackError:
            return Outcome(error=sentences.COULD_NOT_CONNECT)

    def _follow(self, user: str, view: View, answer: Any) -> Outcome:
        """Carry out a ``response_action``; no answer closes the modal."""
        action = answer.get("response_action") if isinstance(answer, dict) else None
        match action:
            case "errors":
                return _errors(view, answer.get("errors") or {})
            case "update":
                update_view(self._workspace, view, answer.get("view"))
            case "push":
                push_modal(self._workspace, user, answer.get("view"))
            case "clear":
                clear(self._workspace, user)
            case None:
                close_view(self._workspace, view)
            case _:
                return Outcome(error=sentences.COULD_NOT_CONNECT)
        return Outcome()

    async def close(self, user: str, view: View, *, everything: bool = False) -> Outcome:
        """Close a modal (or the whole stack); the app hears of it if the view asks for that."""
        stack = list(self._workspace.stack(user))
        cleared = everything or bool(view.definition.get("clear_on_close"))
        gone = stack if cleared else stack[stack.index(view) :]
        if cleared:
            clear(self._workspace, user)
        else:
            close_view(self._workspace, view)
        for one in gone:
            if one.definition.get("notify_on_close"):
                payload = self._backend.payloads.closed(user, one, cleared=cleared)
                await self._backend.courier.ask("interactive", payload)
        return Outcome()


def _errors(view: View, errors: Json) -> Outcome:
    """Errors must name input blocks of the view; Slack's client gives up on any other."""
    inputs_there = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    if not errors or not set(errors) <= inputs_there:
        return Outcome(error=sentences.COULD_NOT_CONNECT)
    return Outcome(errors={block_id: str(text) for block_id, text in errors.items()})
