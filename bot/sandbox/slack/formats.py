"""The workspace's records in the JSON of Slack's Web API."""

from __future__ import annotations

from bot.sandbox.slack.people import OTHER_TEAM_ID, SLACKBOT_ID
from bot.sandbox.slack.records import Channel, Json, Message, SlackFile, User, UserGroup, View
from bot.sandbox.slack.workspace import Workspace


def user_json(user: User) -> Json:
    """A user object (docs.slack.dev/reference/objects/user-object)."""
    return {
        "id": user.id,
        "team_id": user.team_id,
        "name": user.name,
        "deleted": user.deleted,
        "real_name": user.real_name,
        "tz": user.tz,
        "tz_label": user.tz,
        "tz_offset": 3600,
        "is_admin": False,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": user.is_restricted,
        "is_ultra_restricted": False,
        "is_stranger": user.is_stranger,
        "is_bot": user.is_bot and user.id != SLACKBOT_ID,
        "is_app_user": False,
        "updated": 1_700_000_000,
        "profile": {
            "real_name": user.real_name,
            "display_name": user.name,
            "email": f"{user.name}@example.com",
            "team": user.team_id,
        },
    }


def group_json(group: UserGroup, team_id: str, *, with_users: bool) -> Json:
    members: Json = {"users": list(group.users)} if with_users else {}
    return {
        "id": group.id,
        "team_id": team_id,
        "is_usergroup": True,
        "name": group.name,
        "handle": group.handle,
        "user_count": len(group.users),
        "date_delete": 0,
        **members,
    }


def channel_json(workspace: Workspace, channel: Channel, viewer: str) -> Json:
    """A conversation object (docs.slack.dev/reference/objects/conversation-object)."""
    if channel.is_im:
        other = next(one for one in channel.members if one != workspace.bot_user)
        return {
            "id": channel.id,
            "created": channel.created,
            "is_im": True,
            "user": other,
            "is_archived": False,
        }
    return {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": not channel.is_private,
        "is_group": channel.is_private,
        "is_im": False,
        "is_mpim": False,
        "is_private": channel.is_private,
        "is_general": channel.name == "general",
        "is_archived": channel.is_archived,
        "is_shared": channel.is_shared,
        "is_ext_shared": _has_strangers(workspace, channel),
        "is_org_shared": False,
        "is_member": viewer in channel.members,
        "created": channel.created,
        "creator": channel.creator,
        "context_team_id": workspace.team_id,
        "num_members": len(channel.members),
        "topic": {"value": channel.topic, "creator": channel.creator, "last_set": channel.created},
        "purpose": {"value": channel.purpose, "creator": channel.creator, "last_set": channel.created},
    }


def _has_strangers(workspace: Workspace, channel: Channel) -> bool:
    return channel.is_shared or any(workspace.users[one].team_id == OTHER_TEAM_ID for one in channel.members)


def file_json(file: SlackFile, base_url: str, workspace: Workspace) -> Json:
    """A file object (docs.slack.dev/reference/objects/file-object)."""
    url = f"{base_url}files/{file.id}"
    shares: dict[str, Json] = {"public": {}, "private": {}}
    for channel_id, stamps in file.shares.items():
        kind = "private" if workspace.channels[channel_id].is_private else "public"
        shares[kind][channel_id] = [{"ts": ts} for ts in stamps]
    return {
        "id": file.id,
        "created": file.created,
        "timestamp": file.created,
        "name": file.name,
        "title": file.title,
        "mimetype": file.mimetype,
        "filetype": file.name.rpartition(".")[2],
        "user": file.user,
        "size": len(file.content),
        "mode": "hosted",
        "is_external": False,
        "is_public": bool(shares["public"]),
        "alt_txt": file.alt_text,
        "url_private": url,
        "url_private_download": url,
        "permalink": url,
        "channels": list(shares["public"]),
        "groups": list(shares["private"]),
        "shares": {kind: where for kind, where in shares.items() if where},
    }


def message_json(
    workspace: Workspace, message: Message, base_url: str, *, with_metadata: bool = False
) -> Json:
    """A message as chat.*, conversations.history and events carry it."""
    found: Json = {"type": "message", "user": message.user, "text": message.text, "ts": message.ts}
    found["team"] = workspace.users[message.user].team_id
    if message.subtype:
        found["subtype"] = message.subtype
    if message.bot_id:
        found |= {"bot_id": message.bot_id, "app_id": workspace.app.id}
    if message.username:
        found["username"] = message.username
    if message.blocks:
        found["blocks"] = message.blocks
    if message.edited_ts:
        found["edited"] = {"user": message.edited_by, "ts": message.edited_ts}
    if message.metadata and with_metadata:
        found["metadata"] = message.metadata
    if message.files:
        found["files"] = [file_json(workspace.files[one], base_url, workspace) for one in message.files]
    if message.reactions:
        found["reactions"] = [
            {"name": name, "users": users, "count": len(users)} for name, users in message.reactions.items()
        ]
    return found | _thread(workspace, message)


def _thread(workspace: Workspace, message: Message) -> Json:
    if message.is_reply:
        return {"thread_ts": message.thread_ts, "parent_user_id": _parent_user(workspace, message)}
    replies = workspace.replies(message)
    if not replies:
        return {}
    authors = list(dict.fromkeys(one.user for one in replies))
    return {
        "thread_ts": message.ts,
        "reply_count": len(replies),
        "reply_users_count": len(authors),
        "reply_users": authors,
        "latest_reply": replies[-1].ts,
    }


def _parent_user(workspace: Workspace, message: Message) -> str | None:
    parent = workspace.messages[message.channel].get(message.thread_ts or "")
    return parent.user if parent else None


def view_json(workspace: Workspace, view: View) -> Json:
    """A view as views.* answer it and interaction payloads carry it."""
    definition = view.definition
    return {
        "id": view.id,
        "team_id": workspace.team_id,
        "type": definition["type"],
        "blocks": view.blocks,
        "private_metadata": definition.get("private_metadata") or "",
        "callback_id": definition.get("callback_id") or "",
        "state": {"values": view.values},
        "hash": view.hash,
        "title": definition.get("title") or {"type": "plain_text", "text": workspace.app.name},
        "clear_on_close": bool(definition.get("clear_on_close")),
        "notify_on_close": bool(definition.get("notify_on_close")),
        "close": definition.get("close"),
        "submit": definition.get("submit"),
        "previous_view_id": view.previous_id,
        "root_view_id": view.root_id,
        "app_id": workspace.app.id,
        "external_id": definition.get("external_id") or "",
        "app_installed_team_id": workspace.team_id,
        "bot_id": workspace.bot_id,
    }
