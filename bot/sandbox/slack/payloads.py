"""The payloads of commands, interactions and events, in Slack's shapes."""

from __future__ import annotations

from bot.sandbox.slack.formats import message_json, view_json
from bot.sandbox.slack.records import Channel, Json, Message, View
from bot.sandbox.slack.workspace import Workspace

VERIFICATION_TOKEN = "sandbox-verification-token"


def channel_name(channel: Channel) -> str:
    """Slack tells apps no names of private conversations they may not be in."""
    if channel.is_im:
        return "directmessage"
    return "privategroup" if channel.is_private else channel.name


class Payloads:
    """Builds payloads for one workspace; ``base_url`` is where files and response URLs live."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.base_url = ""

    def command(
        self, user: str, channel: Channel, command: str, text: str, *, trigger_id: str, response_url: str
    ) -> dict[str, str]:
        """The form of a slash command (docs.slack.dev/interactivity/implementing-slash-commands)."""
        workspace = self._workspace
        return {
            "token": VERIFICATION_TOKEN,
            "team_id": workspace.team_id,
            "team_domain": workspace.team_domain,
            "channel_id": channel.id,
            "channel_name": channel_name(channel),
            "user_id": user,
            "user_name": workspace.users[user].name,
            "command": command,
            "text": text,
            "api_app_id": workspace.app.id,
            "is_enterprise_install": "false",
            "response_url": response_url,
            "trigger_id": trigger_id,
        }

    def message_actions(
        self, user: str, message: Message, action: Json, *, state: Json, trigger_id: str, response_url: str
    ) -> Json:
        """``block_actions`` from a message."""
        return {
            **self._interaction("block_actions", user),
            **self._in_message(message),
            "trigger_id": trigger_id,
            "state": {"values": state},
            "response_url": response_url,
            "actions": [action],
        }

    def view_actions(self, user: str, view: View, action: Json, *, trigger_id: str) -> Json:
        """``block_actions`` from a modal or from App Home."""
        return {
            **self._interaction("block_actions", user),
            **self._in_view(view),
            "trigger_id": trigger_id,
            "actions": [action],
        }

    def submission(self, user: str, view: View, *, trigger_id: str) -> Json:
        return {
            **self._interaction("view_submission", user),
            "trigger_id": trigger_id,
            "view": view_json(self._workspace, view),
            "response_urls": [],
        }

    def closed(self, user: str, view: View, *, cleared: bool) -> Json:
        return {
            **self._interaction("view_closed", user),
            "view": view_json(self._workspace, view),
            "is_cleared": cleared,
            "response_urls": [],
        }

    def suggestion(self, user: str, place: Message | View, block_id: str, action_id: str, value: str) -> Json:
        """``block_suggestion``: an external select asks for its options."""
        return {
            **self._interaction("block_suggestion", user),
            **(self._in_view(place) if isinstance(place, View) else self._in_message(place)),
            "block_id": block_id,
            "action_id": action_id,
            "value": value,
        }

    def shortcut(self, user: str, callback_id: str, *, trigger_id: str) -> Json:
        """A global shortcut."""
        return {
            **self._interaction("shortcut", user),
            "action_ts": self._workspace.new_ts(),
            "callback_id": callback_id,
            "trigger_id": trigger_id,
        }

    def message_shortcut(
        self, user: str, callback_id: str, message: Message, *, trigger_id: str, response_url: str
    ) -> Json:
        """A message shortcut (``message_action``)."""
        channel = self._workspace.channels[message.channel]
        return {
            **self._interaction("message_action", user),
            "action_ts": self._workspace.new_ts(),
            "callback_id": callback_id,
            "trigger_id": trigger_id,
            "channel": {"id": channel.id, "name": channel_name(channel)},
            "message_ts": message.ts,
            "message": message_json(self._workspace, message, self.base_url),
            "response_url": response_url,
        }

    def event(self, event: Json, channel: Channel | None = None) -> Json:
        """An Events API callback (docs.slack.dev/apis/events-api)."""
        workspace = self._workspace
        return {
            "token": VERIFICATION_TOKEN,
            "team_id": workspace.team_id,
            "context_team_id": workspace.team_id,
            "context_enterprise_id": None,
            "api_app_id": workspace.app.id,
            "event": {**event, "event_ts": event.get("event_ts") or workspace.new_ts()},
            "type": "event_callback",
            "event_id": workspace.new_id("Ev"),
            "event_time": int(workspace.clock()),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": workspace.team_id,
                    "user_id": workspace.bot_user,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": bool(channel and channel.is_shared),
            "event_context": workspace.new_id("4-"),
        }

    def _in_view(self, view: View) -> Json:
        return {
            "container": {"type": "view", "view_id": view.id},
            "view": view_json(self._workspace, view),
        }

    def _in_message(self, message: Message) -> Json:
        """Where a message is, and the message itself unless it is ephemeral."""
        channel = self._workspace.channels[message.channel]
        ephemeral = message.only_for is not None
        container: Json = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": channel.id,
            "is_ephemeral": ephemeral,
        }
        if message.thread_ts:
            container["thread_ts"] = message.thread_ts
        place: Json = {"container": container, "channel": {"id": channel.id, "name": channel_name(channel)}}
        if not ephemeral:
            place["message"] = message_json(self._workspace, message, self.base_url)
        return place

    def _interaction(self, kind: str, user: str) -> Json:
        workspace = self._workspace
        person = workspace.users[user]
        return {
            "type": kind,
            "user": {
                "id": person.id,
                "username": person.name,
                "name": person.name,
                "team_id": person.team_id,
            },
            "api_app_id": workspace.app.id,
            "token": VERIFICATION_TOKEN,
            "team": {"id": workspace.team_id, "domain": workspace.team_domain},
            "enterprise": None,
            "is_enterprise_install": False,
        }
