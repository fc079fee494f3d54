"""The Events API: which changes the app hears of, and in which words."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bot.sandbox.slack.formats import message_json, view_json
from bot.sandbox.slack.payloads import Payloads
from bot.sandbox.slack.records import Change, Channel, Json, Message
from bot.sandbox.slack.workspace import Workspace


class Events:
    """Turns changes into event callbacks for what the app has subscribed to and may see."""

    def __init__(self, workspace: Workspace, payloads: Payloads, tell: Callable[[Json], None]) -> None:
        self._workspace = workspace
        self._payloads = payloads
        self._tell = tell

    def observe(self, change: Change) -> None:
        """Tell the app, if it is in the channel and has asked to hear of this."""
        if change.channel is None or self._workspace.bot_user not in change.channel.members:
            return
        for subscription, event in self._events(change, change.channel):
            if subscription in self._workspace.app.events:
                self._tell(self._payloads.event(event, change.channel))

    def home_opened(self, user: str, tab: str = "home") -> None:
        """Somebody has opened the app's Home or Messages tab."""
        if "app_home_opened" not in self._workspace.app.events:
            return
        event: Json = {
            "type": "app_home_opened",
            "user": user,
            "channel": self._workspace.direct(user).id,
            "tab": tab,
        }
        home = self._workspace.homes.get(user)
        if tab == "home" and home is not None:
            event["view"] = view_json(self._workspace, home)
        self._tell(self._payloads.event(event))

    def _events(self, change: Change, channel: Channel) -> Iterator[tuple[str, Json]]:
        match change.kind:
            case "message" | "message_changed" | "message_deleted" if change.message:
                yield from self._message(change, channel, change.message)
            case "member_joined":
                yield "member_joined_channel", self._membership("member_joined_channel", change, channel)
            case "member_left":
                yield "member_left_channel", self._membership("member_left_channel", change, channel)
            case "reaction_added" if change.message:
                yield "reaction_added", _reaction(change, channel, change.message)

    def _message(self, change: Change, channel: Channel, message: Message) -> Iterator[tuple[str, Json]]:
        if message.only_for is not None:
            return
        whole = message_json(self._workspace, message, self._payloads.base_url, with_metadata=True)
        where: Json = {"channel": channel.id, "channel_type": kind_of(channel)}
        subscription = f"message.{_SUBSCRIPTION[kind_of(channel)]}"
        if change.kind == "message":
            yield subscription, {**whole, **where, "event_ts": message.ts}
            if self._mentions(message):
                yield "app_mention", {**whole, **where, "type": "app_mention", "event_ts": message.ts}
        elif change.kind == "message_changed":
            yield subscription, self._changed(change, whole) | where
        else:
            yield subscription, _deleted(whole, message, self._workspace.new_ts()) | where

    def _mentions(self, message: Message) -> bool:
        return f"<@{self._workspace.bot_user}>" in message.text and message.bot_id is None

    def _changed(self, change: Change, whole: Json) -> Json:
        return {
            "type": "message",
            "subtype": "message_changed",
            "hidden": True,
            "message": whole,
            "previous_message": change.previous or whole,
            "ts": self._workspace.new_ts(),
        }

    def _membership(self, kind: str, change: Change, channel: Channel) -> Json:
        event: Json = {
            "type": kind,
            "user": change.user,
            "channel": channel.id,
            "channel_type": "G" if channel.is_private else "C",
            "team": self._workspace.team_id,
        }
        if change.inviter:
            event["inviter"] = change.inviter
        return event


_SUBSCRIPTION = {"channel": "channels", "group": "groups", "im": "im"}


def kind_of(channel: Channel) -> str:
    """Slack's ``channel_type``."""
    if channel.is_im:
        return "im"
    return "group" if channel.is_private else "channel"


def _deleted(whole: Json, message: Message, ts: str) -> Json:
    return {
        "type": "message",
        "subtype": "message_deleted",
        "hidden": True,
        "deleted_ts": message.ts,
        "previous_message": whole,
        "ts": ts,
    }


def _reaction(change: Change, channel: Channel, message: Message) -> Json:
    return {
        "type": "reaction_added",
        "user": change.user,
        "reaction": change.reaction,
        "item": {"type": "message", "channel": channel.id, "ts": message.ts},
        "item_user": message.user,
    }
