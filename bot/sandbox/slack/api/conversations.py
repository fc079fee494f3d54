"""conversations.*: channels and who is in them. Source: docs.slack.dev/reference/methods."""

from __future__ import annotations

from bot.sandbox.slack.api.call import Call, Method, method, page
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.formats import channel_json, message_json
from bot.sandbox.slack.records import Channel, Json, Message
from bot.sandbox.slack.scopes import require_for, require_to_manage

MOST_INVITED = 1000
TOPIC_CHARACTERS = 250


def create(call: Call) -> Json:
    is_private = call.args.flag("is_private")
    require_to_manage(call.workspace.app, is_private=is_private)
    channel = call.workspace.add_channel(
        call.args.text("name"), call.bot, members=[call.bot], is_private=is_private
    )
    return _channel(call, channel)


def invite(call: Call) -> Json:
    """Invites all or, when one of them cannot be, nobody (unless ``force``)."""
    channel = call.open_channel()
    require_to_manage(call.workspace.app, is_private=channel.is_private, extra="write.invites")
    users = call.args.names("users")
    if not users:
        raise SlackError("no_user")
    problems = [
        {"user": one, "ok": False, "error": why} for one in users if (why := _obstacle(call, channel, one))
    ]
    if problems and not call.args.flag("force"):
        raise SlackError(str(problems[0]["error"]), errors=problems)
    blocked = {one["user"] for one in problems}
    for user in dict.fromkeys(users):
        if user not in blocked:
            call.workspace.join(channel, user, inviter=call.bot)
    return _channel(call, channel) | ({"errors": problems} if problems else {})


def _obstacle(call: Call, channel: Channel, user: str) -> str | None:
    """Slack's reason why this user cannot be invited."""
    person = call.workspace.users.get(user)
    if person is None:
        return "user_not_found"
    if user == call.bot:
        return "cant_invite_self"
    if user in channel.members:
        return "already_in_channel"
    if person.deleted:
        return "cant_invite"
    return "restricted_action" if person.is_stranger and not channel.is_shared else None


def kick(call: Call) -> Json:
    channel = call.open_channel()
    require_to_manage(call.workspace.app, is_private=channel.is_private)
    user = call.args.required("user")
    call.workspace.user(user)
    if user == call.bot:
        raise SlackError("cant_kick_self")
    if user not in channel.members:
        raise SlackError("not_in_channel")
    call.workspace.leave(channel, user)
    return {}


def join(call: Call) -> Json:
    channel = call.channel()
    if channel.is_archived:
        raise SlackError("is_archived")
    if channel.is_private or channel.is_im:
        raise SlackError("method_not_supported_for_channel_type")
    if call.bot in channel.members:
        return _channel(call, channel) | {"warning": "already_in_channel"}
    call.workspace.join(channel, call.bot)
    return _channel(call, channel)


def open_direct(call: Call) -> Json:
    user = call.args.required("users")
    call.workspace.user(user)
    return {"channel": {"id": call.workspace.direct(user).id}}


def set_topic(call: Call) -> Json:
    channel, topic = _describe(call, "topic")
    channel.topic = topic
    return _announced(call, channel)


def set_purpose(call: Call) -> Json:
    channel, purpose = _describe(call, "purpose")
    channel.purpose = purpose
    return _announced(call, channel)


def _describe(call: Call, name: str) -> tuple[Channel, str]:
    channel = call.open_channel()
    require_to_manage(call.workspace.app, is_private=channel.is_private, extra="write.topic")
    text = call.args.text(name)
    if len(text) > TOPIC_CHARACTERS:
        raise SlackError("too_long")
    return channel, text


def _announced(call: Call, channel: Channel) -> Json:
    call.workspace.update_channel(channel)
    return _channel(call, channel)


def archive(call: Call) -> Json:
    channel = call.joined_channel()
    require_to_manage(call.workspace.app, is_private=channel.is_private)
    if channel.is_archived:
        raise SlackError("already_archived")
    if channel.name == "general":
        raise SlackError("cant_archive_general")
    channel.is_archived = True
    call.workspace.update_channel(channel)
    return {}


