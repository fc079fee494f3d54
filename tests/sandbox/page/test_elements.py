"""Each block and element, drawn from a message; each click arrives with the fields Slack sends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.sandbox.page.page_server import Json, PageServer
from tests.sandbox.page.workspace_state import CONFIRM, button, message, mrkdwn, plain

pytestmark = pytest.mark.browser
Draw = Callable[..., Locator]


def option(value: str, label: str, **more: Any) -> Json:
    return {"text": plain(label), "value": value, **more}


MARK: Json = {"type": "image", "image_url": "/static/mark.svg"}
SEV = [option("sev1", "SEV-1"), option("sev2", "SEV-2")]


@pytest.fixture
def draw(open_page: Callable[..., Page], server: PageServer) -> Draw:
    """Shows one message with these blocks to Dana and gives its article."""

    def drawn(*blocks: Json) -> Locator:
        numbered = [{"block_id": f"b{at}", **block} for at, block in enumerate(blocks)]
        server.states["U0DANA"]["messages"]["C0SEC"] = [message(1, channel="C0SEC", blocks=numbered)]
        return open_page(place="C0SEC").get_by_role("log").get_by_role("article")

    return drawn


def raw(text: str) -> Json:
    return {"type": "raw_text", "text": text}


def element(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def sent(server: PageServer, count: int = 1) -> Json:
    """The last action's own fields."""
    last = server.kinds("action", count)[-1]
    assert (last["as"], last["channel"]) == ("U0DANA", "C0SEC")
    return {
        name: value for name, value in last.items() if name not in {"as", "kind", "channel", "ts", "values"}
    }


def test_the_layout_blocks(draw: Draw) -> None:
    article = draw(
        {"type": "header", "text": plain("Contained &amp; watched :tada:")},
        {"type": "section", "text": mrkdwn("*What* happened"), "fields": [mrkdwn("*A*\n1"), plain("*B*")]},
        {"type": "divider"},
        {"type": "context", "elements": [mrkdwn("plan `9f2c`"), MARK | {"alt_text": "mark"}]},
        MARK | {"alt_text": "reads by hour", "title": plain("Reads")},
        {"type": "markdown", "text": "## Digest\n**1** finding"},
        {"type": "video", "title": plain("How to"), "title_url": "https://a.example/v", "alt_text": "v"},
        {"type": "file", "external_id": "F9", "source": "remote"},
        {"type": "hologram"},
    )  # fmt: skip
    expect(article.get_by_role("heading", name="Contained & watched")).to_be_visible()
    expect(article.locator(".section-fields > div")).to_have_text(["A\n1", "*B*"])
    expect(article.locator("hr")).to_have_count(1)
    expect(article.get_by_role("img", name="reads by hour")).to_be_visible()
    expect(article.get_by_role("heading", name="Digest")).to_be_visible()
    expect(article.get_by_role("link", name="How to")).to_have_attribute("href", "https://a.example/v")
    expect(article.get_by_text("Remote file F9")).to_be_visible()
    expect(article.get_by_text("Unsupported block: hologram")).to_be_visible()


def test_an_image_from_outside_is_named_not_fetched(draw: Draw) -> None:
    article = draw({"type": "image", "image_url": "https://a.example/x.png", "alt_text": "a graph"})
    expect(article.locator(".image-outside")).to_have_text("a graph")
    expect(article.locator("img")).to_have_count(0)


def test_a_table_has_a_head_and_alignment(draw: Draw) -> None:
    bold = {"type": "text", "text": "x", "style": {"bold": True}}
    cell = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [bold]}]}
    article = draw({
        "type": "table",
        "column_settings": [{"is_wrapped": True}, {"align": "right"}],
        "rows": [[raw("Bucket"), raw("Reads")], [cell, raw("41")]],
    })  # fmt: skip
    expect(article.get_by_role("columnheader")).to_have_text(["Bucket", "Reads"])
    expect(article.get_by_role("cell", name="41")).to_have_css("text-align", "right")
    expect(article.locator("td strong")).to_have_text("x")


