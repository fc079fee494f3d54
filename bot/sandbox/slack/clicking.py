"""Clicking in messages and views, and the shortcuts."""

from __future__ import annotations

from bot.sandbox.slack import inputs, sentences
from bot.sandbox.slack.backend import Backend
from bot.sandbox.slack.delivery.courier import Ack
from bot.sandbox.slack.outcome import Outcome
from bot.sandbox.slack.records import Channel, Json, Message, View


class Clicking:
    """What a person sets off with the elements of a message or a view."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._workspace = backend.workspace

    async def in_message(self, user: str, message: Message, sent: Json) -> Outcome:
        """``sent`` names block_id and action_id and carries what was picked.

        ``late`` is the click of a client that has not seen the newest edits: the element may be one
        that is gone by now, and the app is told of it nevertheless.
        """
        found = _element(message, sent)
        if found is None:
            return Outcome(error=sentences.GONE)
        block, element = found
        state = self._message_state(user, message, block, element, sent)
        backend = self._backend
        payload = backend.payloads.message_actions(
            user,
            message,
            self._action(block, element, sent),
            state=state,
            trigger_id=backend.triggers.make(user),
            response_url=backend.response_url(message.channel, user, message_ts=message.ts),
        )
        return self._told(await backend.courier.ask("interactive", payload))

    async def in_view(self, user: str, view: View, sent: Json) -> Outcome:
        """As `in_message`; ``sent["values"]`` may carry what else is entered in the view by now."""
        found = inputs.find(view.blocks, sent["block_id"], sent["action_id"])
        if found is None:
            return Outcome(error=sentences.GONE)
        block, element = found
        merge_values(view, sent.get("values") or {})
        if element["type"] in inputs.VALUE_OF:
            merge_values(view, {block["block_id"]: {element["action_id"]: sent}})
        payload = self._backend.payloads.view_actions(
            user, view, self._action(block, element, sent), trigger_id=self._backend.triggers.make(user)
        )
        return self._told(await self._backend.courier.ask("interactive", payload))

    async def suggest(self, user: str, place: Message | View, sent: Json) -> Outcome:
        """Ask the app for the options of an external select."""
        payload = self._backend.payloads.suggestion(
            user, place, sent["block_id"], sent["action_id"], str(sent.get("value") or "")
        )
        ack = await self._backend.courier.ask("interactive", payload)
        options = ack.payload.get("options", []) if isinstance(ack.payload, dict) else []
        return Outcome(error=self._told(ack).error, options=options)

    async def shortcut(self, user: str, callback_id: str, message: Message | None) -> Outcome:
        """Run a global shortcut or, with a message, a message shortcut."""
        backend = self._backend
        trigger_id = backend.triggers.make(user)
        if not self._workspace.app.has_shortcut(callback_id, on_message=message is not None):
            return Outcome(error=sentences.no_answer(self._workspace.app.name, "unknown_shortcut"))
        if message is None:
            payload = backend.payloads.shortcut(user, callback_id, trigger_id=trigger_id)
        else:
            url = backend.response_url(message.channel, user)
            payload = backend.payloads.message_shortcut(
                user, callback_id, message, trigger_id=trigger_id, response_url=url
            )
        return self._told(await backend.courier.ask("interactive", payload))

    def visible_message(self, user: str, channel: Channel, ts: str) -> Message | None:
        """The message this person clicks on; None when it is gone or was never theirs to see."""
        return next((one for one in self._workspace.seen_by(user, channel) if one.ts == ts), None)

    def _message_state(self, user: str, message: Message, block: Json, element: Json, sent: Json) -> Json:
        state = inputs.state_of(message.blocks, message.state.get(user))
        if element["type"] in inputs.VALUE_OF:
            state.setdefault(block["block_id"], {})[element["action_id"]] = inputs.entered(element, sent)
        message.state[user] = state
        return state

    def _action(self, block: Json, element: Json, sent: Json) -> Json:
        """One entry of ``actions``; a button's value is the block's, whatever was sent."""
        action: Json = {
            "type": element["type"],
            "action_id": element["action_id"],
            "block_id": block["block_id"],
            "action_ts": self._workspace.new_ts(),
        }
        if element["type"] == "overflow":
            action["selected_option"] = inputs.choose(element, sent.get("selected_option"))
        elif element["type"] in inputs.VALUE_OF:
            action |= inputs.entered(element, sent)
        kept = ("text", "value", "style", "url", "placeholder", "confirm")
        return {**{name: element[name] for name in kept if name in element}, **action}

    def _told(self, ack: Ack) -> Outcome:
        if ack.ok:
            return Outcome()
        return Outcome(error=sentences.no_answer(self._workspace.app.name, ack.error))


def _element(message: Message, sent: Json) -> tuple[Json, Json] | None:
    versions = [message.blocks, *reversed(message.earlier)] if sent.get("late") else [message.blocks]
    for blocks in versions:
        found = inputs.find(blocks, sent["block_id"], sent["action_id"])
        if found is not None and (not sent.get("late") or found[1].get("value") == sent.get("seen_value")):
            return found
    return None


def merge_values(view: View, sent: Json) -> None:
    """Take over what a person has entered, for the elements that the view really has.

    Raises ValueError for an option that was not offered.
    """
    for block, element in inputs.elements(view.blocks):
        given = sent.get(block["block_id"], {}).get(element["action_id"])
        if given is not None and element["type"] in inputs.VALUE_OF:
            view.values[block["block_id"]][element["action_id"]] = inputs.entered(element, given)
