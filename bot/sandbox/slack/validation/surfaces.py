"""Whole messages and whole views: what blocks.validate, chat.* and views.* refuse.

Source: docs.slack.dev/reference/methods/{chat.postMessage,views.open,blocks.validate} and
docs.slack.dev/reference/views/{modal-views,home-tab-views}.
"""

from __future__ import annotations

import json
from typing import Any

from bot.sandbox.slack.validation.blocks import (
    MESSAGE_BLOCKS,
    VIEW_BLOCKS,
    block,
    characters,
    distinct_ids,
    totals,
)
from bot.sandbox.slack.validation.checks import Check, Issues, array, boolean, every, one_of, shape, string
from bot.sandbox.slack.validation.objects import plain_text

MESSAGE_CHARACTERS = 13_200
VIEW_BYTES = 250_000
_FREE: dict[str, Check] = {
    "private_metadata": string(3000, shortest=0),
    "callback_id": string(255, shortest=0),
    "external_id": string(255, shortest=0),
}


def _list_of_blocks(value: Any, pointer: str, issues: Issues) -> None:
    if isinstance(value, list):
        distinct_ids(value, pointer, issues)


MESSAGE = every(array(block("message"), least=0, most=MESSAGE_BLOCKS), _list_of_blocks)
MODAL = shape(
    {
        "title": plain_text(24),
        "blocks": every(array(block("modal"), most=VIEW_BLOCKS), _list_of_blocks),
    },
    {
        **_FREE,
        "submit": plain_text(24),
        "close": plain_text(24),
        "clear_on_close": boolean,
        "notify_on_close": boolean,
        "submit_disabled": boolean,
    },
)
HOME = shape({"blocks": every(array(block("home"), most=VIEW_BLOCKS), _list_of_blocks)}, _FREE)


def blocks_issues(blocks: Any) -> list[str]:
    """What is wrong with the blocks of a message; nothing means Slack takes them."""
    issues = Issues()
    MESSAGE(blocks, "/blocks", issues)
    if isinstance(blocks, list):
        totals(blocks, "/blocks", issues)
    return issues.found


def too_long(blocks: Any) -> bool:
    """True above the ceiling at which Slack answers ``msg_blocks_too_long``."""
    return characters(blocks) > MESSAGE_CHARACTERS


def view_issues(view: Any) -> list[str]:
    """What is wrong with a modal or a home view; nothing means Slack takes it."""
    issues = Issues()
    if not isinstance(view, dict):
        issues.add("/view", "must provide an object")
        return issues.found
    one_of("modal", "home")(view.get("type"), "/view/type", issues)
    (HOME if view.get("type") == "home" else MODAL)(view, "/view", issues)
    _submit_for_inputs(view, issues)
    return issues.found


def _submit_for_inputs(view: dict[str, Any], issues: Issues) -> None:
    blocks = view.get("blocks")
    inputs = [one for one in blocks if isinstance(one, dict)] if isinstance(blocks, list) else []
    if (
        view.get("type") == "modal"
        and any(one.get("type") == "input" for one in inputs)
        and not view.get("submit")
    ):
        issues.add("/view", "`submit` is required when an input block is within the blocks array")


def view_too_large(view: Any) -> bool:
    """True where Slack answers ``view_too_large``."""
    return len(json.dumps(view).encode()) > VIEW_BYTES
