"""The Web API calls of the delivery: post, edit, find again, pin, share a file."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.slack import errors
from bot.slack.cards.kit import Card
from bot.slack.files import File
from bot.slack.identity import is_loopback, single_try

# What the bot writes into each message of its own, to know it again after a crash.
EVENT_TYPE = "s3incident"
LOOK_BACK_SECONDS = 120
MOST_LOOKED_AT = 200


@dataclass(frozen=True)
class Place:
    """A channel, and the message whose thread it is where there is one."""

    channel: str
    thread_ts: str | None = None


class Posting:
    """Every method raises SlackApiError, or OSError where the network failed; none repeats a call."""

    def __init__(self, client: WebClient) -> None:
        self._client = single_try(client)

    def post(self, place: Place, key: str, card: Card, *, blocks: bool = True) -> str:
        """Posts it and returns its ts. Without blocks the text alone is sent."""
        answer = self._client.chat_postMessage(
            channel=place.channel,
            thread_ts=place.thread_ts,
            text=card.text,
            blocks=card.payload() if blocks else None,
            metadata=_metadata(key),
            unfurl_links=False,
            unfurl_media=False,
        )
        return str(answer["ts"])

    def edit(self, channel: str, ts: str, key: str, card: Card, *, blocks: bool = True) -> None:
        self._client.chat_update(
            channel=channel,
            ts=ts,
            text=card.text,
            blocks=card.payload() if blocks else [],
            metadata=_metadata(key),
        )

    def whisper(self, channel: str, user_id: str, card: Card) -> None:
        """A message that only this person sees."""
        self._client.chat_postEphemeral(channel=channel, user=user_id, text=card.text, blocks=card.payload())

    def home(self, user_id: str, card: Card) -> None:
        self._client.views_publish(user_id=user_id, view={"type": "home", "blocks": card.payload()})

    def pin(self, channel: str, ts: str) -> None:
        try:
            self._client.pins_add(channel=channel, timestamp=ts)
        except SlackApiError as error:
            if errors.code(error) != "already_pinned":
                raise

    def find(self, place: Place, key: str, since: datetime) -> str | None:
        """The ts of the message that was posted under this key, if it arrived."""
        for message in self._recent(place, since):
            payload = message.get("metadata", {}).get("event_payload", {})
            if payload.get("key") == key:
                return str(message["ts"])
        return None

    def has_file(self, place: Place, name: str, since: datetime) -> bool:
        shared = (file for message in self._recent(place, since) for file in message.get("files", ()))
        return any(file.get("name") == name for file in shared)

    def share(self, place: Place, file: File) -> None:
        """Uploads the file in Slack's three steps; only the last one makes it visible."""
        slot = self._client.files_getUploadURLExternal(
            filename=file.name, length=len(file.content), alt_txt=file.alt_text or None
        )
        self._send(str(slot["upload_url"]), file.content)
        self._client.files_completeUploadExternal(
            files=[{"id": slot["file_id"], "title": file.title}],
            channel_id=place.channel,
            thread_ts=place.thread_ts,
        )

    def _send(self, url: str, content: bytes) -> None:
        """Posts the bytes. The SDK's own upload would take a proxy even for this machine's address."""
        direct = [urllib.request.ProxyHandler({})] if is_loopback(url) else []
        opener = urllib.request.build_opener(*direct)
        with opener.open(urllib.request.Request(url, data=content), timeout=self._client.timeout):  # noqa: S310
            pass

    def _recent(self, place: Place, since: datetime) -> Iterable[Mapping[str, Any]]:
        ask: dict[str, Any] = {
            "channel": place.channel,
            "oldest": f"{since.timestamp() - LOOK_BACK_SECONDS:.6f}",
            "limit": MOST_LOOKED_AT,
            "include_all_metadata": True,
        }
        if place.thread_ts:
            found = self._client.conversations_replies(ts=place.thread_ts, **ask)
        else:
            found = self._client.conversations_history(**ask)
        messages: list[Mapping[str, Any]] = found["messages"]
        return messages


def _metadata(key: str) -> dict[str, Any]:
    return {"event_type": EVENT_TYPE, "event_payload": {"key": key}}
