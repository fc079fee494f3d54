"""Which objects were read, counted exactly however many there are: on disk, never in memory."""

import sqlite3
from collections.abc import Hashable, Iterable

#: Rows held in memory before they are written.
_WAITING = 20_000


class Distinct:
    """Sets of texts, each with an owner, and each text in it under one or more tags."""

    def __init__(self) -> None:
        # The empty name makes a temporary file that nobody else can open, and that goes with the connection.
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -8192;"
            "CREATE TABLE texts (owner INTEGER, tag INTEGER, text TEXT, PRIMARY KEY (owner, tag, text))"
            " WITHOUT ROWID;"
            "CREATE TABLE chosen (owner INTEGER, tag INTEGER)"
        )
        self._numbers: dict[Hashable, int] = {}
        self._names: list[Hashable] = []
        self._waiting: set[tuple[int, int, str]] = set()

    def add(self, owner: Hashable, tag: Hashable, text: str) -> None:
        """The owner's set holds the text, under this tag."""
        self._waiting.add((self._number(owner), self._number(tag), text))
        if len(self._waiting) >= _WAITING:
            self._write()

    def tagged(self, owner: Hashable) -> dict[Hashable, int]:
        """How many different texts the owner's set holds under each tag."""
        self._write()
        query = "SELECT tag, count(*) FROM texts WHERE owner = ? GROUP BY tag"
        return {self._names[tag]: count for tag, count in self._db.execute(query, [self._number(owner)])}

    def count(self, places: Iterable[tuple[Hashable, Hashable]]) -> int:
        """How many different texts there are in all these places (owner, tag) together."""
        self._choose(places)
        query = "SELECT count(DISTINCT text) FROM chosen JOIN texts USING (owner, tag)"
        return int(self._db.execute(query).fetchone()[0])

    def first(self, places: Iterable[tuple[Hashable, Hashable]], most: int) -> list[str]:
        """The first of them in their order."""
        self._choose(places)
        query = "SELECT DISTINCT text FROM chosen JOIN texts USING (owner, tag) ORDER BY text LIMIT ?"
        return [text for (text,) in self._db.execute(query, [most])]

    def _choose(self, places: Iterable[tuple[Hashable, Hashable]]) -> None:
        self._write()
        self._db.execute("DELETE FROM chosen")
        rows = {(self._number(owner), self._number(tag)) for owner, tag in places}
        self._db.executemany("INSERT INTO chosen VALUES (?, ?)", rows)

    def _number(self, name: Hashable) -> int:
        number = self._numbers.get(name)
        if number is None:
            number = self._numbers[name] = len(self._names)
            self._names.append(name)
        return number

    def _write(self) -> None:
        if self._waiting:
            self._db.execute("BEGIN")
            self._db.executemany("INSERT OR IGNORE INTO texts VALUES (?, ?, ?)", self._waiting)
            self._db.execute("COMMIT")
            self._waiting.clear()
