"""The page on the fake Slack itself, with a real Bolt app behind it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from slack_bolt import Ack, App, Respond
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from bot.sandbox.slack.server import FakeSlack
from tests.sandbox.page.page_server import Json
from tests.sandbox.page.workspace_state import button, call, mrkdwn, plain

pytestmark = pytest.mark.browser

VIEW: Json = {
    "type": "modal",
    "callback_id": "open",
    "title": plain("Open an incident"),
    "submit": plain("Open"),
    "blocks": [
        {
            "type": "input",
            "block_id": "bucket",
            "label": plain("Bucket"),
            "element": {"type": "plain_text_input", "action_id": "name"},
        }
    ],
}


@pytest.fixture
def outside() -> list[Json]:
    """The calls of the world outside so far."""
    return []


@pytest.fixture
def slack(outside: list[Json]) -> Iterator[FakeSlack]:
    with FakeSlack(outside=lambda: list(outside)) as fake:
        yield fake


@pytest.fixture
def client(slack: FakeSlack) -> WebClient:
    return WebClient(token=slack.bot_token, base_url=slack.api_url)


@pytest.fixture
def app(slack: FakeSlack, client: WebClient) -> Iterator[None]:
    """An app with a command, a modal that knows one bucket, and a button."""
    bolt = App(client=client, token=slack.bot_token)
    client.conversations_join(channel=channel(client, "security"))

    @bolt.command("/s3incident")
    def command(ack: Ack, body: Json) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=VIEW | {"private_metadata": body["channel_id"]})

    @bolt.view("open")
    def submitted(ack: Ack, view: Json) -> None:
        if view["state"]["values"]["bucket"]["name"]["value"] != "acme-payroll":
            ack(response_action="errors", errors={"bucket": "There is no such bucket."})
            return
        ack()
        blocks = [
            {"type": "section", "text": mrkdwn("*acme-payroll* is open")},
            {
                "type": "actions",
                "elements": [button("plan.approve", "Approve", value="p-1", style="primary")],
            },
        ]
        client.chat_postMessage(channel=view["private_metadata"], text="acme-payroll is open", blocks=blocks)

    @bolt.action("plan.approve")
    def approve(ack: Ack, body: Json, respond: Respond) -> None:
        ack()
        respond(text="Thank you.", replace_original=False)
        contained = [{"type": "section", "text": mrkdwn("Contained :white_check_mark:")}]
        channel, ts = body["channel"]["id"], body["message"]["ts"]
        client.chat_update(channel=channel, ts=ts, text="Contained", blocks=contained)

    handler = SocketModeHandler(bolt, slack.app_token)
    handler.connect()
    yield
    handler.close()


@pytest.fixture
def page(browser: Browser, slack: FakeSlack) -> Iterator[Page]:
    found = browser.new_page()
    found.set_default_timeout(8000)
    found.goto(slack.page_url)
    yield found
    found.close()


def channel(client: WebClient, name: str) -> str:
    return next(one["id"] for one in client.conversations_list()["channels"] if one["name"] == name)


@pytest.mark.usefixtures("app")
def test_from_the_command_to_the_changed_card(page: Page) -> None:
    box = page.get_by_label("Message #security")
    box.fill("/s3incident open")
    box.press("Enter")
    modal = page.get_by_role("dialog", name="Open an incident")
    modal.get_by_role("button", name="Open").click()
    expect(modal.get_by_role("alert")).to_have_text("Please complete this required field.")
    modal.get_by_label("Bucket").fill("nope")
    modal.get_by_label("Bucket").press("Enter")
    expect(modal.get_by_role("alert")).to_have_text("There is no such bucket.")
    modal.get_by_label("Bucket").fill("acme-payroll")
    modal.get_by_role("button", name="Open").click()
    expect(modal).to_have_count(0)
    page.locator("#sidebar").get_by_role("link", name="Sam Lindqvist").click()
    page.get_by_role("button", name="Approve").click()
    log = page.get_by_role("log")
    expect(log).to_contain_text("Contained")
    expect(log.get_by_role("article").filter(has_text="Only visible to you")).to_contain_text("Thank you.")
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)


def test_a_command_nobody_answers_ends_in_slacks_own_sentence(page: Page) -> None:
    box = page.get_by_label("Message #security")
    box.fill("/s3incident open")
    box.press("Enter")
    failed = page.get_by_role("log").locator(".failed")
    expect(failed).to_contain_text('/s3incident failed with the error "')
    expect(page.get_by_role("alert")).to_have_count(0)


def test_people_talk_and_hostile_words_stay_words(page: Page, slack: FakeSlack) -> None:
    slack.person("sam").say("security", "<b>look</b> @dana & <javascript:alert(1)|here>")
    log = page.get_by_role("log")
    expect(log).to_contain_text("<b>look</b> @Dana Okafor & <javascript:alert(1)|here>")


def test_a_file_of_the_app_is_previewed(page: Page, client: WebClient) -> None:
    client.conversations_join(channel=channel(client, "security"))
    client.files_upload_v2(
        channel=channel(client, "security"), filename="reads.csv", content="time,object\n1,a.csv\n"
    )
    expect(page.locator(".file")).to_contain_text("1,a.csv")


def test_the_world_outside_arrives_live(page: Page, slack: FakeSlack, outside: list[Json]) -> None:
    def arrives(one: Json) -> None:
        outside.append(one)  # a page that does not listen yet reads it with its state
        slack.publish_outside(one)

    state = page.locator("#outside [data-actor='Attacker'] .actor-state")
    expect(page.locator("#outside")).to_contain_text("Quiet.")
    arrives(call(1, "Attacker", "attacker", "s3:GetObject", "acme-payroll/a.csv", True))
    expect(state).to_have_text("getting through")
    arrives(call(2, "Attacker", "attacker", "s3:GetObject", "acme-payroll/b.csv", False))
    expect(state).to_contain_text("cut off since")
