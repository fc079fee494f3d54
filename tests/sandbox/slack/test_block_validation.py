"""Each limit of Block Kit: what keeps it is taken, what breaks it is named with its place."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.models.blocks import ActionsBlock, ButtonElement, HeaderBlock, SectionBlock

from bot.sandbox.slack.validation.surfaces import blocks_issues, too_long, view_issues
from tests.sandbox.slack.conftest import actions, button, modal, mrkdwn, plain, section, text_input


def option(value: str = "v", text: str = "Text", **more: Any) -> dict[str, Any]:
    return {"text": plain(text), "value": value, **more}


def options(count: int) -> list[dict[str, Any]]:
    return [option(f"v{index}") for index in range(count)]


def select(**more: Any) -> dict[str, Any]:
    return {"type": "static_select", "action_id": "pick", "options": options(3), **more}


CONFIRM = {
    "title": plain("Sure?"),
    "text": mrkdwn("*This* runs"),
    "confirm": plain("Yes"),
    "deny": plain("No"),
}

GOOD: list[Any] = [
    section(),
    {"type": "section", "fields": [mrkdwn("a")] * 10, "accessory": button()},
    {"type": "section", "text": mrkdwn("x" * 3000), "block_id": "b" * 255},
    {"type": "header", "text": plain("h" * 150)},
    {"type": "divider"},
    {"type": "context", "elements": [mrkdwn("c")] * 10},
    actions(*[button(f"a{index}") for index in range(25)]),
    actions(button(confirm=CONFIRM, style="danger", value="v" * 2000)),
    actions(button(text=plain("t" * 75), accessibility_label="l" * 75)),
    actions(select(options=options(100)), {"type": "users_select", "action_id": "u"}),
    actions({"type": "overflow", "action_id": "o", "options": options(5)}),
    actions({"type": "datepicker", "action_id": "d", "initial_date": "2026-11-23"}),
    actions({"type": "checkboxes", "action_id": "c", "options": [{"text": mrkdwn("*x*"), "value": "1"}]}),
    {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "A"},
    {"type": "image", "slack_file": {"id": "F1"}, "alt_text": "A"},
    text_input(),
    {"type": "markdown", "text": "m" * 12_000},
    {"type": "table", "rows": [[{"type": "raw_text", "text": "a"}] * 20] * 100},
    {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_section",
                "elements": [
                    {"type": "text", "text": "a", "style": {"bold": True}},
                    {"type": "user", "user_id": "U0DANA"},
                    {"type": "link", "url": "https://example.com"},
                ],
            },
            {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "{}"}]},
            {
                "type": "rich_text_list",
                "style": "bullet",
                "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "a"}]}],
            },
        ],
    },
    {
        "type": "plan",
        "title": "Steps",
        "tasks": [{"type": "task_card", "task_id": "1", "title": "t", "status": "complete"}],
    },
]

BAD: list[tuple[str, Any, str]] = [
    (
        "unknown type",
        {"type": "sektion"},
        "unsupported type for a block in a message: sektion [json-pointer:/blocks/0]",
    ),
    ("no type", {"text": mrkdwn("a")}, "missing required field: type [json-pointer:/blocks/0]"),
    ("not an object", "divider", "must provide an object [json-pointer:/blocks/0]"),
    (
        "unknown property",
        {**section(), "colour": "red"},
        "invalid additional property: colour [json-pointer:/blocks/0/colour]",
    ),
    (
        "section too long",
        section("x" * 3001),
        "must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
    ),
    ("section empty text", section(""), "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
    (
        "section without content",
        {"type": "section"},
        "must define either `text` or `fields` [json-pointer:/blocks/0]",
    ),
    (
        "eleven fields",
        {"type": "section", "fields": [mrkdwn("a")] * 11},
        "no more than 10 items allowed [json-pointer:/blocks/0/fields]",
    ),
    (
        "field too long",
        {"type": "section", "fields": [mrkdwn("a" * 2001)]},
        "must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]",
    ),
    (
        "input as accessory",
        {**section(), "accessory": {"type": "plain_text_input", "action_id": "a"}},
        "unsupported type for a section accessory: plain_text_input [json-pointer:/blocks/0/accessory]",
    ),
    (
        "header too long",
        {"type": "header", "text": plain("h" * 151)},
        "must be less than 151 characters [json-pointer:/blocks/0/text/text]",
    ),
    (
        "header in mrkdwn",
        {"type": "header", "text": mrkdwn("*h*")},
        "unsupported type for plain text: mrkdwn [json-pointer:/blocks/0/text]",
    ),
    (
        "block_id too long",
        {"type": "divider", "block_id": "b" * 256},
        "must be less than 256 characters [json-pointer:/blocks/0/block_id]",
    ),
    (
        "eleven context elements",
        {"type": "context", "elements": [mrkdwn("c")] * 11},
        "no more than 10 items allowed [json-pointer:/blocks/0/elements]",
    ),
    (
        "button in context",
        {"type": "context", "elements": [button()]},
        "unsupported type for a context block: button [json-pointer:/blocks/0/elements/0]",
    ),
    (
        "26 actions",
        actions(*[button(f"a{index}") for index in range(26)]),
        "no more than 25 items allowed [json-pointer:/blocks/0/elements]",
    ),
    ("no actions", actions(), "no fewer than 1 items allowed [json-pointer:/blocks/0/elements]"),
    (
        "text input in actions",
        actions({"type": "plain_text_input", "action_id": "a"}),
        "unsupported type for an actions block: plain_text_input [json-pointer:/blocks/0/elements/0]",
    ),
    (
        "button text too long",
        actions(button(text=plain("t" * 76))),
        "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]",
    ),
    (
        "button text in mrkdwn",
        actions(button(text=mrkdwn("*t*"))),
        "unsupported type for plain text: mrkdwn [json-pointer:/blocks/0/elements/0/text]",
    ),
    (
        "button value too long",
        actions(button(value="v" * 2001)),
        "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]",
    ),
    (
        "button value not text",
        actions(button(value=7)),
        "must provide a string [json-pointer:/blocks/0/elements/0/value]",
    ),
    (
        "button style",
        actions(button(style="warning")),
        "must be one of: primary, danger [json-pointer:/blocks/0/elements/0/style]",
    ),
    (
        "button url",
        actions(button(url="nowhere")),
        "does not match regexp [a-z][a-z0-9+.-]*:.+ [json-pointer:/blocks/0/elements/0/url]",
    ),
    (
        "accessibility label",
        actions(button(accessibility_label="l" * 76)),
        "must be less than 76 characters [json-pointer:/blocks/0/elements/0/accessibility_label]",
    ),
    (
        "action_id too long",
        actions(button("a" * 256)),
        "must be less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]",
    ),
    (
        "confirm text",
        actions(button(confirm={**CONFIRM, "text": mrkdwn("t" * 301)})),
        "must be less than 301 characters [json-pointer:/blocks/0/elements/0/confirm/text/text]",
    ),
    (
        "confirm title",
        actions(button(confirm={**CONFIRM, "title": plain("t" * 101)})),
        "must be less than 101 characters [json-pointer:/blocks/0/elements/0/confirm/title/text]",
    ),
    (
        "confirm button",
        actions(button(confirm={**CONFIRM, "deny": plain("t" * 31)})),
        "must be less than 31 characters [json-pointer:/blocks/0/elements/0/confirm/deny/text]",
    ),
    (
        "confirm incomplete",
        actions(button(confirm={"title": plain("t")})),
        "missing required field: text [json-pointer:/blocks/0/elements/0/confirm]",
    ),
    (
        "101 options",
        actions(select(options=options(101))),
        "no more than 100 items allowed [json-pointer:/blocks/0/elements/0/options]",
    ),
    (
        "no options",
        actions(select(options=[])),
        "no fewer than 1 items allowed [json-pointer:/blocks/0/elements/0/options]",
    ),
    (
        "option text",
        actions(select(options=[option(text="t" * 76)])),
        "must be less than 76 characters [json-pointer:/blocks/0/elements/0/options/0/text/text]",
    ),
    (
        "option value",
        actions(select(options=[option("v" * 151)])),
        "must be less than 151 characters [json-pointer:/blocks/0/elements/0/options/0/value]",
    ),
    (
        "option twice",
        actions(select(options=[option(), option()])),
        "option values must be unique [json-pointer:/blocks/0/elements/0]",
    ),
    (
        "options and groups",
        actions(select(option_groups=[{"label": plain("g"), "options": options(1)}])),
        "must define either `options` or `option_groups` [json-pointer:/blocks/0/elements/0]",
    ),
    (
        "initial option",
        actions(select(initial_option=option("other"))),
        "initial option was not found in options [json-pointer:/blocks/0/elements/0]",
    ),
    (
        "placeholder",
        actions(select(placeholder=plain("p" * 151))),
        "must be less than 151 characters [json-pointer:/blocks/0/elements/0/placeholder/text]",
    ),
    (
        "six in an overflow",
        actions({"type": "overflow", "action_id": "o", "options": options(6)}),
        "no more than 5 items allowed [json-pointer:/blocks/0/elements/0/options]",
    ),
    (
        "eleven radio buttons",
        actions({"type": "radio_buttons", "action_id": "r", "options": options(11)}),
        "no more than 10 items allowed [json-pointer:/blocks/0/elements/0/options]",
    ),
    (
        "date",
        actions({"type": "datepicker", "action_id": "d", "initial_date": "23.11.2026"}),
        r"does not match regexp \d{4}-\d{2}-\d{2} [json-pointer:/blocks/0/elements/0/initial_date]",
    ),
    (
        "duplicate action_id",
        actions(button("same"), button("same")),
        "`action_id` same already exists for this block [json-pointer:/blocks/0/elements/1/action_id]",
    ),
    (
        "image without alt_text",
        {"type": "image", "image_url": "https://example.com/a.png"},
        "missing required field: alt_text [json-pointer:/blocks/0]",
    ),
    (
        "image without source",
        {"type": "image", "alt_text": "a"},
        "must define either `image_url` or `slack_file` [json-pointer:/blocks/0]",
    ),
    (
        "input label",
        text_input(label="l" * 2001),
        "must be less than 2001 characters [json-pointer:/blocks/0/label/text]",
    ),
    (
        "button in input",
        {**text_input(), "element": button()},
        "unsupported type for an input block: button [json-pointer:/blocks/0/element]",
    ),
    (
        "lengths the wrong way",
        text_input(min_length=9, max_length=3),
        "min_length must be less than or equal to max_length [json-pointer:/blocks/0/element]",
    ),
    (
        "max_length",
        text_input(max_length=3001),
        "must be between 1 and 3000 [json-pointer:/blocks/0/element/max_length]",
    ),
    (
        "optional not boolean",
        {**text_input(), "optional": "yes"},
        "must provide a boolean [json-pointer:/blocks/0/optional]",
    ),
    (
        "number without kind",
        {**text_input(), "element": {"type": "number_input", "action_id": "n"}},
        "missing required field: is_decimal_allowed [json-pointer:/blocks/0/element]",
    ),
    (
        "markdown",
        {"type": "markdown", "text": "m" * 12_001},
        "must be less than 12001 characters [json-pointer:/blocks/0/text]",
    ),
    (
        "101 rows",
        {"type": "table", "rows": [[{"type": "raw_text", "text": "a"}]] * 101},
        "no more than 100 items allowed [json-pointer:/blocks/0/rows]",
    ),
    (
        "21 columns",
        {"type": "table", "rows": [[{"type": "raw_text", "text": "a"}] * 21]},
        "no more than 20 items allowed [json-pointer:/blocks/0/rows/0]",
    ),
    (
        "text in rich text",
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [mrkdwn("a")]}]},
        "unsupported type for rich text: mrkdwn [json-pointer:/blocks/0/elements/0/elements/0]",
    ),
    (
        "empty rich text",
        {
            "type": "rich_text",
            "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": ""}]}],
        },
        "must be more than 0 characters [json-pointer:/blocks/0/elements/0/elements/0/text]",
    ),
    (
        "task status",
        {"type": "task_card", "task_id": "1", "title": "t", "status": "completed"},
        "must be one of: pending, in_progress, complete, error [json-pointer:/blocks/0/status]",
    ),
    (
        "alert in a message",
        {"type": "alert", "text": plain("a")},
        "unsupported type for a block in a message: alert [json-pointer:/blocks/0]",
    ),
]


@pytest.mark.parametrize("block", GOOD, ids=lambda one: str(one["type"]))
def test_takes_what_keeps_the_limits(block: dict[str, Any]) -> None:
    assert blocks_issues([block]) == []


@pytest.mark.parametrize(("block", "issue"), [one[1:] for one in BAD], ids=[one[0] for one in BAD])
def test_names_what_breaks_a_limit(block: Any, issue: str) -> None:
    assert issue in blocks_issues([block])


def test_fifty_blocks_and_no_more() -> None:
    assert blocks_issues([section()] * 50) == []
    assert blocks_issues([section()] * 51) == ["no more than 50 items allowed [json-pointer:/blocks]"]


def test_block_ids_are_unique_in_a_message() -> None:
    twice = [{"type": "divider", "block_id": "same"}, {"type": "divider", "block_id": "same"}]
    assert blocks_issues(twice) == ["`block_id` same already exists [json-pointer:/blocks/1/block_id]"]


def test_the_same_action_id_may_stand_in_two_blocks() -> None:
    assert blocks_issues([actions(button(), block_id="one"), actions(button(), block_id="two")]) == []


def test_markdown_is_counted_over_all_blocks() -> None:
    half = {"type": "markdown", "text": "m" * 6_001}
    assert blocks_issues([half]) == []
    assert blocks_issues([half, copy.deepcopy(half)]) == [
        "must be less than 12001 characters of markdown in all [json-pointer:/blocks]"
    ]


def test_one_table_with_ten_thousand_characters() -> None:
    table = {"type": "table", "rows": [[{"type": "raw_text", "text": "t" * 5_001}]]}
    assert "only_one_table_allowed [json-pointer:/blocks]" in blocks_issues([table, table])
    wide = {"type": "table", "rows": [[{"type": "raw_text", "text": "t" * 5_001}] * 2]}
    assert blocks_issues([wide]) == [
        "tables must be less than 10001 characters in all [json-pointer:/blocks]"
    ]


def test_a_whole_message_has_a_ceiling() -> None:
    assert not too_long([section("x" * 3000)] * 4)
    assert too_long([section("x" * 3000)] * 5)


def test_what_is_not_a_list_is_refused() -> None:
    assert blocks_issues({"type": "divider"}) == ["must provide an array [json-pointer:/blocks]"]


@given(st.integers(1, 200), st.integers(1, 60), st.integers(1, 30))
def test_agrees_with_slack_sdk_where_slack_sdk_checks(header: int, words: int, buttons: int) -> None:
    """Blocks that the SDK's own models refuse are refused here too, and the other way round."""
    blocks = [
        HeaderBlock(text="h" * header),
        SectionBlock(text="s" * (words * 100)),
        ActionsBlock(elements=[ButtonElement(text="b", action_id=f"b{index}") for index in range(buttons)]),
    ]
    fits = header <= 150 and words * 100 <= 3000 and buttons <= 25
    if fits:
        assert blocks_issues([one.to_dict() for one in blocks]) == []
    else:
        raw = [
            {"type": "header", "text": plain("h" * header)},
            section("s" * (words * 100)),
            actions(*[button(f"b{index}") for index in range(buttons)]),
        ]
        assert len(blocks_issues(raw)) == (header > 150) + (words * 100 > 3000) + (buttons > 25)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["type", "text", "elements", "blocks", "options", "element"]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_never_stumbles_over_nonsense(nonsense: Any) -> None:
    for value in (
        nonsense,
        [nonsense],
        [{"type": "actions", "elements": nonsense}],
        [{"type": "section", "accessory": nonsense}],
    ):
        assert isinstance(blocks_issues(value), list)
        assert isinstance(view_issues(value), list)
        assert isinstance(view_issues({"type": "modal", "blocks": value}), list)


