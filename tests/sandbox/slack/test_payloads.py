"""The payloads that apps receive have every property that Slack's real ones have, of the same kind."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.slack.delivery.courier import Parcel
from bot.sandbox.slack.delivery.socket_mode import SocketMode, _envelope
from bot.sandbox.slack.events import Events
from bot.sandbox.slack.payloads import Payloads
from bot.sandbox.slack.records import Json
from bot.sandbox.slack.view_stack import open_modal
from bot.sandbox.slack.workspace import Workspace
from tests.sandbox.slack.conftest import actions, button, modal, section

NOT_OURS = {
    "enterprise_id": "this workspace belongs to no Enterprise Grid",
    "enterprise_name": "as above",
    "enterprise": "as above",
    "authed_users": "replaced by authorizations in 2020",
    "client_msg_id": "only messages typed into Slack's own clients have it",
    "ssl_check": "Slack's check of certificates, not a command",
    "emoji": "optional in a text object",
    "dispatch_action_config": "optional in an input",
    "optional": "Slack writes the defaults of an input; they mean the same",
    "dispatch_action": "as above",
    "confirm": "only where an element has one",
}


@pytest.fixture
def real(real_data: Path) -> dict[str, list[Json]]:
    """Real payloads by kind, and events by ``event_callback/<type>``."""
    found: dict[str, list[Json]] = {}
    with (real_data / "slack_payloads" / "payloads.jsonl").open() as lines:
        for line in lines:
            one = json.loads(line)
            kind = f"{one['kind']}/{one['event']}" if one["event"] else one["kind"]
            found.setdefault(kind, []).append(one["payload"])
    return found


def differences(real: Any, ours: Any, where: str = "") -> Iterator[str]:
    """What a real payload has and ours lacks, or has as another kind of value."""
    if where.endswith("/state/values"):
        return  # keyed by the ids of each view's own blocks
    if isinstance(real, dict) and isinstance(ours, dict):
        for name, value in real.items():
            if name in NOT_OURS:
                continue
            if name not in ours:
                yield f"{where}/{name} is missing"
            elif value is not None and ours[name] is not None:
                yield from differences(value, ours[name], f"{where}/{name}")
    elif type(real) is not type(ours):
        yield f"{where} is {type(ours).__name__}, not {type(real).__name__}"


@pytest.fixture
def payloads(workspace: Workspace) -> Payloads:
    made = Payloads(workspace)
    made.base_url = "http://127.0.0.1:1/"
    return made


def complete(found: list[Json], *names: str) -> list[Json]:
    """The payloads that are whole; test suites also cut them down to two or three properties."""
    whole = [one for one in found if {"user", "team", "token", *names} <= set(one) and one["team"]]
    assert whole
    return whole


def test_slash_commands(real: dict[str, list[Json]], payloads: Payloads, workspace: Workspace) -> None:
    channel = workspace.channel_named("security")
    ours = payloads.command(
        "U0DANA", channel, "/s3incident", "open", trigger_id="1.2.x", response_url="http://x"
    )
    for one in real["slash_command"]:
        assert list(differences(one, ours)) == []


def test_block_actions(real: dict[str, list[Json]], payloads: Payloads, workspace: Workspace) -> None:
    message = workspace.post(
        workspace.channel_named("security"), workspace.bot_user, "card", blocks=[actions(button())]
    )
    action = {
        "type": "button",
        "action_id": "a",
        "block_id": "b",
        "text": {"type": "plain_text", "text": "x"},
    }
    action |= {"value": "v", "action_ts": "1.2"}
    ours = payloads.message_actions(
        "U0DANA", message, action, state={}, trigger_id="1.2.x", response_url="http://x"
    )
    for one in complete(real["block_actions"], "container"):
        assert list(differences(one, ours)) == []
        assert list(differences(one["actions"][0], ours["actions"][0])) == []
    assert ours["message"]["blocks"] == message.blocks


@pytest.mark.parametrize("kind", ["view_submission", "view_closed"])
def test_views(real: dict[str, list[Json]], payloads: Payloads, workspace: Workspace, kind: str) -> None:
    view = open_modal(workspace, "U0DANA", modal(close={"type": "plain_text", "text": "Cancel"}))
    if kind == "view_submission":
        ours = payloads.submission("U0DANA", view, trigger_id="1.2.x")
    else:
        ours = payloads.closed("U0DANA", view, cleared=False)
    modals = [one for one in complete(real[kind], "view") if one["view"]["type"] == "modal"]
    assert modals
    for one in modals:
        assert list(differences(one, ours)) == []


def test_shortcuts(real: dict[str, list[Json]], payloads: Payloads, workspace: Workspace) -> None:
    ours = payloads.shortcut("U0DANA", "open", trigger_id="1.2.x")
    for one in real["shortcut"]:
        assert list(differences(one, ours)) == []
    channel = workspace.channel_named("security")
    message = workspace.post(channel, "U0DANA", "x", blocks=[{"type": "rich_text", "elements": []}])
    ours = payloads.message_shortcut("U0DANA", "note", message, trigger_id="1.2.x", response_url="http://x")
    for one in real["message_action"]:
        assert list(differences(one, ours)) == []


def test_block_suggestion(real: dict[str, list[Json]], payloads: Payloads, workspace: Workspace) -> None:
    view = open_modal(workspace, "U0DANA", modal(close={"type": "plain_text", "text": "Cancel"}))
    ours = payloads.suggestion("U0DANA", view, "b", "a", "search")
    for one in complete(real["block_suggestion"]):
        assert list(differences(one, ours)) == []


def test_events(real: dict[str, list[Json]], payloads: Payloads, workspace: Workspace) -> None:
    told: dict[str, Json] = {}
    events = Events(workspace, payloads, lambda body: told.__setitem__(body["event"]["type"], body))
    workspace.observers.append(events.observe)
    channel = workspace.channel_named("security")
    workspace.join(channel, workspace.bot_user, inviter="U0DANA")
    workspace.leave(channel, "U0ANA")
    workspace.post(channel, "U0DANA", f"<@{workspace.bot_user}> hi", blocks=[section()])
    events.home_opened("U0DANA")
    for kind in ("app_mention", "member_joined_channel", "member_left_channel", "app_home_opened"):
        for one in real[f"event_callback/{kind}"]:
            assert list(differences(one, told[kind])) == []
    said = [one["event"] for one in real["event_callback/message"]]
    plain = [
        one
        for one in said
        if {"user", "text", "ts"} <= set(one) and not {"files", "bot_id", "subtype"} & set(one)
    ]
    assert plain
    for one in plain:
        assert list(differences(one, told["message"]["event"])) == []


def test_socket_mode_frames(real: dict[str, list[Json]]) -> None:
    sockets = SocketMode("A1")
    assert list(differences(real["hello"][0], sockets._hello())) == []
    for one in real["events_api"]:
        ours = _envelope("id", Parcel("events_api", one["payload"], attempt=1, reason="http_timeout"))
        assert list(differences(one, ours)) == []
        assert (ours["retry_attempt"], ours["retry_reason"]) == (1, "timeout")
    assert "retry_attempt" not in _envelope("id", Parcel("interactive", {}))
