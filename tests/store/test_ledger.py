from __future__ import annotations

import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.store import ledger
from bot.store.database import Database
from tests.store.tampering import tamper


def _fill(database: Database, count: int) -> None:
    for number in range(count):
        with database.begin() as tx:
            ledger.append(tx, "U1", "incident.note", 1, text=f"note {number} é")


def test_an_untouched_ledger_is_whole(database: Database) -> None:
    _fill(database, 5)
    with database.read() as tx:
        assert ledger.first_broken(tx) is None
        assert ledger.head(tx).seq == 5


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ("UPDATE ledger SET actor = 'U2' WHERE seq = 3", 3),
        ("UPDATE ledger SET action = 'incident.opened' WHERE seq = 1", 1),
        ("DELETE FROM ledger WHERE seq = 2", 2),
        ("UPDATE ledger SET previous = hash WHERE seq = 4", 4),
    ],
)
def test_the_first_changed_or_missing_entry_is_named(database: Database, change: str, broken: int) -> None:
    _fill(database, 5)
    with pytest.raises(DBAPIError, match="append-only"), database.begin() as tx:
        tx.execute(text(change))
    with database.read() as tx:
        assert ledger.first_broken(tx) is None
    tamper(database, change)
    with database.read() as tx:
        assert ledger.first_broken(tx) == broken


def test_writers_at_once_make_one_chain(database: Database) -> None:
    threads = [threading.Thread(target=_fill, args=(database, 10)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as tx:
        assert ledger.size(tx) == 40
        assert ledger.first_broken(tx) is None


def test_an_entry_of_a_failed_transaction_is_not_kept(database: Database) -> None:
    _fill(database, 1)
    with pytest.raises(ZeroDivisionError):
        _append_and_fail(database)
    with database.read() as tx:
        assert ledger.size(tx) == 1


def _append_and_fail(database: Database) -> None:
    with database.begin() as tx:
        ledger.append(tx, "U1", "plan.approved", 1)
        _ = 1 / 0
