"""What people did in Slack, as typed values: parsed from Bolt's bodies, in one place.

Every request has a `delivery_id`: Slack delivers at least once, and a second delivery of the same
interaction has the same id. https://docs.slack.dev/interactivity/handling-user-interaction
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Body = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Request:
    """Who did it, from which workspace, and where (`channel_id` is None in a modal or in App Home)."""

    delivery_id: str
    team_id: str
    user_id: str
    channel_id: str | None = None
    trigger_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Command(Request):
    """A slash command; `text` is what follows its name."""

    text: str


@dataclass(frozen=True, kw_only=True)
class Click(Request):
    """A button; `value` is what the card put into it. `in_modal`: it stands in the modal `view_id`.

    `only_for_me`: it stands in a message that only this person sees, such as the inbox.
    """

    action_id: str
    value: str
    only_for_me: bool = False
    in_modal: bool = False
    view_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Submission(Request):
    """A modal sent in: the value of each input by block id, and what the opener put into its metadata."""

    callback_id: str
    values: Mapping[str, str]
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Shortcut(Request):
    """A global or message shortcut; the message's text and author where there is one."""

    callback_id: str
    message_text: str = ""
    message_author: str = ""


@dataclass(frozen=True, kw_only=True)
class Event(Request):
    """An Events API event."""

    kind: str
    detail: Mapping[str, Any]


def command(body: Body) -> Command:
    return Command(
        delivery_id=f"command:{body['trigger_id']}",
        team_id=body["team_id"],
        user_id=body["user_id"],
        channel_id=body["channel_id"],
        trigger_id=body["trigger_id"],
        text=body.get("text", "").strip(),
    )


def click(body: Body) -> Click:
    action = body["actions"][0]
    once = body.get("trigger_id") or action["action_ts"]
    return Click(
        delivery_id=f"click:{body['user']['id']}:{action['action_id']}:{once}",
        team_id=_team(body),
        user_id=body["user"]["id"],
        channel_id=_channel(body),
        trigger_id=body.get("trigger_id"),
        action_id=action["action_id"],
        value=action.get("value", ""),
        in_modal=(body.get("view") or {}).get("type") == "modal",
        view_id=(body.get("view") or {}).get("id"),
        only_for_me=bool((body.get("container") or {}).get("is_ephemeral")),
    )


def submission(body: Body) -> Submission:
    view = body["view"]
    return Submission(
        delivery_id=f"view:{view['id']}:{body.get('trigger_id') or view.get('hash', '')}",
        team_id=_team(body),
        user_id=body["user"]["id"],
        trigger_id=body.get("trigger_id"),
        callback_id=view["callback_id"],
        values=_values(view),
        metadata=_metadata(view.get("private_metadata", "")),
    )


def shortcut(body: Body) -> Shortcut:
    message = body.get("message", {})
    return Shortcut(
        delivery_id=f"shortcut:{body['trigger_id']}",
        team_id=_team(body),
        user_id=body["user"]["id"],
        channel_id=_channel(body),
        trigger_id=body["trigger_id"],
        callback_id=body["callback_id"],
        message_text=message.get("text", ""),
        message_author=message.get("user") or message.get("username") or "",
    )


def event(body: Body) -> Event:
    detail = body["event"]
    return Event(
        delivery_id=f"event:{body['event_id']}",
        team_id=body["team_id"],
        user_id=detail.get("user", ""),
        channel_id=detail.get("channel"),
        kind=detail["type"],
        detail=detail,
    )


def _team(body: Body) -> str:
    """The workspace of the person: in a channel shared with another company it is not ours."""
    return str(body["user"].get("team_id") or (body.get("team") or {}).get("id", ""))


def _channel(body: Body) -> str | None:
    found = (body.get("channel") or {}).get("id") or (body.get("container") or {}).get("channel_id")
    return str(found) if found else None


def _metadata(text: str) -> Mapping[str, Any]:
    """What our own forms carry is an object; anything else is not ours."""
    return json.loads(text) if text.startswith("{") else {}


def _values(view: Mapping[str, Any]) -> dict[str, str]:
    """Each block's one input: its text, or the value of the option that was chosen (several: with commas)."""
    found: dict[str, str] = {}
    for block_id, inputs in view.get("state", {}).get("values", {}).items():
        for given in inputs.values():
            chosen = given.get("selected_option") or {}
            several = ",".join(one["value"] for one in given.get("selected_options") or ())
            found[block_id] = str(given.get("value") or chosen.get("value") or several).strip()
    return found
