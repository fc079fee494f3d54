"""Building blocks for cards: every limit of Block Kit is kept here, so that a card can never be refused.

Limits from https://docs.slack.dev/reference/block-kit: 50 blocks a message, 3,000 characters a section,
2,000 a field, ten fields, 150 a header, ten elements a context, 25 an actions block, 75 a button. The whole
message must stay under about 13,200 characters (`msg_blocks_too_long`, seen in practice).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ConfirmObject,
    ContextBlock,
    DividerBlock,
    HeaderBlock,
    MarkdownTextObject,
    PlainTextObject,
    RichTextBlock,
    RichTextElementParts,
    RichTextPreformattedElement,
    SectionBlock,
)

from bot.slack.cards import spoken
from bot.slack.cards.text import clean, cut, cut_mrkdwn, fitting, one_line

BLOCKS = 50
VIEW_BLOCKS = 100
SECTION = 3000
FIELD = 2000
HEADER = 150
BUTTON = 75
PREFORMATTED = 2900
WHOLE = 12_000
VIEW_WHOLE = 200_000


@dataclass(frozen=True)
class Card:
    """One message: its blocks, and the same as text for screen readers, mobile notifications and search."""

    text: str
    blocks: tuple[Block, ...]

    def payload(self) -> list[dict[str, object]]:
        """The blocks as the Web API takes them. Raises SlackObjectFormationError if a limit were broken."""
        return [block.to_dict() for block in self.blocks]


def card(*blocks: Block | None) -> Card:
    """A message made of these blocks (None is left out), cut to what Slack takes, with its spoken text."""
    fitted = fit([block for block in blocks if block is not None])
    return Card(spoken.text_of(fitted), tuple(fitted))


def fit(blocks: Sequence[Block], limit: int = BLOCKS, whole: int = WHOLE) -> list[Block]:
    """Leaves out the last blocks, never the buttons, until the message is small enough, and says so."""
    kept = list(blocks)
    left_out = 0
    while len(kept) + bool(left_out) > limit or _size(kept) > whole:
        at = _expendable(kept)
        if at is None:
            break
        kept.pop(at)
        left_out += 1
    if left_out:
        kept.insert(
            _before_buttons(kept), context(f"… {left_out} more parts of this message do not fit here.")
        )
    return kept


def _size(blocks: Iterable[Block]) -> int:
    return sum(len(json.dumps(block.to_dict(), ensure_ascii=False)) for block in blocks)


def _expendable(blocks: Sequence[Block]) -> int | None:
    for at in range(len(blocks) - 1, 0, -1):
        if not isinstance(blocks[at], ActionsBlock):
            return at
    return None


def _before_buttons(blocks: Sequence[Block]) -> int:
    at = len(blocks)
    while at > 1 and isinstance(blocks[at - 1], ActionsBlock):
        at -= 1
    return at


def plain(text: str, limit: int) -> PlainTextObject:
    """Text in which nothing has a meaning: the safest place for untrusted values."""
    return PlainTextObject(text=cut(clean(text), limit) or " ", emoji=False)


def mrkdwn(text: str, limit: int = SECTION) -> MarkdownTextObject:
    """Text of ours, values in it already escaped. `verbatim`: Slack must not make links of bare addresses."""
    return MarkdownTextObject(text=cut_mrkdwn(text, limit) or " ", verbatim=True)


def header(text: str) -> HeaderBlock:
    return HeaderBlock(text=plain(one_line(text), HEADER))


def section(text: str) -> SectionBlock:
    return SectionBlock(text=mrkdwn(text))


def fields(**values: str) -> SectionBlock:
    """Name and value side by side; `opened_by` is shown as *Opened by*. Values are mrkdwn; at most ten."""
    shown = [(name, value) for name, value in values.items() if value][:10]
    return SectionBlock(
        fields=[mrkdwn(f"*{name.replace('_', ' ').capitalize()}*\n{value}", FIELD) for name, value in shown]
    )


def paragraph(
    title: str, lines: Sequence[str], *, elsewhere: str = "the full list is attached"
) -> Block | None:
    """A titled list in one section; what does not fit is counted. None when there is nothing to list."""
    if not lines:
        return None
    more = f"… {{}} more: {elsewhere}." if elsewhere else "… {} more."
    body = fitting([f"• {line}" for line in lines], SECTION - len(title) - 10, more.format)
    return section(f"*{title}*\n{body}")


def context(*texts: str) -> ContextBlock:
    return ContextBlock(elements=[mrkdwn(text, FIELD) for text in texts[:10]])


def divider() -> DividerBlock:
    return DividerBlock()


def preformatted(text: str, limit: int = PREFORMATTED) -> RichTextBlock:
    """Text in which every character stands for itself: diffs, parameters, policies. Cut at a whole line."""
    body = fitting(clean(text).splitlines(), limit, "… {} more lines: see Details".format)
    shown = body or cut(clean(text), limit) or " "
    part = RichTextElementParts.Text(text=shown)
    return RichTextBlock(elements=[RichTextPreformattedElement(elements=[part])])


def pages(text: str, limit: int = PREFORMATTED) -> list[RichTextBlock]:
    """A long text as several preformatted blocks, nothing left out."""
    parts: list[str] = [""]
    for line in clean(text).splitlines():
        for piece in [line[i : i + limit] for i in range(0, len(line), limit)] or [""]:
            if len(parts[-1]) + len(piece) + 1 > limit:
                parts.append("")
            parts[-1] += piece + "\n"
    return [preformatted(part.rstrip("\n") or " ", limit + 1) for part in parts]


def confirm(title: str, text: str, yes: str, no: str = "Cancel") -> ConfirmObject:
    """The dialog before a click counts. Its text is plain: it restates values an attacker may have chosen."""
    return ConfirmObject(
        title=plain(title, 100), text=plain(text, 300), confirm=plain(yes, 30), deny=plain(no, 30)
    )


def button(
    text: str,
    action_id: str,
    value: str,
    *,
    style: Literal["primary", "danger"] | None = None,
    confirm: ConfirmObject | None = None,
    label: str | None = None,
) -> ButtonElement:
    """A button; `label` is what a screen reader says where the short text is not enough."""
    return ButtonElement(
        text=plain(text, BUTTON),
        action_id=action_id,
        value=value,
        style=style,
        confirm=confirm,
        accessibility_label=cut(one_line(label), BUTTON) if label else None,
    )


def actions(*buttons: ButtonElement) -> ActionsBlock | None:
    return ActionsBlock(elements=list(buttons)) if buttons else None
