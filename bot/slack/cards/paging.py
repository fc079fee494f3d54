"""Long pages: nothing is left out. What does not fit on one page of a modal goes on the next."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from slack_sdk.models.blocks import Block

from bot.slack.cards import kit
from bot.slack.cards.text import one_line, told

#: A view takes 100 blocks; these leave room for the buttons that turn the page.
PAGE_BLOCKS = 90
PAGE_SIZE = 100_000
#: Escaping can make five characters of one.
_PIECE = 550


def whole(title: str, lines: Iterable[str]) -> list[Block]:
    """A titled list of untrusted sentences in as many sections as it needs; none for an empty list."""
    sections = [f"*{title}*"]
    for line in lines:
        for number, piece in enumerate(_pieces(one_line(line))):
            text = f"{'• ' if number == 0 else ''}{told(piece, _PIECE)}"
            if len(sections[-1]) + len(text) + 1 > kit.SECTION:
                sections.append(text)
            else:
                sections[-1] += f"\n{text}"
    return [kit.section(one) for one in sections] if sections != [f"*{title}*"] else []


def prose(title: str, text: str) -> list[Block]:
    """A title of ours, and below it untrusted prose in as many sections as it needs; none for no text."""
    pieces = [told(piece, _PIECE) for piece in _pieces(one_line(text))] if text.strip() else []
    return [
        kit.section(f"*{title}*\n{piece}" if number == 0 else piece) for number, piece in enumerate(pieces)
    ]


def titled(title: str, text: str) -> list[Block]:
    """A title of ours, and below it a text in which every character stands for itself."""
    return [kit.section(f"*{title}*"), *kit.pages(text or "(nothing)")]


def split(blocks: Sequence[Block]) -> list[list[Block]]:
    """The pages, at least one; every block stands on exactly one of them, in order."""
    pages: list[list[Block]] = [[]]
    size = 0
    for block in blocks:
        length = len(json.dumps(block.to_dict(), ensure_ascii=False))
        if pages[-1] and (len(pages[-1]) == PAGE_BLOCKS or size + length > PAGE_SIZE):
            pages.append([])
            size = 0
        pages[-1].append(block)
        size += length
    return pages


def _pieces(text: str) -> list[str]:
    return [text[start : start + _PIECE] for start in range(0, len(text), _PIECE)] or [""]
