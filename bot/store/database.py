"""The database: SQLite in WAL mode by default, PostgreSQL by URL; one way to open a transaction."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import Connection, make_url

from bot.store.turn import Turn
from bot.store.types import Tx, to_json
from bot.store.wakeup import Wakeup

#: What was to be stored is not repeated in errors: those are logged, and said in Slack.
_TEXT: dict[str, Any] = {"json_serializer": to_json, "hide_parameters": True}


class Database:
    """One database, shared by the threads of a process.

    `wakeup` is set after each commit that put work into the queue or the outbox, so that a worker in
    the same process starts at once; workers elsewhere find it by polling.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.wakeup = Wakeup()
        self.engine = _sqlite(url) if url.startswith("sqlite") else _postgresql(url)
        self._reading = self.engine.execution_options(read_only=True)
        self._turn = _turn(self.engine)

    @property
    def is_postgresql(self) -> bool:
        return self.engine.dialect.name == "postgresql"

    @contextmanager
    def begin(self) -> Iterator[Tx]:
        """A transaction that writes: committed when the block ends, rolled back when it raises."""
        with Tx(self.engine, expire_on_commit=False) as tx:
            with self._turn or nullcontext(), tx.begin():
                yield tx
            if tx.info.get("wake"):
                self.wakeup.set()

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """A transaction that only reads, and on SQLite does not wait for writers."""
        with Tx(self._reading, expire_on_commit=False) as tx:
            yield tx

    def close(self) -> None:
        self.engine.dispose()
        if self._turn is not None:
            self._turn.close()


def wake(tx: Tx) -> None:
    """Marks the transaction as one whose commit gives the workers something to do."""
    tx.info["wake"] = True


def _turn(engine: Engine) -> Turn | None:
    path = engine.url.database
    in_file = engine.dialect.name == "sqlite" and path and path != ":memory:"
    return Turn(Path(f"{path}-turn")) if in_file else None


def _postgresql(url: str) -> Engine:
    return create_engine(url, pool_pre_ping=True, **_TEXT)


def _sqlite(url: str) -> Engine:
    path = make_url(url).database
    if path and path != ":memory:":
        _make_private(Path(path))
    engine = create_engine(url, connect_args={"timeout": 30}, pool_size=20, **_TEXT)
    event.listen(engine, "connect", _pragmas)
    event.listen(engine, "begin", _begin)
    return engine


def _make_private(path: Path) -> None:
    """Nobody else on the machine may read a new database; SQLite gives its other files the same mode."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _pragmas(connection: Any, _record: object) -> None:
    # The driver must not open transactions by itself: _begin chooses the kind.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    # IMMEDIATE takes the write lock first: two writers queue up instead of failing at their first write.
    read_only = connection.get_execution_options().get("read_only", False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")
