"""The workspace as one person sees it, in the JSON the page reads."""

from __future__ import annotations

from bot.sandbox.slack.formats import view_json
from bot.sandbox.slack.records import Change, Channel, Json, Message, User, View
from bot.sandbox.slack.workspace import Workspace


class PageShapes:
    """Shapes for the page; nothing that a person may not see is ever in them."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def state(self, user_id: str, outside: list[Json]) -> Json:
        """Everything at once: what the page shows when it opens."""
        workspace = self._workspace
        me = workspace.user(user_id)
        channels = list(workspace.visible_channels(user_id))
        home = workspace.homes.get(user_id)
        return {
            "me": self.person(me),
            "people": [self.person(one) for one in workspace.users.values()],
            "groups": [{"id": one.id, "handle": one.handle} for one in workspace.groups.values()],
            "channels": [self.channel(one, user_id) for one in channels],
            "messages": {one.id: self.messages(one, user_id) for one in channels},
            "views": [self.view(one) for one in workspace.stack(user_id)],
            "home": self.view(home) if home else None,
            "outside": outside,
            "commands": [
                {"name": one.name, "usage_hint": one.usage_hint, "description": one.description}
                for one in workspace.app.commands
            ],
            "shortcuts": [
                {
                    "callback_id": one.callback_id,
                    "name": one.name,
                    "type": "message" if one.on_message else "global",
                }
                for one in workspace.app.shortcuts
            ],
        }

    def person(self, user: User) -> Json:
        return {
            "id": user.id,
            "name": user.name,
            "real_name": user.real_name,
            "role": user.role,
            "color": user.color,
            "note": user.note,
            "is_bot": user.is_bot,
        }

    def channel(self, channel: Channel, user_id: str) -> Json:
        return {
            "id": channel.id,
            "name": self._workspace.app.name if channel.is_im else channel.name,
            "is_private": channel.is_private or channel.is_im,
            "is_im": channel.is_im,
            "is_shared": channel.is_shared,
            "is_archived": channel.is_archived,
            "topic": channel.topic,
            "purpose": channel.purpose,
            "is_member": user_id in channel.members,
            "members": list(channel.members),
            "unread": self._from_others(channel, user_id),
            "pinned": list(channel.pinned),
            "bookmarks": [{"title": one["title"], "link": one["link"]} for one in channel.bookmarks],
        }

    def _from_others(self, channel: Channel, user_id: str) -> int:
        """Messages of others; what was looked at, the page remembers itself."""
        if user_id not in channel.members:
            return 0
        return sum(one.user != user_id for one in self._workspace.seen_by(user_id, channel))

    def messages(self, channel: Channel, user_id: str) -> list[Json]:
        return [self.message(one, user_id) for one in self._workspace.seen_by(user_id, channel)]

    def message(self, message: Message, user_id: str) -> Json:
        replies = len(self._workspace.replies(message)) if not message.is_reply else 0
        return {
            "ts": message.ts,
            "channel": message.channel,
            "user": message.user,
            "bot_id": message.bot_id,
            "username": message.username or self._workspace.users[message.user].name,
            "subtype": message.subtype,
            "text": message.text,
            "blocks": message.blocks,
            "thread_ts": message.thread_ts,
            "reply_count": replies,
            "ephemeral": message.only_for is not None,
            "edited": message.edited_ts is not None,
            "files": [self._file(one, user_id) for one in message.files],
            "reactions": [{"name": name, "users": users} for name, users in message.reactions.items()],
            "pinned": message.ts in self._workspace.channels[message.channel].pinned,
            "is_error": message.is_error,
            "state": message.state.get(user_id, {}),
        }

    def _file(self, file_id: str, user_id: str) -> Json:
        file = self._workspace.files[file_id]
        return {
            "id": file.id,
            "name": file.name,
            "title": file.title,
            "mimetype": file.mimetype,
            "size": len(file.content),
            "alt_text": file.alt_text,
            "url": f"/files/{file.id}?as={user_id}",
        }

    def view(self, view: View) -> Json:
        return view_json(self._workspace, view)

    def events(self, change: Change, user_id: str) -> list[Json]:
        """What a change looks like to this person; nothing when it is none of theirs."""
        if change.view is not None:
            return [{"type": change.kind, "view": self.view(change.view)}] if change.user == user_id else []
        if change.channel is None or not self._touches(change, change.channel, user_id):
            return []
        if change.kind in ("channel", "member_joined", "member_left"):
            return [self._channel_event(change.channel, user_id)]
        if change.message is None or change.message.only_for not in (None, user_id):
            return []
        return self._message_events(change, change.message, user_id)

    def _touches(self, change: Change, channel: Channel, user_id: str) -> bool:
        return self._workspace.can_see(user_id, channel) or change.user == user_id

    def _channel_event(self, channel: Channel, user_id: str) -> Json:
        """A channel with its messages: whoever has just joined needs both."""
        visible = self._workspace.can_see(user_id, channel)
        messages = self.messages(channel, user_id)
        return {
            "type": "channel",
            "channel": self.channel(channel, user_id),
            "visible": visible,
            "messages": messages,
        }

    def _message_events(self, change: Change, message: Message, user_id: str) -> list[Json]:
        if change.kind == "message_deleted":
            events: list[Json] = [{"type": "message_deleted", "channel": message.channel, "ts": message.ts}]
        else:
            kind = "message" if change.kind == "message" else "message_changed"
            events = [{"type": kind, "message": self.message(message, user_id)}]
        root = self._workspace.messages[message.channel].get(message.thread_ts or "")
        if message.is_reply and root is not None:
            events.append({"type": "message_changed", "message": self.message(root, user_id)})
        return events