def info(call: Call) -> Json:
    channel = call.channel()
    require_for(call.workspace.app, channel, "read")
    return _channel(call, channel)


def members(call: Call) -> Json:
    channel = call.channel()
    require_for(call.workspace.app, channel, "read")
    shown, metadata = page([{"id": one} for one in channel.members], call)
    return {"members": [one["id"] for one in shown], "response_metadata": metadata}


def history(call: Call) -> Json:
    """The newest first; replies and ephemeral messages are not in it."""
    channel = call.joined_channel()
    require_for(call.workspace.app, channel, "history")
    found = [one for one in _everybodys(call, channel) if not one.is_reply]
    return _messages(call, list(reversed(found)))


def replies(call: Call) -> Json:
    """A thread, its root first. Raises SlackError ``thread_not_found``."""
    channel = call.joined_channel()
    require_for(call.workspace.app, channel, "history")
    root = call.workspace.messages[channel.id].get(call.args.required("ts"))
    if root is None or root.only_for is not None:
        raise SlackError("thread_not_found")
    return _messages(call, [root, *call.workspace.replies(root)])


def _everybodys(call: Call, channel: Channel) -> list[Message]:
    return [one for one in call.workspace.messages[channel.id].values() if one.only_for is None]


def _messages(call: Call, found: list[Message]) -> Json:
    kept = [_as_json(call, one) for one in found if _in_window(call, one.ts)]
    shown, metadata = page(kept, call)
    return {
        "messages": shown,
        "has_more": bool(metadata["next_cursor"]),
        "pin_count": len(call.channel().pinned),
        "response_metadata": metadata,
    }


def _in_window(call: Call, ts: str) -> bool:
    oldest, latest = call.args.text("oldest"), call.args.text("latest")
    moment = float(ts)
    if call.args.flag("inclusive"):
        return (not oldest or moment >= float(oldest)) and (not latest or moment <= float(latest))
    return (not oldest or moment > float(oldest)) and (not latest or moment < float(latest))


def _as_json(call: Call, message: Message) -> Json:
    with_metadata = call.args.flag("include_all_metadata")
    return message_json(call.workspace, message, call.backend.base_url, with_metadata=with_metadata)


def list_all(call: Call) -> Json:
    """Channels of the wanted ``types`` that the bot may know of."""
    found = [
        channel_json(call.workspace, one, call.bot)
        for one in call.workspace.visible_channels(call.bot)
        if _wanted(call, one)
    ]
    shown, metadata = page(found, call)
    return {"channels": shown, "response_metadata": metadata}


def list_of_user(call: Call) -> Json:
    """users.conversations: the channels that a user and the bot are both able to see."""
    user = call.args.text("user") or call.bot
    call.workspace.user(user)
    found = [
        channel_json(call.workspace, one, call.bot)
        for one in call.workspace.visible_channels(call.bot)
        if user in one.members and _wanted(call, one)
    ]
    shown, metadata = page(found, call)
    return {"channels": shown, "response_metadata": metadata}


def _wanted(call: Call, channel: Channel) -> bool:
    types = call.args.names("types") or ["public_channel"]
    kind = "im" if channel.is_im else "private_channel" if channel.is_private else "public_channel"
    if channel.is_archived and call.args.flag("exclude_archived"):
        return False
    if kind in types:
        require_for(call.workspace.app, channel, "read")
    return kind in types


def _channel(call: Call, channel: Channel) -> Json:
    return {"channel": channel_json(call.workspace, channel, call.bot)}


METHODS: dict[str, Method] = {
    "conversations.create": method(create),
    "conversations.invite": method(invite),
    "conversations.kick": method(kick),
    "conversations.join": method(join, "channels:join"),
    "conversations.open": method(open_direct, "im:write"),
    "conversations.setTopic": method(set_topic),
    "conversations.setPurpose": method(set_purpose),
    "conversations.archive": method(archive),
    "conversations.info": method(info),
    "conversations.members": method(members),
    "conversations.history": method(history),
    "conversations.replies": method(replies),
    "conversations.list": method(list_all),
    "users.conversations": method(list_of_user),
}
