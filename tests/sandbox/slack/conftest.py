"""A fake Slack that runs, and a real Bolt app connected to it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from bot.sandbox.slack.person import Person
from bot.sandbox.slack.server import FakeSlack
from bot.sandbox.slack.workspace import Workspace

ACK_SECONDS = 0.5
Connect = Callable[[], SocketModeHandler]


@dataclass
class Clock:
    """A clock that tests turn by hand; it also runs a little with every look."""

    now: float = 1_790_000_000.0
    step: float = field(default=0.0001)

    def __call__(self) -> float:
        self.now += self.step
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def workspace(clock: Clock) -> Workspace:
    return Workspace(clock=clock)


@pytest.fixture
def slack(workspace: Workspace) -> Iterator[FakeSlack]:
    with FakeSlack(workspace, ack_seconds=ACK_SECONDS, retry_delays=(0.0, 0.05, 0.05)) as running:
        yield running


@pytest.fixture
def client(slack: FakeSlack) -> WebClient:
    return WebClient(token=slack.bot_token, base_url=slack.api_url)


@pytest.fixture
def dana(slack: FakeSlack) -> Person:
    return slack.person("dana")


@pytest.fixture
def sam(slack: FakeSlack) -> Person:
    return slack.person("sam")


@pytest.fixture
def security(workspace: Workspace) -> str:
    return workspace.channel_named("security").id


@pytest.fixture
def incident(client: WebClient) -> str:
    """A private channel with the bot and Dana in it."""
    channel: str = client.conversations_create(name="inc-0001", is_private=True)["channel"]["id"]
    client.conversations_invite(channel=channel, users="U0DANA")
    return channel


@pytest.fixture
def bolt(client: WebClient) -> App:
    """A real Bolt app, not connected yet, that quietly takes every event."""
    app = App(client=client, signing_secret="unused in Socket Mode")
    app.event({"type": "message"})(lambda ack: ack())
    app.event("message")(lambda ack: ack())
    app.event("member_joined_channel")(lambda ack: ack())
    return app


@pytest.fixture(scope="session")
def closing() -> Iterator[ThreadPoolExecutor]:
    """Where connections are closed: the SDK takes a second or more for it, and no test needs to wait."""
    with ThreadPoolExecutor() as executor:
        yield executor


@pytest.fixture
def connect(
    slack: FakeSlack, bolt: App, closing: ThreadPoolExecutor
) -> Iterator[Callable[[], SocketModeHandler]]:
    """Connects the Bolt app over Socket Mode, as often as it is called."""
    handlers: list[SocketModeHandler] = []

    def dial() -> SocketModeHandler:
        handler = SocketModeHandler(bolt, slack.app_token, ping_interval=0.3)
        handlers.append(handler)
        handler.connect()
        eventually(lambda: slack.connections == len(handlers))
        return handler

    yield dial
    for handler in handlers:
        handler.client.auto_reconnect_enabled = False
    slack.faults.drop_socket()
    for handler in handlers:
        closing.submit(handler.close)


def eventually(check: Callable[[], Any], timeout: float = 5.0) -> None:
    """Wait until the check holds."""
    deadline = time.monotonic() + timeout
    while not check():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text}


def section(text: str = "hello") -> dict[str, Any]:
    return {"type": "section", "text": mrkdwn(text)}


def button(action_id: str = "approve", **more: Any) -> dict[str, Any]:
    return {"type": "button", "action_id": action_id, "text": plain("Approve"), "value": "plan-1", **more}


def actions(*elements: dict[str, Any], block_id: str = "decide") -> dict[str, Any]:
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def text_input(block_id: str = "bucket", label: str = "Bucket name", **element: Any) -> dict[str, Any]:
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain(label),
        "element": {"type": "plain_text_input", "action_id": "value", **element},
    }


def modal(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": "open",
        "title": plain("Open an incident"),
        "submit": plain("Open"),
        "blocks": list(blocks) or [text_input()],
        **more,
    }
