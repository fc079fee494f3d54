"""Pins, bookmarks, reactions and blocks.validate. Source: docs.slack.dev/reference/methods."""

from __future__ import annotations

import re

from bot.sandbox.slack.api.call import Call, Method, method
from bot.sandbox.slack.errors import SlackError, invalid
from bot.sandbox.slack.formats import message_json
from bot.sandbox.slack.records import Change, Json
from bot.sandbox.slack.validation.surfaces import blocks_issues, view_issues

MOST_PINS = 100
_EMOJI = re.compile(r"[a-z0-9_+'-]{1,100}")


def pin(call: Call) -> Json:
    channel = call.open_channel()
    message = call.message(channel, "timestamp")
    if message.ts in channel.pinned:
        raise SlackError("already_pinned")
    if len(channel.pinned) >= MOST_PINS:
        raise SlackError("too_many_pins")
    channel.pinned.insert(0, message.ts)
    call.workspace.touch(message)
    call.workspace.update_channel(channel)
    return {}


def unpin(call: Call) -> Json:
    channel = call.open_channel()
    message = call.message(channel, "timestamp")
    if message.ts not in channel.pinned:
        raise SlackError("no_pin")
    channel.pinned.remove(message.ts)
    call.workspace.touch(message)
    call.workspace.update_channel(channel)
    return {}


def list_pins(call: Call) -> Json:
    channel = call.joined_channel()
    found = [call.workspace.message(channel.id, ts) for ts in channel.pinned]
    return {
        "items": [
            {
                "type": "message",
                "channel": channel.id,
                "message": message_json(call.workspace, one, call.backend.base_url),
            }
            for one in found
        ]
    }


def add_bookmark(call: Call) -> Json:
    channel = call.open_channel("channel_id")
    if call.args.required("type") != "link":
        raise SlackError("invalid_bookmark_type")
    link = call.args.required("link")
    if not link.startswith(("http://", "https://")):
        raise SlackError("invalid_link")
    bookmark: Json = {
        "id": call.workspace.new_id("Bk"),
        "channel_id": channel.id,
        "title": call.args.required("title"),
        "link": link,
        "type": "link",
    }
    channel.bookmarks.append(bookmark)
    call.workspace.update_channel(channel)
    return {"bookmark": bookmark}


def list_bookmarks(call: Call) -> Json:
    return {"bookmarks": call.channel("channel_id").bookmarks}


def add_reaction(call: Call) -> Json:
    channel = call.open_channel()
    message = call.message(channel, "timestamp")
    name = call.args.required("name")
    if not _EMOJI.fullmatch(name):
        raise SlackError("invalid_name")
    users = message.reactions.setdefault(name, [])
    if call.bot in users:
        raise SlackError("already_reacted")
    users.append(call.bot)
    call.workspace.touch(message)
    call.workspace.announce(
        Change("reaction_added", channel=channel, message=message, user=call.bot, reaction=name)
    )
    return {}


def validate(call: Call) -> Json:
    """blocks.validate: exactly one of ``blocks``, ``message``, ``view``."""
    given = [name for name in ("blocks", "message", "view") if name in call.args]
    if len(given) != 1:
        raise SlackError("invalid_arguments")
    value = call.args.value(given[0], "invalid_arguments")
    if given[0] == "view":
        issues = view_issues(value)
    else:
        issues = blocks_issues(value.get("blocks") if given[0] == "message" else value)
    if issues:
        raise invalid("invalid_blocks", issues)
    return {}


METHODS: dict[str, Method] = {
    "pins.add": method(pin, "pins:write"),
    "pins.remove": method(unpin, "pins:write"),
    "pins.list": method(list_pins, "pins:read"),
    "bookmarks.add": method(add_bookmark, "bookmarks:write"),
    "bookmarks.list": method(list_bookmarks, "bookmarks:read"),
    "reactions.add": method(add_reaction, "reactions:write"),
    "blocks.validate": method(validate),
}
