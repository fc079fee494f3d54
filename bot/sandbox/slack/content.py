"""The text and blocks of a message on their way in."""

from __future__ import annotations

import re
from typing import Any

from bot.sandbox.slack.errors import SlackError, invalid
from bot.sandbox.slack.records import Json
from bot.sandbox.slack.validation.surfaces import blocks_issues, too_long

POST_CHARACTERS = 40_000
UPDATE_CHARACTERS = 4_000
"""chat.update refuses more (slack.dev names 40,000; the platform answers msg_too_long from 4,000 on)."""

_BARE_AMPERSAND = re.compile(r"&(?!amp;|lt;|gt;)")


def checked_text(text: str, *, longest: int = POST_CHARACTERS) -> str:
    """Text as Slack keeps it, a bare ampersand escaped. Raises SlackError ``msg_too_long``."""
    if len(text) > longest:
        raise SlackError("msg_too_long")
    return _BARE_AMPERSAND.sub("&amp;", text)


def checked_blocks(blocks: Any) -> list[Json]:
    """Blocks that keep all of Block Kit's rules.

    Raises SlackError ``invalid_blocks_format``, ``invalid_blocks``, ``msg_blocks_too_long``.
    """
    if blocks is None:
        return []
    if not isinstance(blocks, list) or not all(isinstance(one, dict) for one in blocks):
        raise SlackError("invalid_blocks_format")
    issues = blocks_issues(blocks)
    if issues:
        raise invalid("invalid_blocks", issues)
    if too_long(blocks):
        raise SlackError("msg_blocks_too_long")
    return blocks


def checked_metadata(metadata: Any) -> Json | None:
    """Message metadata. Raises SlackError ``invalid_metadata_format``."""
    if metadata is None:
        return None
    if not isinstance(metadata, dict):
        raise SlackError("invalid_metadata_format")
    shaped = isinstance(metadata.get("event_type"), str) and isinstance(metadata.get("event_payload"), dict)
    if not shaped:
        raise SlackError("invalid_metadata_format")
    return metadata
