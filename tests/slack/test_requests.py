"""Real payloads are understood, and each delivery is told apart from the next."""

from __future__ import annotations

import json

import pytest

from bot.slack import requests

BUTTON = {
    "type": "block_actions",
    "user": {"id": "U1", "team_id": "T1"},
    "team": {"id": "T1"},
    "trigger_id": "1.2.a",
    "container": {"type": "message", "channel_id": "C1"},
    "actions": [{"action_id": "plan.approve", "action_ts": "5.5", "value": "p:d", "type": "button"}],
}


@pytest.fixture(scope="module")
def payloads(real_data):
    lines = (real_data / "slack_payloads" / "payloads.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def of_kind(payloads, *kinds):
    """The recorded payloads that are whole (some were shortened by whoever wrote them down)."""
    found = [one["payload"] for one in payloads if one["kind"] in kinds]
    whole = [
        one
        for one in found
        if ("trigger_id" in one and ("user" in one or "user_id" in one)) or "event_id" in one
    ]
    assert len(whole) > 1
    return whole


def test_every_recorded_command(payloads):
    for body in of_kind(payloads, "slash_command"):
        assert requests.command(body).user_id == body["user_id"]


def test_every_recorded_click(payloads):
    for body in of_kind(payloads, "block_actions"):
        click = requests.click(body)
        assert click.user_id == body["user"]["id"]
        assert click.action_id == body["actions"][0]["action_id"]


def test_every_recorded_submission(payloads):
    for body in of_kind(payloads, "view_submission"):
        form = requests.submission(body)
        assert form.callback_id == body["view"]["callback_id"]
        assert all(isinstance(value, str) for value in form.values.values())


def test_every_recorded_shortcut(payloads):
    for body in of_kind(payloads, "shortcut", "message_action"):
        assert requests.shortcut(body).callback_id == body["callback_id"]


def test_every_recorded_event(payloads):
    for body in of_kind(payloads, "event_callback"):
        if "team_id" in body:
            assert requests.event(body).kind == body["event"]["type"]


def test_the_same_delivery_has_the_same_id_and_the_next_click_another():
    again = json.loads(json.dumps(BUTTON))
    assert requests.click(BUTTON).delivery_id == requests.click(again).delivery_id
    assert requests.click(BUTTON | {"trigger_id": "1.3.b"}).delivery_id != requests.click(BUTTON).delivery_id


def test_two_people_at_the_same_moment_are_two_deliveries():
    other = BUTTON | {"user": {"id": "U2", "team_id": "T1"}, "trigger_id": None}
    assert requests.click(other).delivery_id != requests.click(BUTTON | {"trigger_id": None}).delivery_id


def test_the_workspace_is_the_persons_own():
    stranger = BUTTON | {"user": {"id": "U2", "team_id": "T2"}}
    assert requests.click(stranger).team_id == "T2"


def test_in_a_modal_or_in_app_home_there_is_no_channel():
    body = {key: value for key, value in BUTTON.items() if key != "container"}
    modal = requests.click(body | {"view": {"type": "modal"}})
    home = requests.click(body | {"view": {"type": "home"}})
    assert (modal.channel_id, modal.in_modal) == (None, True)
    assert (home.channel_id, home.in_modal) == (None, False)


def test_values_are_taken_from_texts_and_from_selects():
    view = {
        "id": "V1",
        "callback_id": "incident.open",
        "private_metadata": '{"plan_id": "p"}',
        "state": {
            "values": {
                "bucket": {"value": {"type": "plain_text_input", "value": "  acme  "}},
                "severity": {"value": {"type": "static_select", "selected_option": {"value": "2"}}},
                "note": {"value": {"type": "plain_text_input", "value": None}},
            }
        },
    }
    form = requests.submission({"user": {"id": "U1", "team_id": "T1"}, "view": view, "trigger_id": "9.9"})
    assert form.values == {"bucket": "acme", "severity": "2", "note": ""}
    assert form.metadata == {"plan_id": "p"}
