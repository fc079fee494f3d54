"""The text of a message as it is read aloud: a screen reader reads `text` and skips the blocks.

It is made from the blocks, so it is always complete. https://docs.slack.dev/reference/methods/chat.postMessage
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from slack_sdk.models.blocks import Block

from bot.slack.cards.text import cut, cut_mrkdwn, literal

# chat.update refuses more than 4,000 characters with msg_too_long.
LIMIT = 3_800
# A long diff read aloud helps nobody, and would push the rest of the message out.
PREFORMATTED = 1_200


def text_of(blocks: Sequence[Block]) -> str:
    """All that the blocks say, line by line, buttons last in each place they stand."""
    lines = [line for block in blocks for line in _lines(block.to_dict())]
    return cut_mrkdwn("\n".join(lines), LIMIT) or " "


def _lines(block: Mapping[str, Any]) -> Iterator[str]:
    match block["type"]:
        case "header":
            yield _text(block["text"])
        case "section":
            yield from map(_text, _present(block.get("text"), *block.get("fields", ())))
        case "context":
            yield from map(_text, block["elements"])
        case "actions":
            yield "Buttons: " + ", ".join(_text(button["text"]) for button in block["elements"])
        case "rich_text":
            inner = "".join(part["text"] for inner in block["elements"] for part in inner["elements"])
            yield literal(cut(inner, PREFORMATTED))


def _present(*values: Mapping[str, Any] | None) -> Iterable[Mapping[str, Any]]:
    return [value for value in values if value]


def _text(value: Mapping[str, Any]) -> str:
    """Plain text must be escaped here: the top-level text is mrkdwn."""
    text = str(value["text"])
    return text if value["type"] == "mrkdwn" else literal(text)
