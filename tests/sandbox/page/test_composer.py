"""The message box."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.sandbox.page.page_server import PageServer

pytestmark = pytest.mark.browser


@pytest.fixture
def box(open_page: Callable[..., Page]) -> Locator:
    return open_page(place="C0SEC").get_by_label("Message #security")


def test_enter_sends_and_shift_enter_breaks_the_line(box: Locator, server: PageServer) -> None:
    box.press_sequentially("one")
    box.press("Shift+Enter")
    box.press_sequentially("two")
    box.press("Enter")
    expect(box).to_have_value("")
    box.press("Enter")
    assert [one["text"] for one in server.kinds("say")] == ["one\ntwo"]


def test_the_hint_writes_the_command(box: Locator, server: PageServer) -> None:
    box.page.get_by_role("button", name="Try /s3incident open").click()
    expect(box).to_have_value("/s3incident open")
    expect(box).to_be_focused()
    box.press("Enter")
    assert server.kinds("say")[0]["text"] == "/s3incident open"


def test_a_slash_offers_the_known_commands(box: Locator, server: PageServer) -> None:
    box.press_sequentially("/s3")
    options = box.page.get_by_role("option")
    expect(options).to_have_count(8)
    box.press_sequentially("incident no")
    expect(options).to_have_text(["/s3incident noteTEXT"])
    box.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    box.press("Enter")
    expect(box).to_have_value("/s3incident note ")
    assert server.done == []


def test_tab_completes_and_escape_puts_the_list_away(box: Locator) -> None:
    box.press_sequentially("/s3incident st")
    box.press("Tab")
    expect(box).to_have_value("/s3incident status ")
    box.fill("/s3")
    box.press("Escape")
    expect(box.page.get_by_role("listbox")).to_be_hidden()


def test_up_brings_back_what_was_sent(box: Locator) -> None:
    for line in ("first", "second"):
        box.fill(line)
        box.press("Enter")
    box.press("ArrowUp")
    expect(box).to_have_value("second")
    box.press("ArrowUp")
    expect(box).to_have_value("first")
    box.press("ArrowDown")
    box.press("ArrowDown")
    expect(box).to_have_value("")


@pytest.mark.parametrize(
    ("hint", "expected"),
    [
        ("open | note TEXT", ["/s3incident open", "/s3incident note"]),
        ("[open|status]", ["/s3incident open", "/s3incident status"]),
        ("BUCKET <when>", []),
        ("", []),
    ],
)
def test_the_usage_hint_gives_the_verbs(run_js: Callable[..., Any], hint: str, expected: list[str]) -> None:
    commands = [{"name": "/s3incident", "usage_hint": hint}]
    call = "(m, commands) => m.suggestions(commands, '/s3incident').map((one) => one.text)"
    assert run_js(call, "composer", commands) == expected
