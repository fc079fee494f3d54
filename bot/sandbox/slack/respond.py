"""Answers of the app to a command or a click: through a response URL or inside the acknowledgement."""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack.backend import Backend
from bot.sandbox.slack.content import checked_blocks, checked_text
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.formats import message_json
from bot.sandbox.slack.records import Json, Message
from bot.sandbox.slack.triggers import ResponseUrl


def respond(backend: Backend, target: ResponseUrl, body: Any) -> Message | None:
    """Carry out an answer: a new message, a replaced or a deleted original.

    A new message stands in the channel, outside the thread, unless the answer names a ``thread_ts``.
    Returns the message that is there now. Raises SlackError for content that Slack refuses.
    """
    answer: Json = body if isinstance(body, dict) else {"text": str(body)}
    original = _original(backend, target)
    if original is not None and answer.get("delete_original"):
        backend.workspace.delete(original)
        return None
    blocks = checked_blocks(answer.get("blocks"))
    text = checked_text(str(answer.get("text") or ""))
    if not text and not blocks:
        raise SlackError("no_text", status=400)
    if original is not None and answer.get("replace_original"):
        return _replace(backend, original, text, blocks)
    return _post(backend, target, answer, text, blocks)


def _original(backend: Backend, target: ResponseUrl) -> Message | None:
    messages = backend.workspace.messages[target.channel]
    return messages.get(target.message_ts) if target.message_ts else None


def _replace(backend: Backend, original: Message, text: str, blocks: list[Json]) -> Message:
    workspace = backend.workspace
    previous = message_json(workspace, original, backend.base_url)
    workspace.edit(original, by=workspace.bot_user, text=text, blocks=blocks, previous=previous)
    return original


def _post(backend: Backend, target: ResponseUrl, answer: Json, text: str, blocks: list[Json]) -> Message:
    workspace = backend.workspace
    in_channel = answer.get("response_type") == "in_channel"
    return workspace.post(
        workspace.channels[target.channel],
        workspace.bot_user,
        text,
        blocks=blocks,
        only_for=None if in_channel else target.user,
        thread_ts=answer.get("thread_ts"),
    )
