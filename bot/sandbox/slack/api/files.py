"""Uploading files in three steps: ask for a URL, post the bytes there, share.

Source: docs.slack.dev/messaging/working-with-files ("Uploading files").
"""

from __future__ import annotations

import mimetypes
from typing import Any

from bot.sandbox.slack.api.call import Call, Method, method
from bot.sandbox.slack.content import checked_text
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.formats import file_json
from bot.sandbox.slack.records import Channel, Json, SlackFile

MOST_BYTES = 50_000_000


def get_upload_url(call: Call) -> Json:
    length = call.args.number("length", 0)
    if length <= 0:
        raise SlackError("missing_argument")
    if length > MOST_BYTES:
        raise SlackError("file_upload_size_restricted")
    name = call.args.required("filename")
    file = SlackFile(
        call.workspace.new_id("F"),
        name,
        name,
        mimetypes.guess_type(name)[0] or "text/plain",
        call.bot,
        int(call.workspace.clock()),
        alt_text=call.args.text("alt_txt"),
    )
    call.workspace.files[file.id] = file
    return {"upload_url": f"{call.backend.base_url}upload/v1/{file.id}", "file_id": file.id}


def complete_upload(call: Call) -> Json:
    """Share uploaded files as one message in a channel, or keep them unshared."""
    files = [_uploaded(call, one) for one in call.args.value("files", "invalid_arguments") or []]
    if not files:
        raise SlackError("invalid_arguments")
    for channel in _channels(call):
        _share(call, channel, files)
    return {"files": [file_json(one, call.backend.base_url, call.workspace) for one in files]}


def _uploaded(call: Call, entry: Any) -> SlackFile:
    file = call.workspace.files.get(entry.get("id", "")) if isinstance(entry, dict) else None
    if file is None or not file.uploaded:
        raise SlackError("file_not_found")
    file.title = entry.get("title") or file.name
    return file


def _channels(call: Call) -> list[Channel]:
    wanted = call.args.names("channels") or call.args.names("channel_id")
    found = [call.workspace.channel_for(call.bot, one) for one in wanted]
    for channel in found:
        if call.bot not in channel.members:
            raise SlackError("not_in_channel")
        if channel.is_archived:
            raise SlackError("is_archived")
    return found


def _share(call: Call, channel: Channel, files: list[SlackFile]) -> None:
    message = call.workspace.post(
        channel,
        call.bot,
        checked_text(call.args.text("initial_comment")),
        thread_ts=call.args.text("thread_ts") or None,
        files=[one.id for one in files],
        subtype="file_share",
    )
    for file in files:
        file.shares.setdefault(channel.id, []).append(message.ts)


def info(call: Call) -> Json:
    file = call.workspace.files.get(call.args.required("file"))
    if file is None or not file.uploaded:
        raise SlackError("file_not_found")
    return {"file": file_json(file, call.backend.base_url, call.workspace)}


METHODS: dict[str, Method] = {
    "files.getUploadURLExternal": method(get_upload_url, "files:write"),
    "files.completeUploadExternal": method(complete_upload, "files:write"),
    "files.info": method(info, "files:read"),
}
