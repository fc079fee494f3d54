"""The Slack app's manifest: made from the registered listeners and from the Web API methods in use.

https://docs.slack.dev/reference/app-manifest
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

from bot.slack.http import EVENTS_PATH
from bot.slack.listeners.register import registry
from bot.slack.registry import Registry, ShortcutEntry, SlashCommand

Manifest = dict[str, Any]

#: Every Web API method that this room calls, with the bot scopes it needs. A test keeps it complete.
SCOPES: dict[str, tuple[str, ...]] = {
    "apps_connections_open": (),
    "auth_test": (),
    "chat_postEphemeral": ("chat:write",),
    "chat_postMessage": ("chat:write", "chat:write.public"),
    "chat_update": ("chat:write",),
    "conversations_create": ("groups:write",),
    "conversations_history": ("channels:history", "groups:history", "im:history"),
    "conversations_invite": ("groups:write",),
    "conversations_list": ("groups:read",),
    "conversations_replies": ("channels:history", "groups:history", "im:history"),
    "conversations_setPurpose": ("groups:write",),
    "conversations_setTopic": ("groups:write",),
    "files_completeUploadExternal": ("files:write",),
    "files_getUploadURLExternal": ("files:write",),
    "pins_add": ("pins:write",),
    "usergroups_users_list": ("usergroups:read",),
    "users_info": ("users:read",),
    "views_open": (),
    "views_publish": (),
    "views_push": (),
    "views_update": (),
}
# Slash commands and shortcuts come with this one.
COMMANDS_SCOPE = "commands"


def scopes() -> list[str]:
    """The bot scopes to ask for, and no others."""
    return sorted({COMMANDS_SCOPE, *(scope for needed in SCOPES.values() for scope in needed)})


def manifest(public_url: str | None = None, listeners: Registry | None = None) -> Manifest:
    """For Socket Mode; with `public_url` (https://bot.example.com) for HTTP instead."""
    listeners = listeners or registry()
    url = urljoin(public_url, EVENTS_PATH) if public_url else None
    return {
        "_metadata": {"major_version": 2},
        "display_information": {
            "name": "s3incident",
            "description": "Contains, documents and closes S3 security incidents",
            "background_color": "#1b3a4b",
        },
        "features": {
            "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
            "bot_user": {"display_name": "s3incident", "always_online": True},
            "slash_commands": [_command(name, one, url) for name, one in listeners.commands.items()],
            "shortcuts": [_shortcut(name, one) for name, one in listeners.shortcuts.items()],
        },
        "oauth_config": {"scopes": {"bot": scopes()}},
        "settings": _settings(listeners, url),
    }


def _settings(listeners: Registry, url: str | None) -> Manifest:
    at = {"request_url": url} if url else {}
    return {
        "event_subscriptions": {**at, "bot_events": sorted(listeners.events)},
        "interactivity": {"is_enabled": True, **at},
        "org_deploy_enabled": False,
        "socket_mode_enabled": url is None,
        "token_rotation_enabled": False,
    }


def _command(name: str, entry: SlashCommand, url: str | None) -> Manifest:
    at = {"url": url} if url else {}
    return {
        "command": name,
        **at,
        "description": entry.description,
        "usage_hint": entry.usage_hint,
        "should_escape": False,
    }


def _shortcut(callback_id: str, entry: ShortcutEntry) -> Manifest:
    return {
        "name": entry.name,
        "type": entry.kind,
        "callback_id": callback_id,
        "description": entry.description,
    }
