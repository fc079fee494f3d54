"""Channels, messages, threads, files, people; and that the page follows what changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.sandbox.page.conftest import DESKTOP
from tests.sandbox.page.page_server import PageServer
from tests.sandbox.page.workspace_state import NOON, channel, message, mrkdwn, ts

pytestmark = pytest.mark.browser
Open = Callable[..., Page]


def log(page: Page) -> Any:
    return page.get_by_role("log")


def test_the_incident_channel_shows_its_messages(open_page: Open) -> None:
    page = open_page(place="C0INC")
    expect(page.get_by_role("heading", name="inc-0001-acme-payroll")).to_be_visible()
    expect(page.locator(".topic")).to_have_text("SEV-1 · containment · lead @Dana Okafor")
    card = log(page).get_by_role("article").first
    expect(card).to_contain_text("INC-0001 · acme-payroll")
    expect(card).to_contain_text("Pinned")
    expect(card).to_contain_text("(edited)")
    expect(card).to_contain_text("Nov 10, 2025 at 11:20 by @Dana Okafor")
    expect(log(page).locator(".reaction")).to_have_attribute("title", "Dana Okafor reacted with :eyes:")


def test_an_ephemeral_message_says_so_and_can_be_dismissed(open_page: Open) -> None:
    page = open_page(place="C0INC")
    only_me = log(page).get_by_role("article").filter(has_text="Only visible to you")
    expect(only_me).to_contain_text("somebody else has to approve it")
    only_me.get_by_role("button", name="Dismiss").click()
    expect(only_me).to_have_count(0)


def test_a_thread_opens_under_its_message_and_takes_a_reply(open_page: Open, server: PageServer) -> None:
    page = open_page(place="C0INC")
    opener = page.get_by_role("button", name="2 replies")
    opener.click()
    expect(opener).to_have_attribute("aria-expanded", "true")
    thread = page.get_by_role("region", name="Thread")
    expect(thread.get_by_role("article")).to_have_count(2)
    thread.get_by_label("Reply").fill("Seen.")
    thread.get_by_label("Reply").press("Enter")
    assert server.kinds("say") == [
        {"as": "U0DANA", "kind": "say", "channel": "C0INC", "text": "Seen.", "thread_ts": ts(95)}
    ]


def test_a_half_written_reply_survives_new_messages(open_page: Open, server: PageServer) -> None:
    page = open_page(place="C0INC")
    page.get_by_role("button", name="2 replies").click()
    reply = page.get_by_role("region", name="Thread").get_by_label("Reply")
    reply.fill("half a thou")
    server.states["U0DANA"]["messages"]["C0INC"].append(message(98, text="third", thread_ts=ts(95)))
    server.tell({"type": "message"})
    expect(page.get_by_role("button", name="3 replies")).to_be_visible()
    expect(reply).to_have_value("half a thou")
    expect(reply).to_be_focused()


def test_a_file_is_previewed_and_can_be_taken_away(open_page: Open) -> None:
    page = open_page(place="C0INC")
    page.get_by_role("button", name="2 replies").click()
    file = page.locator(".file")
    expect(file).to_contain_text("time,principal,call,object")
    expect(file).not_to_contain_text("run-19.csv")
    file.get_by_role("button", name="more lines").click()
    expect(file).to_contain_text("run-19.csv")
    with page.expect_download() as download:
        file.get_by_role("link", name="Download objects-read.csv").click()
    assert download.value.path().read_text().startswith("time,principal")


def test_an_image_file_is_shown(open_page: Open, server: PageServer) -> None:
    picture = {"id": "F0PNG", "name": "reads.png", "mimetype": "image/png", "size": 70, "url": "/files/F0PNG"}
    picture["alt_text"] = "Reads over time"
    server.states["U0DANA"]["messages"]["C0SEC"] = [message(1, channel="C0SEC", files=[picture])]
    page = open_page(place="C0SEC")
    shown = page.get_by_role("img", name="Reads over time")
    expect(shown).to_be_visible()
    assert shown.evaluate("image => image.naturalWidth") == 1


def test_what_changes_arrives_live(open_page: Open, server: PageServer) -> None:
    page = open_page(place="C0SEC")
    messages = server.states["U0DANA"]["messages"]["C0SEC"]
    messages.append(message(5, "U0SAM", "C0SEC", text="Something is *wrong*"))
    server.tell({"type": "message"})
    expect(log(page)).to_contain_text("Something is wrong")
    messages[-1] = messages[-1] | {"text": "All good", "edited": True}
    server.tell({"type": "message_changed"})
    expect(log(page)).to_contain_text("All good(edited)")
    messages.pop()
    server.tell({"type": "message_deleted"})
    expect(log(page)).not_to_contain_text("All good")


def test_a_new_channel_and_its_unread_dot_appear(open_page: Open, server: PageServer) -> None:
    page = open_page(place="C0SEC")
    state = server.states["U0DANA"]
    state["channels"].append(channel("C0NEW", "inc-0002-acme-logs", is_private=True, unread=1))
    state["messages"]["C0NEW"] = [message(9, channel="C0NEW", text="opened")]
    server.tell({"type": "channel"})
    entry = page.locator("#sidebar").get_by_role("link", name="inc-0002-acme-logs")
    expect(entry.get_by_label("unread messages")).to_be_visible()
    entry.click()
    expect(log(page)).to_contain_text("opened")
    page.locator("#sidebar").get_by_role("link", name="general").click()
    expect(entry.get_by_label("unread messages")).to_have_count(0)


def test_a_lost_connection_is_said_and_mended(open_page: Open, server: PageServer) -> None:
    page = open_page(place="C0SEC")
    server.up = False
    server.drop_streams()
    expect(page.get_by_text("Connection lost")).to_be_visible()
    server.states["U0DANA"]["messages"]["C0SEC"].append(message(7, channel="C0SEC", text="meanwhile"))
    server.up = True
    expect(log(page)).to_contain_text("meanwhile")
    expect(page.get_by_text("Connection lost")).to_be_hidden()


def test_being_somebody_else_shows_what_they_may_see(open_page: Open, server: PageServer) -> None:
    page = open_page(place="C0INC")
    side = page.locator("#sidebar")
    expect(side.get_by_role("link", name="Dana Okafor")).to_have_attribute("aria-current", "true")
    side.get_by_role("link", name="Sam Lindqvist").click()
    expect(side).to_contain_text("approves changes that somebody else asked for")
    expect(log(page)).not_to_contain_text("Only visible to you")
    assert "as=U0SAM" in page.url
    side.get_by_role("link", name="Gil Novak").click()
    expect(side.get_by_role("link", name="inc-0001-acme-payroll")).to_have_count(0)
    expect(page.get_by_role("heading", name="security")).to_be_visible()
    page.get_by_label("Message #security").fill("hello")
    page.get_by_label("Message #security").press("Enter")
    assert [(one["as"], one["channel"]) for one in server.kinds("say")] == [("U0GIL", "C0SEC")]


def test_the_pinned_card_is_one_click_away(open_page: Open) -> None:
    page = open_page(place="C0INC")
    card = log(page).get_by_role("article").first
    expect(card).not_to_be_in_viewport()
    page.get_by_role("button", name="Pinned card").click()
    expect(card).to_be_in_viewport()


def test_a_permalink_leads_to_its_message_even_in_a_thread(open_page: Open, server: PageServer) -> None:
    address = f"{server.url}/archives/C0INC/p{NOON + 97}000000"
    server.states["U0DANA"]["messages"]["C0SEC"].append(
        message(3, channel="C0SEC", text=f"See <{address}|the evidence>.")
    )
    page = open_page(place="C0SEC")
    page.get_by_role("link", name="the evidence").click()
    expect(log(page).locator(".revealed")).to_contain_text("A second key was minted")


def test_an_error_of_slack_is_shown_in_its_words(open_page: Open, server: PageServer) -> None:
    sentence = '/s3incident failed with the error "operation_timeout"'
    server.answer = lambda _: {"ok": False, "error": sentence}
    page = open_page(place="C0SEC")
    page.get_by_label("Message #security").fill("/s3incident open")
    page.get_by_label("Message #security").press("Enter")
    expect(page.get_by_role("alert")).to_have_text(sentence)
    server.states["U0DANA"]["messages"]["C0SEC"].append(
        message(4, channel="C0SEC", text=sentence, ephemeral=True, is_error=True)
    )
    page.get_by_role("button", name="Dismiss").click()
    page.get_by_label("Message #security").fill("/s3incident open")
    page.get_by_label("Message #security").press("Enter")
    expect(log(page).locator(".failed")).to_contain_text(sentence)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_the_home_of_the_app(open_page: Open, server: PageServer) -> None:
    page = open_page(place="C0SEC")
    page.locator("#sidebar").get_by_role("link", name="App Home").click()
    expect(page.get_by_text("The app has not published its Home for you yet.")).to_be_visible()
    assert len(server.kinds("open_home")) == 1
    button = {
        "type": "button",
        "action_id": "home.open",
        "text": {"type": "plain_text", "text": "Open incident"},
    }
    blocks = [
        {"type": "section", "block_id": "s", "text": mrkdwn("*Nothing waits on you*")},
        {"type": "actions", "block_id": "a", "elements": [button]},
    ]
    server.states["U0DANA"]["home"] = {"id": "V0HOME", "type": "home", "blocks": blocks}
    server.tell({"type": "home"})
    expect(page.locator(".home strong")).to_have_text("Nothing waits on you")
    page.get_by_role("button", name="Open incident").click()
    assert server.kinds("action")[0] | {"values": {}} == {
        "as": "U0DANA", "kind": "action", "view_id": "V0HOME", "block_id": "a", "action_id": "home.open",
        "type": "button", "text": {"type": "plain_text", "text": "Open incident"}, "values": {},
    }  # fmt: skip


def test_a_message_shortcut_is_offered_and_run(open_page: Open, server: PageServer) -> None:
    server.states["U0DANA"]["shortcuts"] = [
        {"callback_id": "timeline.add", "name": "Add to timeline", "type": "message"},
        {"callback_id": "incident.new", "name": "Open an incident", "type": "global"},
    ]
    page = open_page(place="C0SEC")
    log(page).get_by_role("article").hover()
    log(page).get_by_label("More message actions").click()
    page.get_by_role("button", name="Add to timeline").click()
    page.get_by_role("button", name="Shortcut: Open an incident").click()
    assert [(one["callback_id"], one.get("ts")) for one in server.kinds("shortcut", 2)] == [
        ("timeline.add", ts(-500)),
        ("incident.new", None),
    ]


def test_hostile_text_in_every_place_stays_text(open_page: Open, server: PageServer) -> None:
    evil = "<img src=x onerror=\"document.title='owned'\">"
    state = server.states["U0DANA"]
    state["channels"][1] |= {"topic": evil.replace("<", "&lt;"), "name": "security"}
    state["people"] = [one | {"real_name": evil} if one["id"] == "U0SAM" else one for one in state["people"]]
    file = {"id": "F0CSV", "name": evil, "mimetype": "text/html", "size": 9, "url": "/files/F0CSV"}
    option = {"text": {"type": "plain_text", "text": evil}, "value": evil}
    state["messages"]["C0SEC"] = [
        message(1, "U0SAM", "C0SEC", text=evil, files=[file], reactions=[{"name": evil, "users": [evil]}]),
        message(2, channel="C0SEC", blocks=[
            {"type": evil}, {"type": "section", "block_id": "b", "text": {"type": "plain_text", "text": evil},
             "accessory": {"type": "static_select", "action_id": "a", "options": [option]}},
            {"type": "image", "image_url": "javascript:alert(1)", "alt_text": evil, "block_id": "i"},
            {"type": "table", "block_id": "t", "rows": [[{"type": "raw_text", "text": evil}]]}]),
    ]  # fmt: skip
    state["outside"] = [{"seq": 1, "time": evil, "actor": evil, "role": evil, "principal": evil, "call": evil,
                         "resource": evil, "allowed": False, "error": evil, "source_ip": evil}]  # fmt: skip
    page = open_page(place="C0SEC")
    expect(log(page)).to_contain_text("Unsupported block: <img src=x")
    page.wait_for_timeout(100)
    assert page.title() == "#security · the sandbox workspace"
    assert page.evaluate("[...document.images].every((image) => image.src.includes('/static/'))")


def test_a_server_that_cannot_answer_is_said(contexts: Callable[..., Any], server: PageServer) -> None:
    page = contexts(DESKTOP, "light").new_page()
    page.goto(f"{server.url}/?as=U0NOBODY")
    expect(page.get_by_role("alert")).to_contain_text(
        "The workspace could not be opened. The sandbox answered 404"
    )
    page.close()


def test_joining_is_one_quiet_line(open_page: Open, server: PageServer) -> None:
    server.states["U0DANA"]["messages"]["C0SEC"] = [
        message(1, "U0SAM", "C0SEC", text="<@U0SAM> has joined the channel", subtype="channel_join")
    ]
    line = log(open_page(place="C0SEC")).get_by_role("article")
    expect(line.locator(".avatar")).to_have_count(0)
    expect(line).to_contain_text("@Sam Lindqvist has joined the channel")


def test_an_empty_channel_says_how_to_begin(open_page: Open) -> None:
    page = open_page(place="C0GEN")
    log(page).get_by_role("button", name="/s3incident open").click()
    expect(page.get_by_label("Message #general")).to_have_value("/s3incident open")
