"""What people enter: the state of elements, as ``state.values`` of views and messages holds it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from bot.sandbox.slack import sentences
from bot.sandbox.slack.records import Json
from bot.sandbox.slack.validation.blocks import elements_of
from bot.sandbox.slack.validation.objects import offered

VALUE_OF = {
    "plain_text_input": "value",
    "email_text_input": "value",
    "url_text_input": "value",
    "number_input": "value",
    "rich_text_input": "rich_text_value",
    "file_input": "files",
    "static_select": "selected_option",
    "external_select": "selected_option",
    "radio_buttons": "selected_option",
    "multi_static_select": "selected_options",
    "multi_external_select": "selected_options",
    "checkboxes": "selected_options",
    "users_select": "selected_user",
    "multi_users_select": "selected_users",
    "channels_select": "selected_channel",
    "multi_channels_select": "selected_channels",
    "conversations_select": "selected_conversation",
    "multi_conversations_select": "selected_conversations",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
}
"""Type of an element that holds something -> the property that says what."""

_FREE_CHOICE = {"external_select", "multi_external_select"}
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_URL = re.compile(r"https?://\S+")


def elements(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Each block with an interactive element, and that element."""
    for block in blocks:
        for _place, element in elements_of(block):
            yield block, element


def find(blocks: list[Json], block_id: str, action_id: str) -> tuple[Json, Json] | None:
    """The block and element with these ids, or None when they are not there (any more)."""
    for block, element in elements(blocks):
        if block.get("block_id") == block_id and element.get("action_id") == action_id:
            return block, element
    return None


def entry(element: Json, value: Any) -> Json:
    """An element's part of ``state.values``."""
    return {"type": element["type"], VALUE_OF[element["type"]]: value}


def initial(element: Json) -> Json:
    """The state of an element that nobody has touched."""
    name = VALUE_OF[element["type"]]
    preset = element.get(name.replace("selected", "initial") if "selected" in name else "initial_value")
    return entry(element, preset if preset is not None else [] if name.endswith("s") else None)


def state_of(blocks: list[Json], kept: Json | None = None) -> Json:
    """``state.values`` for these blocks, with what was entered before where the elements are the same."""
    values: Json = {}
    for block, element in elements(blocks):
        if element["type"] not in VALUE_OF:
            continue
        before = (kept or {}).get(block["block_id"], {}).get(element["action_id"])
        same = before is not None and before["type"] == element["type"]
        values.setdefault(block["block_id"], {})[element["action_id"]] = before if same else initial(element)
    return values


def entered(element: Json, sent: Json) -> Json:
    """What a person has put into an element, as Slack records it.

    Raises ValueError when an option is not among those offered.
    """
    name = VALUE_OF[element["type"]]
    value = sent.get(name)
    if element["type"] in _FREE_CHOICE or value is None:
        return entry(element, value)
    if name == "selected_option":
        value = choose(element, value)
    elif name == "selected_options":
        value = [choose(element, one) for one in value]
    return entry(element, value)


def choose(element: Json, wanted: Any) -> Json:
    """The offered option with this value (or whole option). Raises ValueError."""
    value = wanted.get("value") if isinstance(wanted, dict) else wanted
    for option in offered(element):
        if option["value"] == value:
            return option
    raise ValueError(f"{value!r} is not among the options of {element.get('action_id')}")


def is_empty(state: Json) -> bool:
    value = state.get(VALUE_OF[state["type"]])
    return value is None or value in ("", [])


def complaints(blocks: list[Json], values: Json) -> dict[str, str]:
    """What Slack's own client refuses before the app hears of it: block id -> sentence."""
    found: dict[str, str] = {}
    for block, element in elements(blocks):
        if block["type"] != "input":
            continue
        state = values[block["block_id"]][element["action_id"]]
        sentence = _complaint(block, element, state)
        if sentence:
            found[block["block_id"]] = sentence
    return found


def _complaint(block: Json, element: Json, state: Json) -> str | None:
    if is_empty(state):
        return None if block.get("optional") else sentences.REQUIRED
    value = str(state.get("value", ""))
    match element["type"]:
        case "plain_text_input":
            return _length(element, value)
        case "email_text_input":
            return None if _EMAIL.fullmatch(value) else sentences.NOT_AN_EMAIL
        case "url_text_input":
            return None if _URL.fullmatch(value) else sentences.NOT_A_URL
        case "number_input":
            return _number(element, value)
    return None


def _length(element: Json, value: str) -> str | None:
    least, most = element.get("min_length", 0), element.get("max_length", 3000)
    if len(value) < least:
        return sentences.too_short(least)
    return sentences.too_long(most) if len(value) > most else None


def _number(element: Json, value: str) -> str | None:
    try:
        number = float(value) if element["is_decimal_allowed"] else int(value)
    except ValueError:
        return sentences.NOT_A_NUMBER
    if "min_value" in element and number < float(element["min_value"]):
        return sentences.below(element["min_value"])
    if "max_value" in element and number > float(element["max_value"]):
        return sentences.above(element["max_value"])
    return None
