"""Finds the lines in which any of many patterns occurs; other threads run meanwhile."""

import threading
from collections.abc import Iterable

import hyperscan


class LineSearch:
    """Patterns (with hyperscan's flags) compiled once; may be used by many threads at once."""

    def __init__(self, patterns: Iterable[tuple[bytes, int]]) -> None:
        self._database: hyperscan.Database | None = None
        self._own = threading.local()
        if unique := dict(patterns):
            self._database = hyperscan.Database()
            self._database.compile(
                expressions=list(unique),
                ids=list(range(len(unique))),
                elements=len(unique),
                flags=[flags | hyperscan.HS_FLAG_MULTILINE for flags in unique.values()],
            )

    def lines(self, data: bytes) -> list[bytes]:
        """Each line (without its line feed) that holds a pattern, once, in their order."""
        found: list[bytes] = []
        if self._database is None:
            return found
        told = -1

        def hit(_id: int, _start: int, end: int, _flags: int, _context: object) -> None:
            nonlocal told
            # The match may have taken the line feed itself.
            if end - 1 > told:
                told = data.find(b"\n", end - 1)
                told = len(data) if told < 0 else told
                found.append(data[data.rfind(b"\n", 0, end - 1) + 1 : told])

        self._database.scan(data, match_event_handler=hit, scratch=self._scratch(self._database))
        return found

    def _scratch(self, database: hyperscan.Database) -> hyperscan.Scratch:
        """Working memory of a search: one for each thread."""
        if not hasattr(self._own, "scratch"):
            self._own.scratch = hyperscan.Scratch(database)
        scratch: hyperscan.Scratch = self._own.scratch
        return scratch
