"""A real chromium, and the page served to it with the Content-Security-Policy it lives under."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.sandbox.page import workspace_state
from tests.sandbox.page.page_server import PageServer

CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]
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
def browser() -> Iterator[Browser]:
    """Debian's chromium, or the one named by CHROMIUM; where CI=true its absence is a failure, not a skip."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        if os.environ.get("CI") == "true":
            pytest.fail("install chromium: apt-get install chromium")
        pytest.skip("install chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGS)
        yield found
        found.close()


@pytest.fixture(scope="session")
def run_js(browser: Browser) -> Iterator[Callable[..., Any]]:
    """Calls a function with one of the page's modules: ``run_js("(m, text) => ...", "mrkdwn", text)``.

    ``m`` holds what the module exports; ``names`` and ``html(nodes)`` are at hand.
    """
    with PageServer({}) as server:
        page = browser.new_context(timezone_id="Europe/Berlin", locale="en-GB").new_page()
        page.goto(f"{server.url}/static/none")
        page.evaluate(HELPERS)
        yield lambda function, module, *arguments: page.evaluate(
            f"async ([name, ...args]) => ({function})(await import(`/static/${{name}}.js`), ...args)",
            [module, *arguments],
        )
        page.context.close()


@pytest.fixture
def server() -> Iterator[PageServer]:
    with PageServer(workspace_state.states(), workspace_state.FILES) as found:
        yield found


@pytest.fixture
def open_page(browser: Browser, server: PageServer) -> Iterator[Callable[..., Page]]:
    """Opens the page as a person; the test fails when the page logged an error or broke its policy."""
    errors: list[str] = []
    contexts = []

    def opened(
        person: str = "U0DANA", size: tuple[int, int] = DESKTOP, place: str = "", scheme: str = "light"
    ) -> Page:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if scheme == "dark" else "light",
            timezone_id="Europe/Berlin",
            locale="en-GB",
            has_touch=size == PHONE,
        )
        context.set_default_timeout(5000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
        page.goto(f"{server.url}/?as={person}#{place}")
        page.wait_for_selector("#sidebar .person")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert [error for error in errors if not error.startswith("Failed to load resource")] == []
