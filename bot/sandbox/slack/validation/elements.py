"""Interactive elements: buttons, selects, inputs, pickers.

Source: docs.slack.dev/reference/block-kit/block-elements. The limits that the models of slack_sdk
do not check (button text, values, option counts, numbers) are all checked here.
"""

from __future__ import annotations

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
from bot.sandbox.slack.validation.objects import (
    CHOICE,
    CONFIRM,
    OPTION_GROUP,
    OVERFLOW_OPTION,
    PLAIN_OPTION,
    RICH_OPTION,
    URL,
    options_or_groups,
    plain_text,
)

ACTION_ID = string(255)
DATE = string(10, pattern=r"\d{4}-\d{2}-\d{2}")
TIME = string(5, pattern=r"([01]\d|2[0-3]):[0-5]\d")
ID = string(64)
_COMMON: dict[str, Check] = {"action_id": ACTION_ID, "confirm": CONFIRM, "focus_on_load": boolean}
_HINTED: dict[str, Check] = {**_COMMON, "placeholder": plain_text(150)}
_TYPED_IN: dict[str, Check] = {**_HINTED, "dispatch_action_config": anything}
_CONVERSATIONS: dict[str, Check] = {
    "filter": anything,
    "default_to_current_conversation": boolean,
    "response_url_enabled": boolean,
}

BUTTON = shape(
    {"text": plain_text(75)},
    {
        "action_id": ACTION_ID,
        "url": URL,
        "value": string(2000, shortest=0),
        "style": one_of("primary", "danger"),
        "confirm": CONFIRM,
        "accessibility_label": string(75),
    },
)
WORKFLOW_BUTTON = shape(
    {"text": plain_text(75), "workflow": anything},
    {
        "action_id": ACTION_ID,
        "style": one_of("primary", "danger"),
        "confirm": CONFIRM,
        "accessibility_label": string(75),
    },
)
OVERFLOW = every(
    shape(
        {"options": array(OVERFLOW_OPTION, most=5)},
        {"action_id": ACTION_ID, "confirm": CONFIRM},
    ),
    CHOICE,
)
RADIO_BUTTONS = every(
    shape({"options": array(RICH_OPTION, most=10)}, {**_COMMON, "initial_option": RICH_OPTION}), CHOICE
)
CHECKBOXES = every(
    shape(
        {"options": array(RICH_OPTION, most=10)},
        {**_COMMON, "initial_options": array(RICH_OPTION, most=10)},
    ),
    CHOICE,
)


def _static(**initial: Check) -> Check:
    groups = {"options": array(PLAIN_OPTION, most=100), "option_groups": array(OPTION_GROUP, most=100)}
    return every(shape({}, {**_HINTED, **groups, **initial}), options_or_groups, CHOICE)


def _several(name: str, item: Check, **others: Check) -> dict[str, Check]:
    return {**_HINTED, **others, name: array(item), "max_selected_items": integer(1, 100)}


def lengths_in_order(element: Any, pointer: str, issues: Issues) -> None:
    least, most = element.get("min_length"), element.get("max_length")
    if isinstance(least, int) and isinstance(most, int) and least > most:
        issues.add(pointer, "min_length must be less than or equal to max_length")


SELECTS: dict[str, Check] = {
    "static_select": _static(initial_option=PLAIN_OPTION),
    "multi_static_select": _static(
        initial_options=array(PLAIN_OPTION, most=100), max_selected_items=integer(1, 100)
    ),
    "external_select": shape(
        {}, {**_HINTED, "initial_option": PLAIN_OPTION, "min_query_length": integer(0, 100)}
    ),
    "multi_external_select": shape(
        {}, _several("initial_options", PLAIN_OPTION, min_query_length=integer(0, 100))
    ),
    "users_select": shape({}, {**_HINTED, "initial_user": ID}),
    "multi_users_select": shape({}, _several("initial_users", ID)),
    "channels_select": shape({}, {**_HINTED, "initial_channel": ID, "response_url_enabled": boolean}),
    "multi_channels_select": shape({}, _several("initial_channels", ID)),
    "conversations_select": shape({}, {**_HINTED, **_CONVERSATIONS, "initial_conversation": ID}),
    "multi_conversations_select": shape({}, _several("initial_conversations", ID, **_CONVERSATIONS)),
}
PICKERS: dict[str, Check] = {
    "datepicker": shape({}, {**_HINTED, "initial_date": DATE}),
    "timepicker": shape({}, {**_HINTED, "initial_time": TIME, "timezone": string(64)}),
    "datetimepicker": shape({}, {**_COMMON, "initial_date_time": integer(10**9, 10**10 - 1)}),
}
CHOICES: dict[str, Check] = {"radio_buttons": RADIO_BUTTONS, "checkboxes": CHECKBOXES}
TYPED_INPUTS: dict[str, Check] = {
    "plain_text_input": every(
        shape(
            {},
            {
                **_TYPED_IN,
                "initial_value": string(3000, shortest=0),
                "multiline": boolean,
                "min_length": integer(0, 3000),
                "max_length": integer(1, 3000),
            },
        ),
        lengths_in_order,
    ),
    "email_text_input": shape({}, {**_TYPED_IN, "initial_value": string()}),
    "url_text_input": shape({}, {**_TYPED_IN, "initial_value": string()}),
    "number_input": shape(
        {"is_decimal_allowed": boolean},
        {**_TYPED_IN, "initial_value": string(), "min_value": string(), "max_value": string()},
    ),
    "rich_text_input": shape({}, {**_TYPED_IN, "initial_value": anything}),
    "file_input": shape(
        {}, {"action_id": ACTION_ID, "filetypes": array(string()), "max_files": integer(1, 10)}
    ),
}
IMAGE_ELEMENT = shape({"alt_text": string(2000)}, {"image_url": URL, "slack_file": anything})
BUTTONS: dict[str, Check] = {"button": BUTTON, "workflow_button": WORKFLOW_BUTTON, "overflow": OVERFLOW}

IN_ACTIONS = typed({**BUTTONS, **SELECTS, **PICKERS, **CHOICES}, "an actions block")
IN_SECTION = typed(
    {**BUTTONS, **SELECTS, **PICKERS, **CHOICES, "image": IMAGE_ELEMENT}, "a section accessory"
)
IN_INPUT = typed({**SELECTS, **PICKERS, **CHOICES, **TYPED_INPUTS}, "an input block")
