from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import time_machine

from bot.remediation.contract import Automated
from bot.store.database import Database
from tests.incidents.cloud import Cloud
from tests.incidents.doing import START, Desk, settings
from tests.reports.case import Case


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
def begin(tmp_path: Path) -> Callable[[Database], Case]:
    """An incident just opened, with an empty vault."""

    def made(database: Database) -> Case:
        desk = Desk(database, Cloud(), settings(vault_dir=tmp_path / "vault"))
        return Case(desk, desk.open())

    return made


@pytest.fixture
def case(sqlite: Database, three_in_the_morning: None, begin: Callable[[Database], Case]) -> Case:
    return begin(sqlite)


@pytest.fixture
def both(database: Database, three_in_the_morning: None, begin: Callable[[Database], Case]) -> Case:
    """The same on SQLite and on PostgreSQL."""
    return begin(database)
