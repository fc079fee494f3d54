"""A real chromium, and the page served to it with the Content-Security-Policy it lives under."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page

from tests.sandbox.page import workspace_state
from tests.sandbox.page.page_server import PageServer

HELPERS = """() => {
  const people = { U0SAM: "Sam Lindqvist", U0ME: "Dana Okafor" };
  globalThis.names = {
    isMe: (id) => id === "U0ME",
    user: (id) => people[id] ?? null,
    channel: (id) => ({ C0SEC: "security" })[id] ?? null,
    group: (id) => ({ S0APPROVE: "s3-approvers" })[id] ?? null,
  };
  globalThis.html = (...nodes) => {
    const root = document.createElement("div");
    root.append(...nodes);
    return root.innerHTML;
  };
}"""
DESKTOP = (1440, 900)
PHONE = (390, 844)


@pytest.fixture(scope="session")
def page_server() -> Iterator[PageServer]:
    with PageServer() as server:
        yield server


@pytest.fixture
def server(page_server: PageServer) -> PageServer:
    page_server.reset(workspace_state.states(), workspace_state.FILES)
    return page_server


@pytest.fixture(scope="session")
def run_js(browser: Browser, page_server: PageServer) -> Iterator[Callable[..., Any]]:
    """Calls a function with one of the page's modules: ``run_js("(m, text) => ...", "mrkdwn", text)``.

    ``m`` holds what the module exports; ``names`` and ``html(nodes)`` are at hand.
    """
    context = browser.new_context(timezone_id="Europe/Berlin", locale="en-GB")
    page = context.new_page()
    page.goto(f"{page_server.url}/static/none")
    page.evaluate(HELPERS)
    yield lambda function, module, *arguments: page.evaluate(
        f"async ([name, ...args]) => ({function})(await import(`/static/${{name}}.js`), ...args)",
        [module, *arguments],
    )
    context.close()


@pytest.fixture(scope="session")
def contexts(browser: Browser) -> Callable[..., BrowserContext]:
    """A browser context for each size and colour scheme, made once."""

    @cache
    def context(size: tuple[int, int], scheme: Literal["light", "dark"]) -> BrowserContext:
        found = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme=scheme,
            timezone_id="Europe/Berlin",
            locale="en-GB",
            has_touch=size == PHONE,
        )
        found.set_default_timeout(5000)
        return found

    return context


class Tabs:
    """Tabs of the browser, which cost more to make than to empty: used again when a test has done."""

    def __init__(self, contexts: Callable[..., BrowserContext]) -> None:
        self._contexts = contexts
        self._idle: defaultdict[tuple[object, ...], list[Page]] = defaultdict(list)

    def take(self, size: tuple[int, int], scheme: str) -> Page:
        idle = self._idle[size, scheme]
        page = idle.pop() if idle else self._contexts(size, scheme).new_page()
        page.bring_to_front()  # those behind are drawn once a second only
        return page

    def give_back(self, page: Page, size: tuple[int, int], scheme: str) -> None:
        if page.is_closed():
            return
        page.evaluate("sessionStorage.clear()")
        page.goto("about:blank")
        self._idle[size, scheme].append(page)


@pytest.fixture(scope="session")
def tabs(contexts: Callable[..., BrowserContext]) -> Tabs:
    return Tabs(contexts)


@pytest.fixture
def open_page(tabs: Tabs, server: PageServer) -> Iterator[Callable[..., Page]]:
    """Opens the page as a person; the test fails when the page logged an error or broke its policy."""
    errors: list[str] = []
    used: list[tuple[Page, tuple[int, int], str]] = []

    def failed(error: Error) -> None:
        errors.append(str(error))

    def logged(line: ConsoleMessage) -> None:
        if line.type == "error":
            errors.append(line.text)

    def opened(
        person: str = "U0DANA", size: tuple[int, int] = DESKTOP, place: str = "", scheme: str = "light"
    ) -> Page:
        page = tabs.take(size, scheme)
        used.append((page, size, scheme))
        page.on("pageerror", failed)
        page.on("console", logged)
        page.goto(f"{server.url}/?as={person}#{place}")
        page.wait_for_selector("#sidebar .person", state="attached")
        return page

    yield opened
    for page, size, scheme in used:
        page.remove_listener("pageerror", failed)
        page.remove_listener("console", logged)
        tabs.give_back(page, size, scheme)
    assert [error for error in errors if not error.startswith("Failed to load resource")] == []
