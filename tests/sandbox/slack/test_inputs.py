"""What people enter, and what Slack's client refuses before the app hears of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.slack import inputs, sentences
from tests.sandbox.slack.conftest import actions, button, plain, text_input

OPTIONS = [{"text": plain("One"), "value": "1"}, {"text": plain("Two"), "value": "2"}]


def asked(element: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": "input",
        "block_id": "b",
        "label": plain("Label"),
        "element": {"action_id": "a", **element},
        **more,
    }


@pytest.mark.parametrize(
    ("element", "state"),
    [
        ({"type": "plain_text_input"}, {"value": None}),
        ({"type": "plain_text_input", "initial_value": "x"}, {"value": "x"}),
        ({"type": "static_select", "options": OPTIONS}, {"selected_option": None}),
        (
            {"type": "static_select", "options": OPTIONS, "initial_option": OPTIONS[1]},
            {"selected_option": OPTIONS[1]},
        ),
        ({"type": "multi_static_select", "options": OPTIONS}, {"selected_options": []}),
        (
            {"type": "checkboxes", "options": OPTIONS, "initial_options": OPTIONS},
            {"selected_options": OPTIONS},
        ),
        ({"type": "users_select", "initial_user": "U1"}, {"selected_user": "U1"}),
        ({"type": "multi_users_select", "initial_users": ["U1"]}, {"selected_users": ["U1"]}),
        ({"type": "datepicker", "initial_date": "2026-11-23"}, {"selected_date": "2026-11-23"}),
        ({"type": "datetimepicker"}, {"selected_date_time": None}),
    ],
)
def test_untouched_elements_hold_their_initial_value(element: dict[str, Any], state: dict[str, Any]) -> None:
    assert inputs.state_of([asked(element)]) == {"b": {"a": {"type": element["type"], **state}}}


def test_buttons_hold_nothing() -> None:
    assert inputs.state_of([actions(button())]) == {}


def test_what_was_entered_stays_unless_the_kind_of_element_changes() -> None:
    kept = {"b": {"a": {"type": "plain_text_input", "value": "x"}}}
    assert inputs.state_of([asked({"type": "plain_text_input"})], kept) == kept
    changed = inputs.state_of([asked({"type": "number_input", "is_decimal_allowed": False})], kept)
    assert changed == {"b": {"a": {"type": "number_input", "value": None}}}


@pytest.mark.parametrize(
    ("element", "value", "sentence"),
    [
        ({"type": "plain_text_input"}, None, sentences.REQUIRED),
        ({"type": "plain_text_input"}, "", sentences.REQUIRED),
        ({"type": "plain_text_input", "min_length": 3}, "ab", "Please enter at least 3 characters."),
        ({"type": "plain_text_input", "max_length": 3}, "abcd", "Please enter no more than 3 characters."),
        ({"type": "plain_text_input"}, "a" * 3001, "Please enter no more than 3000 characters."),
        ({"type": "email_text_input"}, "nobody", sentences.NOT_AN_EMAIL),
        ({"type": "email_text_input"}, "a@example.com", None),
        ({"type": "url_text_input"}, "javascript:alert(1)", sentences.NOT_A_URL),
        ({"type": "url_text_input"}, "https://example.com", None),
        ({"type": "number_input", "is_decimal_allowed": False}, "1.5", sentences.NOT_A_NUMBER),
        ({"type": "number_input", "is_decimal_allowed": True}, "1.5", None),
        (
            {"type": "number_input", "is_decimal_allowed": False, "min_value": "2"},
            "1",
            "Please enter a number that is 2 or more.",
        ),
        (
            {"type": "number_input", "is_decimal_allowed": False, "max_value": "2"},
            "3",
            "Please enter a number that is 2 or less.",
        ),
    ],
)
def test_slacks_client_checks_inputs(element: dict[str, Any], value: Any, sentence: str | None) -> None:
    state = {"b": {"a": {"type": element["type"], "value": value}}}
    expected = {"b": sentence} if sentence else {}
    assert inputs.complaints([asked(element)], state) == expected
    if sentence == sentences.REQUIRED:
        assert inputs.complaints([asked(element, optional=True)], state) == {}


@given(st.text(max_size=30), st.integers(0, 10), st.integers(10, 20))
def test_a_text_passes_exactly_within_its_lengths(value: str, least: int, most: int) -> None:
    block = text_input(min_length=least, max_length=most)
    state = {"bucket": {"value": {"type": "plain_text_input", "value": value}}}
    passes = inputs.complaints([block], state) == {}
    assert passes == (value != "" and least <= len(value) <= most)


def test_only_offered_options_are_taken() -> None:
    element = {"type": "static_select", "action_id": "a", "options": OPTIONS}
    taken = inputs.entered(element, {"selected_option": {"value": "2", "text": plain("forged")}})
    assert taken == {"type": "static_select", "selected_option": OPTIONS[1]}
    with pytest.raises(ValueError, match="'3' is not among the options"):
        inputs.entered(element, {"selected_option": {"value": "3"}})
    grouped = {"type": "multi_static_select", "option_groups": [{"label": plain("g"), "options": OPTIONS}]}
    several = inputs.entered(grouped, {"selected_options": [OPTIONS[0]]})
    assert several["selected_options"] == [OPTIONS[0]]
