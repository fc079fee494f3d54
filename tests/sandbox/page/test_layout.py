"""The page at the widths people have, light and dark, by mouse, finger and keyboard."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.sandbox.page.conftest import DESKTOP, PHONE
from tests.sandbox.page.page_server import PageServer
from tests.sandbox.page.test_modal import view

pytestmark = pytest.mark.browser
Open = Callable[..., Page]


@pytest.mark.parametrize("size", [DESKTOP, (1024, 768), PHONE, (320, 640)], ids=lambda size: str(size[0]))
def test_nothing_sticks_out(open_page: Open, size: tuple[int, int]) -> None:
    page = open_page(place="C0INC", size=size)
    page.get_by_role("button", name="2 replies").click()
    beyond = page.evaluate(
        """() => [...document.querySelectorAll("#middle *, #outside *")]
            .filter((one) => one.checkVisibility())
            .filter((one) => !one.closest(".table-scroll, .file-text, .marks, .spoken, .topic"))
            .filter((one) => one.getBoundingClientRect().right > innerWidth + 0.5)
            .map((one) => one.outerHTML.slice(0, 120))"""
    )
    assert beyond == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_on_a_phone_people_and_channels_are_behind_a_button(open_page: Open) -> None:
    page = open_page(place="C0INC", size=PHONE)
    general = page.get_by_role("link", name="general")
    expect(general).to_be_hidden()
    page.get_by_role("button", name="Channels and people").click()
    expect(page.get_by_role("link", name="Sam Lindqvist")).to_be_visible()
    general.click()
    expect(page.get_by_role("heading", name="general")).to_be_visible()
    expect(general).to_be_hidden()


def test_on_a_phone_a_modal_takes_the_whole_screen(open_page: Open, server: PageServer) -> None:
    server.states["U0DANA"]["views"] = [view()]
    page = open_page(place="C0INC", size=PHONE)
    box = page.get_by_role("dialog").bounding_box()
    assert box == {"x": 0, "y": 0, "width": PHONE[0], "height": PHONE[1]}


CONTRAST = """() => {
  const luminance = (channels) => channels.slice(0, 3).map((c) => c / 255)
    .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
  const channels = (colour) => {
    const canvas = new OffscreenCanvas(1, 1).getContext("2d");
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const mix = (one, other, share) => one * share + other * (1 - share);
  const over = (top, below) => top.slice(0, 3).map((c, at) => mix(c, below[at], top[3] / 255));
  const ground = (node) => {
    if (!node) return [255, 255, 255];
    const own = channels(getComputedStyle(node).backgroundColor);
    return own[3] === 255 ? own : over(own, ground(node.parentElement));
  };
  const hasText = (one) => [...one.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
  return [...document.querySelectorAll("body *")]
    .filter((one) => one.checkVisibility() && hasText(one))
    .map((one) => {
      const [a, b] = [luminance(channels(getComputedStyle(one).color)), luminance(ground(one))];
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      return { text: one.textContent.slice(0, 40), at: one.className, ratio };
    })
    .filter((one) => one.ratio < 4.5);
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read(open_page: Open, scheme: str) -> None:
    """WCAG 2.2 success criterion 1.4.3: a contrast of at least 4.5 to 1."""
    page = open_page(place="C0INC", scheme=scheme)
    page.get_by_role("button", name="2 replies").click()
    expect(page.locator(".file-text")).to_contain_text("principal")
    assert page.evaluate(CONTRAST) == []


def test_the_keyboard_reaches_the_message_box_first_and_sees_where_it_is(open_page: Open) -> None:
    page = open_page(place="C0INC")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the message box")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Message #inc-0001-acme-payroll")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


def test_every_control_has_a_name(open_page: Open) -> None:
    page = open_page(place="C0INC")
    nameless = page.locator("button, a, input, select, textarea").evaluate_all(
        """nodes => nodes.filter((one) => one.checkVisibility() && !one.textContent.trim()
            && !one.getAttribute("aria-label") && !one.labels?.length).map((one) => one.outerHTML)"""
    )
    assert nameless == []
