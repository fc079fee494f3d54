"""The blocks of messages, modals and App Home, with every documented limit.

Source: docs.slack.dev/reference/block-kit/blocks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.sandbox.slack.validation.checks import (
    Check,
    Issues,
    anything,
    array,
    boolean,
    every,
    integer,
    one_of,
    shape,
    string,
    typed,
)
from bot.sandbox.slack.validation.elements import IMAGE_ELEMENT, IN_ACTIONS, IN_INPUT, IN_SECTION
from bot.sandbox.slack.validation.objects import URL, mrkdwn, plain_text, text
from bot.sandbox.slack.validation.rich_text import RICH_TEXT

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
MARKDOWN_CHARACTERS = 12_000
TABLE_CHARACTERS = 10_000
_ID: dict[str, Check] = {"block_id": string(255)}


def text_or_fields(block: Any, pointer: str, issues: Issues) -> None:
    if not block.get("text") and not block.get("fields"):
        issues.add(pointer, "must define either `text` or `fields`")


def one_source(block: Any, pointer: str, issues: Issues) -> None:
    """An image comes from a URL or from a file in Slack."""
    if ("image_url" in block) == ("slack_file" in block):
        issues.add(pointer, "must define either `image_url` or `slack_file`")


SECTION = every(
    shape(
        {},
        {
            **_ID,
            "text": text(3000),
            "fields": array(text(2000), most=10),
            "accessory": IN_SECTION,
            "expand": boolean,
        },
    ),
    text_or_fields,
)
_CONTEXT_ITEM = typed(
    {"mrkdwn": mrkdwn(3000), "plain_text": plain_text(3000), "image": every(IMAGE_ELEMENT, one_source)},
    "a context block",
)
_CELL = typed(
    {
        "raw_text": shape({"text": string()}),
        "raw_number": shape({"value": anything}, {"text": string()}),
        "rich_text": RICH_TEXT,
    },
    "a table cell",
)
_COLUMN = shape({}, {"align": one_of("left", "center", "right"), "is_wrapped": boolean})
TABLE = shape(
    {"rows": array(array(_CELL, most=20), most=100)},
    {**_ID, "column_settings": array(_COLUMN, least=0, most=20)},
)
TASK_STATUS = one_of("pending", "in_progress", "complete", "error")
TASK_CARD = shape(
    {"task_id": string(255), "title": string(256)},
    {
        **_ID,
        "status": TASK_STATUS,
        "details": RICH_TEXT,
        "output": RICH_TEXT,
        "sources": array(anything, least=0),
    },
)
_FILE_LIKE: dict[str, Check] = {"external_id": string(255)}
VIDEO = shape(
    {"alt_text": string(2000), "title": plain_text(200), "thumbnail_url": URL, "video_url": URL},
    {
        **_ID,
        "title_url": URL,
        "description": plain_text(200),
        "provider_icon_url": URL,
        "provider_name": string(50),
        "author_name": string(50),
    },
)

EVERYWHERE: dict[str, Check] = {
    "section": SECTION,
    "header": shape({"text": plain_text(150)}, {**_ID, "level": integer(1, 6)}),
    "divider": shape({}, _ID),
    "context": shape({"elements": array(_CONTEXT_ITEM, most=10)}, _ID),
    "actions": shape({"elements": array(IN_ACTIONS, most=25)}, _ID),
    "image": every(
        shape(
            {"alt_text": string(2000)},
            {**_ID, "image_url": URL, "slack_file": anything, "title": plain_text(2000)},
        ),
        one_source,
    ),
    "input": shape(
        {"label": plain_text(2000), "element": IN_INPUT},
        {**_ID, "hint": plain_text(2000), "optional": boolean, "dispatch_action": boolean},
    ),
    "rich_text": RICH_TEXT,
    "video": VIDEO,
}
_CARD: dict[str, Check] = {
    **_ID,
    "title": text(150),
    "subtitle": text(150),
    "body": text(200),
    "hero_image": anything,
    "icon": anything,
    "actions": array(IN_ACTIONS, most=5),
    "slack_icon": anything,
    "subtext": text(200),
}
IN_MESSAGES: dict[str, Check] = {
    "markdown": shape({"text": string(MARKDOWN_CHARACTERS)}, _ID),
    "table": TABLE,
    "file": shape({**_FILE_LIKE, "source": one_of("remote")}, _ID),
    "context_actions": shape({"elements": array(anything, most=5)}, _ID),
    "plan": shape(
        {"title": string(256)}, {**_ID, "tasks": array(typed({"task_card": TASK_CARD}, "a plan"), least=0)}
    ),
    "task_card": TASK_CARD,
    "card": shape({}, _CARD),
    "carousel": shape({"elements": array(typed({"card": shape({}, _CARD)}, "a carousel"), most=10)}, _ID),
}
IN_MODALS: dict[str, Check] = {
    "alert": shape(
        {"text": text(200)}, {**_ID, "level": one_of("default", "info", "warning", "error", "success")}
    )
}


def block(surface: str) -> Check:
    """The check of one block on a ``message``, a ``modal`` or the ``home`` tab."""
    extra: Mapping[str, Mapping[str, Check]] = {"message": IN_MESSAGES, "modal": IN_MODALS, "home": {}}
    return typed({**EVERYWHERE, **extra[surface]}, f"a block in a {surface}")


def elements_of(one: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each interactive element of a block, with its place in the block."""
    if one.get("type") == "actions" and isinstance(one.get("elements"), list):
        for index, element in enumerate(one["elements"]):
            if isinstance(element, dict):
                yield f"/elements/{index}", element
    for place in ("accessory", "element"):
        if isinstance(one.get(place), dict):
            yield f"/{place}", one[place]


