"""What people type, turned into what Slack stores: escaped, with @names and #channels as ids."""

from __future__ import annotations

import re

from bot.sandbox.slack.records import Json
from bot.sandbox.slack.workspace import Workspace

_MENTION = re.compile(r"(?<![\w<])([@#])([\w.-]*\w)")
_STORED = re.compile(r"<([@#])(\w+)(?:\|[^>]*)?>")


def escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def stored(workspace: Workspace, text: str) -> str:
    """``hi @sam in #general`` as ``hi <@U0SAM> in <#C...|general>``."""
    return _MENTION.sub(lambda found: _linked(workspace, found[1], found[2], found[0]), escape(text))


def _linked(workspace: Workspace, sign: str, name: str, as_typed: str) -> str:
    if sign == "@":
        for user in workspace.users.values():
            if user.name == name:
                return f"<@{user.id}>"
        return as_typed
    for channel in workspace.channels.values():
        if channel.name == name:
            return f"<#{channel.id}|{name}>"
    return as_typed


def with_names(workspace: Workspace, text: str) -> str:
    """Command text with ``should_escape``: user links carry the name too."""
    return re.sub(r"<@(\w+)>", lambda found: f"<@{found[1]}|{workspace.users[found[1]].name}>", text)


def rich_text(text: str, block_id: str) -> Json:
    """The rich_text block that Slack's composer makes of stored text."""
    parts: list[Json] = []
    end = 0
    for found in _STORED.finditer(text):
        if found.start() > end:
            parts.append({"type": "text", "text": unescape(text[end : found.start()])})
        kind, key = ("user", "user_id") if found[1] == "@" else ("channel", "channel_id")
        parts.append({"type": kind, key: found[2]})
        end = found.end()
    if end < len(text):
        parts.append({"type": "text", "text": unescape(text[end:])})
    section = {"type": "rich_text_section", "elements": parts}
    return {"type": "rich_text", "block_id": block_id, "elements": [section]}