class TestViews:
    def test_takes_a_modal(self) -> None:
        assert view_issues(modal()) == []

    def test_takes_a_home(self) -> None:
        assert view_issues({"type": "home", "blocks": [section()]}) == []

    @pytest.mark.parametrize(
        ("view", "issue"),
        [
            (
                {**modal(), "submit": None},
                "`submit` is required when an input block is within the blocks array [json-pointer:/view]",
            ),
            (modal(title=plain("t" * 25)), "must be less than 25 characters [json-pointer:/view/title/text]"),
            (
                modal(submit=plain("t" * 25)),
                "must be less than 25 characters [json-pointer:/view/submit/text]",
            ),
            (modal(close=plain("t" * 25)), "must be less than 25 characters [json-pointer:/view/close/text]"),
            (modal(title=mrkdwn("t")), "unsupported type for plain text: mrkdwn [json-pointer:/view/title]"),
            (
                modal(private_metadata="p" * 3001),
                "must be less than 3001 characters [json-pointer:/view/private_metadata]",
            ),
            (
                modal(callback_id="c" * 256),
                "must be less than 256 characters [json-pointer:/view/callback_id]",
            ),
            (modal(*[section()] * 101), "no more than 100 items allowed [json-pointer:/view/blocks]"),
            (
                modal({"type": "markdown", "text": "m"}),
                "unsupported type for a block in a modal: markdown [json-pointer:/view/blocks/0]",
            ),
            (modal(colour="red"), "invalid additional property: colour [json-pointer:/view/colour]"),
            ({"type": "modal", "blocks": [section()]}, "missing required field: title [json-pointer:/view]"),
            ({"type": "popup", "blocks": []}, "must be one of: modal, home [json-pointer:/view/type]"),
            ({"type": "home", "blocks": []}, "no fewer than 1 items allowed [json-pointer:/view/blocks]"),
            (
                {"type": "home", "blocks": [section()], "title": plain("t")},
                "invalid additional property: title [json-pointer:/view/title]",
            ),
            (
                modal(text_input("a", focus_on_load=True), text_input("b", focus_on_load=True)),
                "only one element can have `focus_on_load` [json-pointer:/view/blocks]",
            ),
            ("modal", "must provide an object [json-pointer:/view]"),
        ],
    )
    def test_names_what_breaks_a_limit(self, view: Any, issue: str) -> None:
        assert issue in view_issues(view)

    def test_takes_an_alert_in_a_modal(self) -> None:
        assert (
            view_issues(modal({"type": "alert", "level": "warning", "text": plain("This cannot be undone")}))
            == []
        )

    def test_one_hundred_blocks(self) -> None:
        assert view_issues(modal(*[section()] * 100)) == []
