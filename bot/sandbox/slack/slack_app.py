"""The installed app: what its manifest says it may do and wants to hear of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_SCOPES = """
app_mentions:read bookmarks:read bookmarks:write channels:history channels:join channels:manage channels:read
chat:write chat:write.customize chat:write.public commands files:read files:write groups:history groups:read
groups:write im:history im:read im:write pins:read pins:write reactions:read reactions:write team:read
usergroups:read users:read users:read.email
"""
_EVENTS = """
app_home_opened app_mention member_joined_channel member_left_channel
message.channels message.groups message.im reaction_added
"""
ALL_SCOPES = frozenset(_SCOPES.split())
ALL_EVENTS = frozenset(_EVENTS.split())


@dataclass(frozen=True)
class Command:
    """A slash command; ``should_escape`` turns @names and #channels of its text into ids."""

    name: str
    usage_hint: str = ""
    description: str = ""
    should_escape: bool = False


@dataclass(frozen=True)
class Shortcut:
    callback_id: str
    name: str
    on_message: bool = False


@dataclass(frozen=True)
class SlackApp:
    """An app as a workspace knows it.

    Without a manifest it has every scope and hears every event the fake knows, and answers to
    ``/s3incident``; from a manifest it has exactly what is written there, so that a scope or a
    subscription that was forgotten shows as it would in Slack.
    """

    id: str = "A0S3INCIDENT"
    name: str = "s3incident"
    scopes: frozenset[str] = ALL_SCOPES
    events: frozenset[str] = ALL_EVENTS
    commands: tuple[Command, ...] = (Command("/s3incident", "open | status | list | note | close | help"),)
    shortcuts: tuple[Shortcut, ...] = ()
    any_shortcut: bool = True

    @classmethod
    def from_manifest(cls, manifest: Mapping[str, Any]) -> SlackApp:
        """Read a Slack app manifest (docs.slack.dev/reference/app-manifest)."""
        features = manifest.get("features", {})
        settings = manifest.get("settings", {})
        return cls(
            name=manifest["display_information"]["name"],
            scopes=frozenset(manifest.get("oauth_config", {}).get("scopes", {}).get("bot", ())),
            events=frozenset(settings.get("event_subscriptions", {}).get("bot_events", ())),
            commands=tuple(_command(one) for one in features.get("slash_commands", ())),
            shortcuts=tuple(_shortcut(one) for one in features.get("shortcuts", ())),
            any_shortcut=False,
        )

    def command(self, name: str) -> Command | None:
        return next((one for one in self.commands if one.name == name), None)

    def has_shortcut(self, callback_id: str, *, on_message: bool) -> bool:
        return self.any_shortcut or any(
            one.callback_id == callback_id and one.on_message == on_message for one in self.shortcuts
        )


def _command(entry: Mapping[str, Any]) -> Command:
    return Command(
        entry["command"],
        entry.get("usage_hint", ""),
        entry.get("description", ""),
        bool(entry.get("should_escape", False)),
    )


def _shortcut(entry: Mapping[str, Any]) -> Shortcut:
    return Shortcut(entry["callback_id"], entry["name"], entry.get("type") == "message")
