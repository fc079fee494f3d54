"""The sandbox and a bot in a process of its own, fresh for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.sandbox.sandbox import Sandbox
from bot.store.database import Database
from tests.e2e.bot_process import BotProcess


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    found = Sandbox(lookups_per_second=100)
    found.start()
    yield found
    found.stop()


@pytest.fixture
def environment(sandbox: Sandbox, tmp_path: Path) -> dict[str, str]:
    """The bot's settings; it watches for a second only, so that tests need not wait."""
    return sandbox.environment(tmp_path) | {"S3INCIDENT_WATCH_SECONDS": "1"}


@pytest.fixture
def bot(environment: dict[str, str], tmp_path: Path) -> Iterator[BotProcess]:
    process = BotProcess(environment, tmp_path).start()
    yield process
    process.stop()


@pytest.fixture
def database(environment: dict[str, str], bot: BotProcess) -> Iterator[Database]:
    """The running bot's own database, to look into."""
    found = Database(environment["DATABASE_URL"])
    yield found
    found.close()
