"""The fixtures: a fake Slack, and the bot in front of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.config import Settings
from bot.sandbox.slack.delivery.courier import ACK_SECONDS
from bot.sandbox.slack.people import APPROVERS_ID
from bot.sandbox.slack.server import FakeSlack
from bot.slack.app import build_app
from bot.slack.http import EVENTS_PATH, build_wsgi
from bot.slack.socket import SocketRunner
from bot.store.database import Database
from tests.slack.house import House, account
from tests.slack.web_server import WebServer


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack() as slack:
        yield slack


@pytest.fixture
def settings_for(tmp_path: Path) -> Callable[..., Settings]:
    def make(slack: FakeSlack, database: Database, **changes: Any) -> Settings:
        values: dict[str, Any] = {
            "slack_bot_token": slack.bot_token,
            "slack_app_token": slack.app_token,
            "slack_signing_secret": slack.signing_secret,
            "slack_api_url": slack.api_url,
            "database_url": database.url,
            "accounts": (account(),),
            "approvers": (APPROVERS_ID,),
            "vault_dir": tmp_path / "vault",
        }
        return Settings(_env_file=None, **(values | changes))

    return make


@pytest.fixture
def house(sqlite: Database, slack: FakeSlack, settings_for: Callable[..., Settings]) -> House:
    """Without listeners: for jobs and delivery."""
    return House(sqlite, settings_for(slack, sqlite), slack)


@pytest.fixture
def listening(
    sqlite: Database, settings_for: Callable[..., Settings], request: pytest.FixtureRequest
) -> Iterator[House]:
    """With listeners, over signed HTTP. Its parameter is how long Slack waits for an acknowledgement."""
    ack_seconds = getattr(request, "param", ACK_SECONDS)
    with (
        WebServer() as server,
        FakeSlack(delivery="http", request_url=server.url + EVENTS_PATH, ack_seconds=ack_seconds) as slack,
    ):
        settings = settings_for(slack, sqlite)
        server.application = build_wsgi(build_app(settings, sqlite), settings, sqlite)
        yield House(sqlite, settings, slack)


@pytest.fixture
def socketed(house: House) -> Iterator[House]:
    """With listeners, over a real websocket."""
    runner = SocketRunner(build_app(house.settings, house.database), house.settings)
    runner.start()
    yield house
    runner.stop()
