"""The way of one incident, by hand in a real chromium: Dana asks, Sam approves, the attacker is cut off."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from bot.sandbox.sandbox import Sandbox
from tests.e2e.bot_process import BotProcess

pytestmark = pytest.mark.browser
PATIENCE = 90_000


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Where screenshots are kept; CI keeps the folder."""
    folder = Path(os.environ.get("S3INCIDENT_ARTEFACTS", "artefacts"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def page(browser: Browser, sandbox: Sandbox, bot: BotProcess) -> Iterator[Page]:
    """Dana's window; the test fails when the page logged an error."""
    errors: list[str] = []
    found = browser.new_page(viewport={"width": 1440, "height": 1000}, locale="en-GB")
    found.set_default_timeout(15_000)
    found.on("pageerror", lambda error: errors.append(str(error)))
    found.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    found.goto(sandbox.page_url)
    yield found
    found.close()
    assert errors == []


def become(page: Page, name: str) -> None:
    page.locator("#sidebar").get_by_role("link", name=name).click()


def message(page: Page, *said: str) -> Locator:
    found = page.get_by_role("log").get_by_role("article")
    for one in said:
        found = found.filter(has_text=one)
    return found.last


def approve(page: Page, change: str) -> None:
    """Clicks Approve on a proposal, confirms, and waits for what AWS showed afterwards."""
    card = message(page, f"Change: {change}")
    card.get_by_role("button", name="Approve").click(timeout=PATIENCE)
    dialog = page.get_by_role("alertdialog", name="Approve this change?")
    dialog.get_by_role("button", name="Approve").click()
    expect(card).to_contain_text("verified", timeout=PATIENCE)


def actor(page: Page, name: str) -> Locator:
    return page.locator(f"#outside [data-actor='{name}'] .actor-state")


def test_an_incident_from_the_command_to_the_undo(page: Page, sandbox: Sandbox, pictures: Path) -> None:
    sandbox.players.start()
    box = page.get_by_label("Message #")
    box.fill("/s3incident open")
    box.press("Enter")
    modal = page.get_by_role("dialog", name="Open an S3 incident")
    modal.get_by_label("Bucket").fill("acme_payroll!")
    modal.get_by_role("button", name="Open incident").click()
    expect(modal.get_by_role("alert")).to_be_visible()
    modal.get_by_label("Bucket").fill("acme-payroll")
    modal.get_by_label("What is suspected?").fill("a deployment key has leaked")
    page.screenshot(path=pictures / "1-open.png")
    modal.get_by_role("button", name="Open incident").click()
    answer = page.get_by_role("dialog").filter(has_text="inc-0001")
    answer.get_by_role("button", name="Close").last.click()

    page.locator("#sidebar").get_by_role("link", name="inc-0001-acme-payroll").click()
    expect(message(page, "Deny everything to ci-deploy", "Waiting for approval")).to_be_visible(
        timeout=PATIENCE
    )
    page.screenshot(path=pictures / "2-proposed.png")
    # README's picture is this one: take a new copy when the card changes.
    page.set_viewport_size({"width": 1240, "height": 2400})
    shown = message(page, "Change: Remove the public statements", "Waiting for approval")
    expect(shown).to_be_visible(timeout=PATIENCE)
    shown.screenshot(path=pictures / "approval-card.png")
    page.set_viewport_size({"width": 1440, "height": 1000})

    become(page, "Sam Lindqvist")
    page.locator("#sidebar").get_by_role("link", name="inc-0001-acme-payroll").click()
    approve(page, "Deny everything to ci-deploy")
    expect(actor(page, "attacker")).to_contain_text("cut off", timeout=PATIENCE)
    approve(page, "Remove the public statements")
    for key in (sandbox.world.leaked_key_id, sandbox.world.second_key_id):
        approve(page, f"Deactivate access key {key}")
    approve(page, "Switch on Block Public Access")
    expect(message(page, "inc-0001: acme-payroll", "Contained")).to_contain_text(
        "Yes, since", timeout=PATIENCE
    )
    expect(actor(page, "anonymous reader")).to_contain_text("cut off", timeout=PATIENCE)
    expect(actor(page, "payroll-app")).to_contain_text("working normally")
    page.screenshot(path=pictures / "3-contained.png")

    # The newest change to the user comes off first.
    newest = message(page, "Change: Deactivate access key")
    keys = (sandbox.world.leaked_key_id, sandbox.world.second_key_id)
    key = next(one for one in keys if one in newest.inner_text())
    newest.get_by_role("button", name="Undo").click()
    page.get_by_role("alertdialog", name="Ask for the undo?").get_by_role("button", name="Ask for it").click()
    become(page, "Ana Ferreira")
    page.locator("#sidebar").get_by_role("link", name="inc-0001-acme-payroll").click()
    undo = message(page, "Undo:", key)
    undo.get_by_role("button", name="Approve").click(timeout=PATIENCE)
    page.get_by_role("alertdialog").get_by_role("button", name="Approve").click()
    expect(undo).to_contain_text("verified", timeout=PATIENCE)
    page.screenshot(path=pictures / "4-undone.png")

    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_timeout(600)  # the sidebar slides away
    page.screenshot(path=pictures / "5-phone.png")
