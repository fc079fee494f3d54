"""Modals: inputs, errors, the stack, the keyboard."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.sandbox.page.page_server import Json, PageServer
from tests.sandbox.page.workspace_state import button, mrkdwn, plain

pytestmark = pytest.mark.browser
Open = Callable[..., Page]

SEV = [{"text": plain("SEV-1"), "value": "1"}, {"text": plain("SEV-2"), "value": "2"}]


def text_input(action_id: str, **more: object) -> Json:
    return {"type": "plain_text_input", "action_id": action_id, **more}


def field(block_id: str, label: str, element: Json, **more: object) -> Json:
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": element, **more}


def view(view_id: str = "V1", title: str = "Open an incident", **more: object) -> Json:
    severity = {"type": "static_select", "action_id": "sev", "options": SEV, "initial_option": SEV[1]}
    blocks = [
        field("bucket", "Bucket", text_input("name"), hint=plain("Its name, not its ARN")),
        field("sev", "Severity", severity),
        field("why", "What is suspected", text_input("text", multiline=True), optional=True),
        {"type": "actions", "block_id": "more", "elements": [button("look", "Look it up", value="x")]},
    ]  # fmt: skip
    return {
        "id": view_id, "type": "modal", "hash": "1", "title": plain(title), "blocks": blocks,
        "submit": plain("Open"), "close": plain("Cancel"), "state": {"values": {}}, **more,
    }  # fmt: skip


@pytest.fixture
def modal(open_page: Open, server: PageServer) -> Locator:
    server.states["U0DANA"]["views"] = [view()]
    return open_page(place="C0SEC").get_by_role("dialog", name="Open an incident")


def show(server: PageServer, *views: Json) -> None:
    server.states["U0DANA"]["views"] = list(views)
    server.tell({"type": "view_updated"})


def test_a_view_that_opens_takes_the_focus(open_page: Open, server: PageServer) -> None:
    page = open_page(place="C0SEC")
    show(server, view())
    expect(page.get_by_role("dialog", name="Open an incident")).to_be_visible()
    expect(page.get_by_label("Bucket")).to_be_focused()
    expect(page.get_by_label("Bucket")).to_have_accessible_description("Its name, not its ARN")
    expect(page.get_by_label("Bucket")).to_have_attribute("aria-required", "true")


def test_submitting_sends_the_state_of_every_input(modal: Locator, server: PageServer) -> None:
    modal.get_by_label("Bucket").fill("acme-payroll")
    modal.get_by_label("What is suspected").fill("a key\nleaked")
    modal.get_by_role("button", name="Open").click()
    assert server.kinds("submit") == [{
        "as": "U0DANA", "kind": "submit", "view_id": "V1",
        "values": {
            "bucket": {"name": {"type": "plain_text_input", "value": "acme-payroll"}},
            "sev": {"sev": {"type": "static_select", "selected_option": SEV[1]}},
            "why": {"text": {"type": "plain_text_input", "value": "a key\nleaked"}},
        },
    }]  # fmt: skip


def test_enter_submits_and_an_error_stands_under_its_input(modal: Locator, server: PageServer) -> None:
    server.answer = lambda _: {"ok": False, "errors": {"bucket": "There is no bucket nope."}}
    bucket = modal.get_by_label("Bucket")
    bucket.fill("nope")
    bucket.press("Enter")
    expect(modal.get_by_role("alert")).to_have_text("There is no bucket nope.")
    expect(bucket).to_have_attribute("aria-invalid", "true")
    expect(bucket).to_be_focused()
    expect(bucket).to_have_accessible_description("Its name, not its ARN There is no bucket nope.")
    server.answer = lambda _: {"ok": True}
    bucket.fill("acme-payroll")
    bucket.press("Enter")
    server.kinds("submit", 2)
    expect(modal.get_by_role("alert")).to_have_count(0)


def test_a_submission_that_fails_keeps_what_was_written(modal: Locator, server: PageServer) -> None:
    server.answer = lambda _: {"ok": False, "error": "We had some trouble connecting. Try again?"}
    modal.get_by_label("Bucket").fill("acme-payroll")
    modal.get_by_role("button", name="Open").click()
    expect(modal.get_by_role("alert")).to_have_text("We had some trouble connecting. Try again?")
    expect(modal.get_by_label("Bucket")).to_have_value("acme-payroll")


def test_a_double_click_submits_once(modal: Locator, server: PageServer) -> None:
    modal.get_by_label("Bucket").fill("acme-payroll")
    modal.get_by_role("button", name="Open").dblclick()
    modal.get_by_role("button", name="Look it up").click()
    server.kinds("action")
    assert len(server.kinds("submit")) == 1


def test_a_closed_view_goes_away(modal: Locator, server: PageServer) -> None:
    expect(modal).to_be_visible()
    show(server)
    expect(modal).to_have_count(0)


def test_escape_closes_one_view_and_the_cross_closes_all(modal: Locator, server: PageServer) -> None:
    expect(modal).to_be_visible()
    modal.page.keyboard.press("Escape")
    assert server.kinds("close_view") == [{"as": "U0DANA", "kind": "close_view", "view_id": "V1"}]
    expect(modal).to_be_visible()  # the server decides; it has not closed it
    modal.get_by_role("button", name="Close", exact=True).click()
    assert server.kinds("close_view", 2)[1]["everything"] is True


def test_tab_never_leaves_the_modal(modal: Locator) -> None:
    expect(modal).to_be_visible()
    for _ in range(12):
        modal.page.keyboard.press("Tab")
        inside = modal.page.evaluate(
            "document.activeElement.closest('dialog') !== null || document.activeElement === document.body"
        )
        assert inside


def test_an_update_keeps_what_was_written_where_ids_are_the_same(modal: Locator, server: PageServer) -> None:
    modal.get_by_label("Bucket").fill("acme")
    updated = view(hash="2")
    updated["blocks"] = [
        *updated["blocks"],
        {"type": "section", "block_id": "found", "text": mrkdwn("Found *acme-payroll*")},
    ]
    show(server, updated)
    expect(modal).to_contain_text("Found acme-payroll")
    expect(modal.get_by_label("Bucket")).to_have_value("acme")
    expect(modal.get_by_label("Bucket")).to_be_focused()


def test_an_action_inside_carries_the_view_and_what_is_entered(modal: Locator, server: PageServer) -> None:
    modal.get_by_label("Bucket").fill("acme")
    modal.get_by_role("button", name="Look it up").click()
    action = server.kinds("action")[0]
    assert (action["view_id"], action["block_id"], action["action_id"], action["value"]) == (
        "V1",
        "more",
        "look",
        "x",
    )
    assert action["values"]["bucket"] == {"name": {"type": "plain_text_input", "value": "acme"}}
    assert "channel" not in action


def test_a_pushed_view_covers_the_first_and_gives_it_back(modal: Locator, server: PageServer) -> None:
    modal.get_by_label("Bucket").fill("acme")
    show(server, view(), view("V2", "Are you sure", close=None, previous_view_id="V1"))
    page = modal.page
    expect(page.get_by_role("dialog")).to_have_count(1)
    pushed = page.get_by_role("dialog", name="Are you sure")
    pushed.get_by_role("button", name="Back").click()
    assert server.kinds("close_view")[0]["view_id"] == "V2"
    show(server, view())
    expect(modal.get_by_label("Bucket")).to_have_value("acme")


def test_what_the_server_already_holds_is_shown_after_a_reload(open_page: Open, server: PageServer) -> None:
    held = {"bucket": {"name": {"type": "plain_text_input", "value": "acme-logs"}}}
    server.states["U0DANA"]["views"] = [view(state={"values": held})]
    expect(open_page(place="C0SEC").get_by_label("Bucket")).to_have_value("acme-logs")


def test_a_text_that_listens_acts_on_enter(open_page: Open, server: PageServer) -> None:
    listens = field("b", "Search", text_input("q"), dispatch_action=True)
    server.states["U0DANA"]["views"] = [view(blocks=[listens])]
    search = open_page(place="C0SEC").get_by_label("Search")
    search.fill("acme")
    search.press("Enter")
    assert server.kinds("action")[0]["value"] == "acme"
    assert [one for one in server.done if one["kind"] == "submit"] == []


def test_a_view_without_submit_has_no_submit_button(open_page: Open, server: PageServer) -> None:
    server.states["U0DANA"]["views"] = [
        view(submit=None, blocks=[{"type": "section", "text": mrkdwn("Loading")}])
    ]
    dialog = open_page(place="C0SEC").get_by_role("dialog")
    expect(dialog.locator("footer button:visible")).to_have_text(["Cancel"])