def distinct_ids(blocks: Any, pointer: str, issues: Issues) -> None:
    """``block_id`` is unique in the surface, ``action_id`` in its block; one element has the focus."""
    seen: set[str] = set()
    focused = 0
    for index, one in enumerate(blocks):
        if not isinstance(one, dict):
            continue
        block_id = one.get("block_id")
        if block_id is not None and str(block_id) in seen:
            issues.add(f"{pointer}/{index}/block_id", f"`block_id` {block_id} already exists")
        seen.add(str(block_id))
        focused += _distinct_actions(one, f"{pointer}/{index}", issues)
    if focused > 1:
        issues.add(pointer, "only one element can have `focus_on_load`")


def _distinct_actions(one: Mapping[str, Any], pointer: str, issues: Issues) -> int:
    actions: set[str] = set()
    focused = 0
    for place, element in elements_of(one):
        action_id = element.get("action_id")
        if action_id is not None and str(action_id) in actions:
            issues.add(
                f"{pointer}{place}/action_id", f"`action_id` {action_id} already exists for this block"
            )
        actions.add(str(action_id))
        focused += element.get("focus_on_load") is True
    return focused


def totals(blocks: Any, pointer: str, issues: Issues) -> None:
    """Limits that hold for all blocks of a message together."""
    markdown = sum(len(str(one.get("text", ""))) for one in blocks if _is(one, "markdown"))
    if markdown > MARKDOWN_CHARACTERS:
        issues.add(pointer, f"must be less than {MARKDOWN_CHARACTERS + 1} characters of markdown in all")
    tables = [one for one in blocks if _is(one, "table")]
    if len(tables) > 1:
        issues.add(pointer, "only_one_table_allowed")
    if sum(characters(one) for one in tables) > TABLE_CHARACTERS:
        issues.add(pointer, f"tables must be less than {TABLE_CHARACTERS + 1} characters in all")


def _is(one: Any, kind: str) -> bool:
    return isinstance(one, dict) and one.get("type") == kind


def characters(value: Any) -> int:
    """All text that a reader sees in a block or in a list of blocks."""
    if isinstance(value, list):
        return sum(characters(one) for one in value)
    if not isinstance(value, dict):
        return 0
    own = value.get("text")
    return (len(own) if isinstance(own, str) else 0) + sum(characters(one) for one in value.values())
