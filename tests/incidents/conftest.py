from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine

from bot.remediation.contract import Automated
from bot.store.database import Database
from tests.incidents.cloud import Cloud
from tests.incidents.doing import START, Desk, settings


@pytest.fixture
def three_in_the_morning() -> Iterator[None]:
    """Time stands still. Asked for after the database: PostgreSQL must start in real time."""
    with time_machine.travel(START, tick=False):
        yield


@pytest.fixture(autouse=True)
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cloud in memory is consistent at once: nothing is gained by waiting."""
    monkeypatch.setattr(Automated, "patience", (0.0,))


@pytest.fixture
def desk(sqlite: Database, three_in_the_morning: None) -> Desk:
    return Desk(sqlite, Cloud(), settings())


@pytest.fixture
def both(database: Database, three_in_the_morning: None) -> Desk:
    """The same on SQLite and on PostgreSQL."""
    return Desk(database, Cloud(), settings())