def test_a_button_sends_its_value(draw: Draw, server: PageServer) -> None:
    draw(element(button("plan.show", "Show", value="p-1"))).get_by_role("button", name="Show").click()
    assert sent(server) == {
        "block_id": "b0", "action_id": "plan.show", "type": "button", "value": "p-1", "text": plain("Show"),
    }  # fmt: skip


def test_a_confirm_question_comes_first_and_no_means_no(draw: Draw, server: PageServer) -> None:
    article = draw(element(button("plan.approve", "Approve", style="primary", confirm=CONFIRM, value="p-1")))
    approve = article.get_by_role("button", name="Approve")
    question = article.page.get_by_role("alertdialog", name="Approve this change?")
    approve.click()
    expect(question).to_contain_text("Attach AWSDenyAll to ci-deploy")
    question.get_by_role("button", name="Not yet").click()
    approve.click()
    article.page.keyboard.press("Escape")
    expect(question).to_have_count(0)
    assert server.done == []
    approve.click()
    article.page.keyboard.press("Enter")
    assert sent(server)["value"] == "p-1"


def test_a_url_button_opens_beside_and_tells_the_app(draw: Draw, server: PageServer) -> None:
    article = draw(element(button("open.console", "Console", url=f"{server.url}/static/mark.svg")))
    with article.page.expect_popup() as popup:
        article.get_by_role("button", name="Console").click()
    assert popup.value.url.endswith("/static/mark.svg")
    assert sent(server)["action_id"] == "open.console"


def test_a_script_url_on_a_button_is_never_opened(draw: Draw, server: PageServer) -> None:
    article = draw(element(button("bad", "Bad", url="javascript:document.title='owned'")))
    article.get_by_role("button", name="Bad").click()
    assert sent(server)["action_id"] == "bad"
    assert article.page.title() == "#security · the sandbox workspace"


def test_a_select_sends_the_whole_option(draw: Draw, server: PageServer) -> None:
    article = draw(
        element(
            {"type": "static_select", "action_id": "sev", "placeholder": plain("Severity"), "options": SEV}
        )
    )
    article.get_by_label("Severity").select_option("SEV-2")
    assert sent(server)["selected_option"] == SEV[1]


def test_option_groups_and_a_confirm_that_is_denied_restore_the_choice(
    draw: Draw, server: PageServer
) -> None:
    groups = [{"label": plain("High"), "options": SEV[:1]}, {"label": plain("Low"), "options": SEV[1:]}]
    severity = {"type": "static_select", "action_id": "sev", "initial_option": SEV[0], "confirm": CONFIRM}
    article = draw(element(severity | {"option_groups": groups}))
    select = article.get_by_role("combobox")
    expect(select.locator("optgroup")).to_have_count(2)
    select.select_option("SEV-2")
    article.page.get_by_role("button", name="Not yet").click()
    expect(select).to_have_value("sev1")
    assert server.done == []


@pytest.mark.parametrize(
    ("kind", "label", "expected"),
    [
        ("users_select", "Ana Ferreira", {"selected_user": "U0ANA"}),
        ("channels_select", "#general", {"selected_channel": "C0GEN"}),
        ("conversations_select", "#inc-0001-acme-payroll", {"selected_conversation": "C0INC"}),
    ],
)
def test_people_and_channels_are_chosen_by_name(
    draw: Draw, server: PageServer, kind: str, label: str, expected: Json
) -> None:
    draw(element({"type": kind, "action_id": "who"})).get_by_role("combobox").select_option(label)
    assert sent(server).items() >= expected.items()


def test_an_external_select_asks_the_app(draw: Draw, server: PageServer) -> None:
    server.answer = lambda done: {
        "ok": True,
        "options": [option(done.get("value", ""), f"bucket {done.get('value')}")],
    }
    article = draw(element({"type": "external_select", "action_id": "bucket", "min_query_length": 4}))
    search = article.get_by_label("Search the options")
    search.press_sequentially("acme")
    article.get_by_role("combobox").select_option("bucket acme")
    assert sent(server)["selected_option"] == option("acme", "bucket acme")
    assert [one["value"] for one in server.kinds("options")] == ["acme"]


