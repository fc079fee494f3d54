"""The rich_text block. Source: docs.slack.dev/reference/block-kit/blocks/rich-text-block."""

from __future__ import annotations

from bot.sandbox.slack.validation.checks import (
    Check,
    anything,
    array,
    boolean,
    integer,
    one_of,
    shape,
    string,
    typed,
)

_STYLE = shape({}, dict.fromkeys(("bold", "italic", "strike", "code", "underline", "highlight"), boolean))
_LOOK: dict[str, Check] = {"style": _STYLE}

INLINE = typed(
    {
        "text": shape({"text": string()}, _LOOK),
        "link": shape({"url": string()}, {"text": string(), "unsafe": boolean, **_LOOK}),
        "user": shape({"user_id": string()}, _LOOK),
        "usergroup": shape({"usergroup_id": string()}, _LOOK),
        "channel": shape({"channel_id": string()}, _LOOK),
        "team": shape({"team_id": string()}, _LOOK),
        "broadcast": shape({"range": one_of("here", "channel", "everyone")}, _LOOK),
        "emoji": shape({"name": string()}, {"unicode": string(), "skin_tone": anything, **_LOOK}),
        "date": shape(
            {"timestamp": integer(0, 10**10), "format": string()},
            {"url": string(), "fallback": string(), **_LOOK},
        ),
        "color": shape({"value": string()}, _LOOK),
    },
    "rich text",
)
_SECTION = shape({"elements": array(INLINE, least=0)})
_FRAMED: dict[str, Check] = {"border": integer(0, 1)}
GROUP = typed(
    {
        "rich_text_section": _SECTION,
        "rich_text_list": shape(
            {
                "style": one_of("bullet", "ordered"),
                "elements": array(typed({"rich_text_section": _SECTION}, "a list item")),
            },
            {"indent": integer(0, 8), "offset": integer(0, 10**6), **_FRAMED},
        ),
        "rich_text_preformatted": shape(
            {"elements": array(INLINE, least=0)}, {"language": string(), **_FRAMED}
        ),
        "rich_text_quote": shape({"elements": array(INLINE, least=0)}, _FRAMED),
    },
    "a rich_text block",
)
RICH_TEXT = shape({"elements": array(GROUP)}, {"block_id": string(255)})
