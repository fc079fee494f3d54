"""The driver: what it finds, what it waits for, and what it says when something is not there."""

from __future__ import annotations

import threading
import time

import pytest
from slack_sdk import WebClient

from bot.sandbox.slack.person import Person
from bot.sandbox.slack.server import FakeSlack
from tests.sandbox.slack.conftest import actions, button, modal, plain, section, text_input


def test_waits_until_the_words_appear(client: WebClient, incident: str, dana: Person) -> None:
    later = threading.Timer(0.1, lambda: client.chat_postMessage(channel=incident, text="contained"))
    later.start()
    assert dana.wait_for("inc-0001", "contained").text == "contained"
    later.join()


def test_waits_for_a_channel_that_is_not_there_yet(client: WebClient, dana: Person) -> None:
    def create() -> None:
        channel = client.conversations_create(name="inc-0002", is_private=True)["channel"]["id"]
        client.conversations_invite(channel=channel, users="U0DANA")

    later = threading.Timer(0.1, create)
    later.start()
    assert dana.wait_for("inc-0002", "joined")
    later.join()


def test_gives_up_with_the_transcript(client: WebClient, incident: str, dana: Person) -> None:
    client.chat_postMessage(channel=incident, text="something else")
    started = time.monotonic()
    with pytest.raises(AssertionError, match=r"dana saw no 'contained' in #inc-0001:\n(.|\n)*something else"):
        dana.wait_for("inc-0001", "contained", timeout=0.1)
    assert time.monotonic() - started < 2


def test_finds_words_in_blocks_and_the_newest_first(client: WebClient, incident: str, dana: Person) -> None:
    client.chat_postMessage(channel=incident, text="one", blocks=[section("*plan* ready")])
    newest = client.chat_postMessage(channel=incident, text="two", blocks=[section("*plan* ready")])["ts"]
    assert dana.wait_for("inc-0001", "*plan* ready").ts == newest
    assert dana.wait_for("inc-0001", lambda message: message.text == "one").text == "one"


def test_what_was_seen_does_not_change_afterwards(client: WebClient, incident: str, dana: Person) -> None:
    ts = client.chat_postMessage(channel=incident, text="before")["ts"]
    seen = dana.wait_for("inc-0001", "before")
    client.chat_update(channel=incident, ts=ts, text="after")
    assert (seen.text, dana.see("inc-0001")[-1].text) == ("before", "after")


def test_names_the_buttons_there_are(client: WebClient, incident: str, dana: Person) -> None:
    client.chat_postMessage(channel=incident, text="card", blocks=[actions(button())])
    with pytest.raises(AssertionError, match="no 'reject' here, only Approve"):
        dana.click(dana.wait_for("inc-0001", "card"), "reject")


def test_fills_every_kind_of_input(slack: FakeSlack, client: WebClient, dana: Person) -> None:
    options = [{"text": plain("High"), "value": "sev1"}, {"text": plain("Low"), "value": "sev3"}]

    def asked(block_id: str, label: str, **element: object) -> dict[str, object]:
        return {
            "type": "input",
            "block_id": block_id,
            "label": plain(label),
            "element": {"action_id": "v", **element},
        }

    view = modal(
        text_input(),
        asked("severity", "How bad", type="static_select", options=options),
        asked("flags", "Flags", type="checkboxes", options=options),
        asked("lead", "Who leads", type="users_select"),
        asked("helpers", "Helpers", type="multi_users_select"),
        asked("day", "Since", type="datepicker"),
    )
    client.views_open(trigger_id=slack._backend.triggers.make("U0DANA"), view=view)
    filled = dana.fill(
        dana.modal(),
        bucket="acme",
        How_bad="High",
        flags=["sev3"],
        lead="sam",
        helpers=["ana", "sam"],
        since="2026-11-23",
    )
    values = {block_id: next(iter(one.values())) for block_id, one in filled.values.items()}
    assert values["bucket"]["value"] == "acme"
    assert values["severity"]["selected_option"] == options[0]
    assert values["flags"]["selected_options"] == [options[1]]
    assert values["lead"]["selected_user"] == "U0SAM"
    assert values["helpers"]["selected_users"] == ["U0ANA", "U0SAM"]
    assert values["day"]["selected_date"] == "2026-11-23"
    with pytest.raises(AssertionError, match="no input 'colour'"):
        dana.fill(filled, colour="red")
    with pytest.raises(AssertionError, match=r"no option 'Medium', only \['sev1', 'sev3'\]"):
        dana.fill(filled, severity="Medium")


def test_says_when_no_modal_opens(dana: Person) -> None:
    with pytest.raises(AssertionError, match="no modal with '' opened for dana"):
        dana.modal(timeout=0.05)


def test_says_when_the_app_publishes_no_home(dana: Person) -> None:
    with pytest.raises(AssertionError, match="no App Home with '' for dana"):
        dana.home(timeout=0.05)


def test_two_people_at_once_come_through_both(client: WebClient, incident: str, slack: FakeSlack) -> None:
    client.conversations_invite(channel=incident, users="U0SAM")
    people = [slack.person("dana"), slack.person("sam")]
    threads = [
        threading.Thread(target=lambda one=one: [one.say("inc-0001", f"{one.name} {i}") for i in range(20)])
        for one in people
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    said = [one for one in people[0].see("inc-0001") if one.subtype is None]
    assert len(said) == 40
    assert [one.ts for one in said] == sorted({one.ts for one in said})


def test_stopping_twice_and_publishing_afterwards_is_harmless() -> None:
    slack = FakeSlack()
    slack.start()
    slack.stop()
    slack.stop()
    slack.publish_outside({"seq": 1})


def test_an_unknown_person_is_named_so(slack: FakeSlack) -> None:
    with pytest.raises(KeyError, match="no zoe here, only dana, sam"):
        slack.person("zoe")
