from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from bot.store import incidents, migrate
from bot.store.database import Database


def test_nobody_else_on_the_machine_can_read_it(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/var/s3incident.db")
    migrate.upgrade(database)
    with database.begin() as tx:
        incidents.listing(tx)
        modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "var").iterdir()}
    database.close()
    assert (tmp_path / "var").stat().st_mode & 0o777 == 0o700
    assert {"s3incident.db", "s3incident.db-wal", "s3incident.db-shm"} <= set(modes)
    assert set(modes.values()) == {0o600}


def test_an_error_of_the_database_does_not_repeat_what_was_to_be_stored(database: Database) -> None:
    """It is logged, and said in Slack."""
    with pytest.raises(Exception, match="no_such_table") as raised, database.begin() as tx:
        tx.execute(text("INSERT INTO no_such_table VALUES (:value)"), {"value": "what nobody else may read"})
    assert "nobody else may read" not in str(raised.value)
