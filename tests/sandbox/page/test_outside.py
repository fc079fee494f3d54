"""The panel of the world outside."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.sandbox.page.conftest import PHONE
from tests.sandbox.page.page_server import PageServer
from tests.sandbox.page.workspace_state import call

pytestmark = pytest.mark.browser
Open = Callable[..., Page]


def test_one_sees_the_attacker_being_cut_off_while_the_others_go_on(
    open_page: Open, server: PageServer
) -> None:
    page = open_page(place="C0INC")
    attacker = page.locator("#outside [data-actor='Attacker']")
    innocent = page.locator("#outside [data-actor='payroll-batch']")
    expect(attacker.locator(".actor-state")).to_have_text("getting through")
    expect(innocent.locator(".actor-state")).to_have_text("working normally")
    refused = call(
        100, "Attacker", "attacker", "s3:GetObject", "acme-payroll/x.csv", False, time="2025-11-10T11:03:10Z"
    )
    server.outside(refused)
    goes_on = call(101, "payroll-batch", "innocent", "s3:PutObject", "acme-payroll/y", True)
    server.outside(goes_on)
    expect(attacker.locator(".actor-state")).to_have_text("cut off since 12:03:10")
    expect(attacker.get_by_role("listitem").first).to_contain_text("AccessDenied")
    expect(innocent.locator(".actor-state")).to_have_text("working normally")
    expect(innocent.get_by_role("listitem").first).to_contain_text("acme-payroll/y")
    expect(page.locator("#outside").get_by_role("status")).to_have_text("Attacker: cut off since 12:03:10")


def test_a_result_is_a_word_not_a_colour(open_page: Open) -> None:
    page = open_page(place="C0INC")
    calls = page.locator("#outside [data-actor='Attacker'] .result")
    expect(calls).to_have_text(["allowed"] * 2)
    marks = page.locator("#outside [data-actor='Attacker'] .marks")
    expect(marks).to_have_attribute("aria-label", "20 calls; of the last 18, 16 allowed and 2 refused")


def test_the_same_call_told_twice_counts_once(open_page: Open, server: PageServer) -> None:
    page = open_page(place="C0INC")
    item = call(200, "Attacker", "attacker", "s3:ListObjectsV2", "acme-payroll", True)
    server.outside(item)
    server.tell({"type": "outside", "item": item})
    marks = page.locator("#outside [data-actor='Attacker'] .marks")
    expect(marks).to_have_attribute("aria-label", "21 calls; of the last 18, 17 allowed and 1 refused")


def test_a_call_told_twice_while_the_state_is_read_counts_once(open_page: Open, server: PageServer) -> None:
    page = open_page(place="C0INC")
    held: list[Route] = []
    page.route("**/page/state*", lambda route: route.continue_() if held else held.append(route))
    with page.expect_request("**/page/state*"):
        server.tell({"type": "change"})
    item = call(200, "Attacker", "attacker", "s3:ListObjectsV2", "acme-payroll", True)
    before = copy.deepcopy(server.states["U0DANA"])
    before["outside"].append(call(201, "payroll-batch", "innocent", "s3:PutObject", "acme-payroll/y", True))
    server.outside(item)
    server.tell({"type": "outside", "item": item})
    server.tell({"type": "notice", "text": "Both were told."})
    expect(page.get_by_text("Both were told.")).to_be_visible()
    held[0].fulfill(json=before)
    innocent = page.locator("#outside [data-actor='payroll-batch']")
    expect(innocent.get_by_role("listitem").first).to_contain_text("acme-payroll/y")
    marks = page.locator("#outside [data-actor='Attacker'] .marks")
    expect(marks).to_have_attribute("aria-label", "21 calls; of the last 18, 17 allowed and 1 refused")


def test_nobody_yet(open_page: Open, server: PageServer) -> None:
    server.states["U0DANA"]["outside"] = []
    expect(open_page().locator("#outside")).to_contain_text("Quiet. Nobody has called yet.")


def test_on_a_phone_it_is_a_sheet_whose_handle_tells_the_state(open_page: Open) -> None:
    page = open_page(place="C0INC", size=PHONE)
    handle = page.get_by_role("button", name="Attacker: getting through")
    expect(page.locator(".actors")).to_be_hidden()
    handle.click()
    expect(handle).to_have_attribute("aria-expanded", "true")
    expect(page.locator("#outside [data-actor='Attacker']")).to_be_visible()
    handle.click()
    expect(page.locator(".actors")).to_be_hidden()