def test_many_can_be_chosen_up_to_a_number(draw: Draw, server: PageServer) -> None:
    article = draw(
        element(
            {
                "type": "multi_users_select",
                "action_id": "who",
                "placeholder": plain("Who"),
                "max_selected_items": 2,
            }
        )
    )
    article.get_by_text("Who", exact=True).click()
    article.get_by_label("Sam Lindqvist").check()
    assert sent(server, 1)["selected_users"] == ["U0SAM"]
    article.get_by_label("Ana Ferreira").check()
    assert sent(server, 2)["selected_users"] == ["U0SAM", "U0ANA"]
    article.get_by_label("Gil Novak").click()
    expect(article.get_by_label("Gil Novak")).not_to_be_checked()
    assert len(server.kinds("action", 2)) == 2


def test_radio_and_boxes_with_formatted_texts(draw: Draw, server: PageServer) -> None:
    options = [
        {"text": mrkdwn("*Whole* bucket"), "value": "all", "description": mrkdwn("every _key_")},
        option("one", "One key"),
    ]
    article = draw(
        element({"type": "radio_buttons", "action_id": "scope", "options": options}),
        element({"type": "checkboxes", "action_id": "tell", "options": SEV, "initial_options": SEV[:1]}),
    )
    article.get_by_label("Whole bucket").check()
    assert sent(server)["selected_option"] == options[0]
    expect(article.get_by_label("SEV-1")).to_be_checked()
    article.get_by_label("SEV-2").check()
    assert sent(server, 2)["selected_options"] == SEV


def test_an_overflow_menu(draw: Draw, server: PageServer) -> None:
    more = {"type": "overflow", "action_id": "more", "options": [option("close", "Close the incident")]}
    article = draw({"type": "section", "text": mrkdwn("x"), "accessory": more})
    article.get_by_label("More actions").click()
    article.get_by_role("button", name="Close the incident").click()
    assert sent(server)["selected_option"] == option("close", "Close the incident")


@pytest.mark.parametrize(
    ("kind", "typed", "expected"),
    [
        ("datepicker", "2025-11-10", {"selected_date": "2025-11-10"}),
        ("timepicker", "11:20", {"selected_time": "11:20"}),
        ("datetimepicker", "2025-11-10T11:20", {"selected_date_time": 1_762_770_000}),
    ],
)
def test_dates_and_times(draw: Draw, server: PageServer, kind: str, typed: str, expected: Json) -> None:
    article = draw(element({"type": kind, "action_id": "when", "placeholder": plain("When")}))
    article.get_by_label("When").fill(typed)
    article.get_by_label("When").dispatch_event("change")
    assert sent(server).items() >= expected.items()


def test_an_initial_moment_is_shown_in_local_time(draw: Draw) -> None:
    article = draw(
        element({"type": "datetimepicker", "action_id": "when", "initial_date_time": 1_762_770_000})
    )
    expect(article.locator("input")).to_have_value("2025-11-10T11:20")


def test_an_unknown_element_is_visible(draw: Draw) -> None:
    expect(draw(element({"type": "telepathy"}))).to_contain_text("Unsupported element: telepathy")


def test_what_was_entered_survives_an_edit_of_the_message(draw: Draw, server: PageServer) -> None:
    article = draw(
        {
            "type": "input",
            "label": plain("Reason"),
            "element": {"type": "plain_text_input", "action_id": "why"},
        },
        element(button("go", "Go")),
    )
    article.get_by_label("Reason").fill("leaked")
    blocks = server.states["U0DANA"]["messages"]["C0SEC"][0]["blocks"]
    server.states["U0DANA"]["messages"]["C0SEC"] = [message(1, channel="C0SEC", edited=True, blocks=blocks)]
    server.tell({"type": "message_changed"})
    expect(article).to_contain_text("(edited)")
    expect(article.get_by_label("Reason")).to_have_value("leaked")
    article.get_by_role("button", name="Go").click()
    assert server.kinds("action")[0]["values"] == {
        "b0": {"why": {"type": "plain_text_input", "value": "leaked"}}
    }
