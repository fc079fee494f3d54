"""chat.*: posting, editing, deleting. Source: docs.slack.dev/reference/methods."""

from __future__ import annotations

from bot.sandbox.slack.api.call import Call, Method, method
from bot.sandbox.slack.content import UPDATE_CHARACTERS, checked_blocks, checked_metadata, checked_text
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.formats import message_json
from bot.sandbox.slack.records import Channel, Json, Message
from bot.sandbox.slack.scopes import require


def post_message(call: Call) -> Json:
    channel = _postable(call)
    text, blocks = _content(call)
    message = call.workspace.post(
        channel,
        call.bot,
        text,
        blocks=blocks,
        thread_ts=_thread(call, channel),
        metadata=checked_metadata(call.args.value("metadata", "invalid_metadata_format")),
        username=_username(call),
    )
    return {"channel": channel.id, "ts": message.ts, "message": _shown(call, message)}


def post_ephemeral(call: Call) -> Json:
    """Raises SlackError ``user_not_in_channel``: Slack shows nothing to who cannot see the channel."""
    channel = _postable(call)
    user = call.args.required("user")
    call.workspace.user(user)
    if user not in channel.members:
        raise SlackError("user_not_in_channel")
    text, blocks = _content(call)
    message = call.workspace.post(
        channel, call.bot, text, blocks=blocks, only_for=user, thread_ts=_thread(call, channel)
    )
    return {"message_ts": message.ts}


def update(call: Call) -> Json:
    """Only the bot's own messages; blocks that are not sent stay as they are."""
    channel = call.open_channel()
    message = call.message(channel)
    if message.user != call.bot or message.subtype is not None:
        raise SlackError("cant_update_message")
    _require_content(call)
    text = checked_text(call.args.text("text"), longest=UPDATE_CHARACTERS)
    sent = call.args.value("blocks", "invalid_blocks_format")
    blocks = None if sent is None else checked_blocks(sent)
    metadata = checked_metadata(call.args.value("metadata", "invalid_metadata_format"))
    previous = message_json(call.workspace, message, call.backend.base_url)
    message.metadata = metadata if metadata is not None else message.metadata
    call.workspace.edit(message, by=call.bot, text=text, blocks=blocks, previous=previous)
    return {"channel": channel.id, "ts": message.ts, "text": text, "message": _shown(call, message)}


def delete(call: Call) -> Json:
    channel = call.joined_channel()
    message = call.message(channel)
    if message.user != call.bot:
        raise SlackError("cant_delete_message")
    call.workspace.delete(message)
    return {"channel": channel.id, "ts": message.ts}


def get_permalink(call: Call) -> Json:
    channel = call.channel()
    message = call.message(channel, "message_ts")
    return {"channel": channel.id, "permalink": permalink(call.backend.base_url, message)}


def permalink(base_url: str, message: Message) -> str:
    """A link that opens the page at this message."""
    return f"{base_url}archives/{message.channel}/p{message.ts.replace('.', '')}"


def _postable(call: Call) -> Channel:
    channel = call.channel()
    if channel.is_archived:
        raise SlackError("is_archived")
    public = not channel.is_private and "chat:write.public" in call.workspace.app.scopes
    if call.bot not in channel.members and not public:
        raise SlackError("not_in_channel")
    return channel


def _require_content(call: Call) -> None:
    if not call.args.text("text") and not call.args.value("blocks", "invalid_blocks_format"):
        raise SlackError("no_text")


def _content(call: Call) -> tuple[str, list[Json]]:
    _require_content(call)
    blocks = checked_blocks(call.args.value("blocks", "invalid_blocks_format"))
    return checked_text(call.args.text("text")), blocks


def _thread(call: Call, channel: Channel) -> str | None:
    """The root of the thread to answer in. Raises SlackError ``thread_not_found``."""
    thread_ts = call.args.text("thread_ts")
    if not thread_ts:
        return None
    root = call.workspace.messages[channel.id].get(thread_ts)
    if root is None or root.only_for is not None:
        raise SlackError("thread_not_found")
    return root.thread_ts or root.ts


def _username(call: Call) -> str | None:
    if "username" not in call.args:
        return None
    require(call.workspace.app, frozenset({"chat:write.customize"}))
    return call.args.text("username")


def _shown(call: Call, message: Message) -> Json:
    return message_json(call.workspace, message, call.backend.base_url, with_metadata=True)


METHODS: dict[str, Method] = {
    "chat.postMessage": method(post_message, "chat:write"),
    "chat.postEphemeral": method(post_ephemeral, "chat:write"),
    "chat.update": method(update, "chat:write"),
    "chat.delete": method(delete, "chat:write"),
    "chat.getPermalink": method(get_permalink),
}
