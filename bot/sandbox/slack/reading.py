"""Blocks and messages as plain words, for searching and for transcripts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from bot.sandbox.slack.records import Json, Message


def words(blocks: Any) -> str:
    """All words that can be read in blocks (or in any part of them), one piece a line."""
    return "\n".join(_pieces(blocks))


def _pieces(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from _pieces(one)
    elif isinstance(value, dict):
        if isinstance(value.get("text"), str):
            yield value["text"]
        for name, one in value.items():
            if name not in ("confirm", "placeholder", "initial_option", "initial_options"):
                yield from _pieces(one)


def label(element: Json) -> str:
    """What is written on a button, or the hint in a menu; the action id if nothing is."""
    text = element.get("text") or element.get("placeholder") or {}
    return str(text.get("text") or element.get("action_id") or element["type"])


def transcript(messages: Iterable[Message]) -> str:
    """A channel as lines of text."""
    return "\n".join(_line(one) for one in messages) or "(nothing)"


def _line(message: Message) -> str:
    marks = (" (only for you)" if message.only_for else "") + (" (in a thread)" if message.is_reply else "")
    return (
        f"  {message.ts} {message.username or message.user}{marks}: {message.text or words(message.blocks)}"
    )
