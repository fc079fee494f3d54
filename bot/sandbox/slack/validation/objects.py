"""Composition objects: text, confirm dialogs, options.

Source: docs.slack.dev/reference/block-kit/composition-objects.
"""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack.validation.checks import (
    Check,
    Issues,
    array,
    boolean,
    every,
    one_of,
    shape,
    string,
    typed,
)

URL = string(3000, pattern=r"[a-z][a-z0-9+.-]*:.+")


def plain_text(longest: int) -> Check:
    """A plain_text object; mrkdwn is refused here, which is Slack's most common complaint."""
    return typed({"plain_text": shape({"text": string(longest)}, {"emoji": boolean})}, "plain text")


def mrkdwn(longest: int) -> Check:
    return shape({"text": string(longest)}, {"verbatim": boolean})


def text(longest: int) -> Check:
    """A text object of either kind."""
    return typed(
        {
            "plain_text": shape({"text": string(longest)}, {"emoji": boolean}),
            "mrkdwn": mrkdwn(longest),
        },
        "text",
    )


CONFIRM = shape(
    {"title": plain_text(100), "text": text(300), "confirm": plain_text(30), "deny": plain_text(30)},
    {"style": one_of("primary", "danger")},
)


def option(label: Check, *, with_url: bool = False) -> Check:
    extra: dict[str, Check] = {"url": URL} if with_url else {}
    return shape({"text": label, "value": string(150)}, {"description": text(75), **extra})


PLAIN_OPTION = option(plain_text(75))
RICH_OPTION = option(text(75))
OVERFLOW_OPTION = option(plain_text(75), with_url=True)
OPTION_GROUP = shape({"label": plain_text(75), "options": array(PLAIN_OPTION, most=100)})


def offered(element: Any) -> list[dict[str, Any]]:
    """All options of a select, whether grouped or not."""
    groups = _objects(element.get("option_groups"))
    return _objects(element.get("options")) + [
        one for group in groups for one in _objects(group.get("options"))
    ]


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def options_or_groups(element: Any, pointer: str, issues: Issues) -> None:
    """A static select has ``options`` or ``option_groups``, not both and not neither."""
    if ("options" in element) == ("option_groups" in element):
        issues.add(pointer, "must define either `options` or `option_groups`")


def initial_options_offered(element: Any, pointer: str, issues: Issues) -> None:
    """What is preselected has to be one of the options, exactly as it is written there."""
    known = offered(element)
    for one in _objects([element.get("initial_option")]) + _objects(element.get("initial_options")):
        if one not in known:
            issues.add(pointer, "initial option was not found in options")


def distinct_values(element: Any, pointer: str, issues: Issues) -> None:
    values = [str(one.get("value")) for one in offered(element)]
    if len(values) != len(set(values)):
        issues.add(pointer, "option values must be unique")


CHOICE = every(initial_options_offered, distinct_values)
