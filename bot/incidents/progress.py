"""Telling people how far an investigation is, without flooding Slack."""

from __future__ import annotations

import time
from collections.abc import Callable

from bot.incidents.evidence_runs import evidence_key
from bot.store import evidence, outbox
from bot.store.database import Database

#: Seconds between two edits of the card, at least.
PAUSE = 1.0


class Progress:
    """Called with a text any number of times; writes at most one a second and redraws the card."""

    def __init__(self, database: Database, run_id: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._run_id = run_id
        self._clock = clock
        self._told = float("-inf")

    def __call__(self, text: str) -> None:
        now = self._clock()
        if now - self._told < PAUSE:
            return
        self._told = now
        with self._database.begin() as tx:
            evidence.update_run(tx, self._run_id, progress=text)
            outbox.refresh(tx, evidence_key(self._run_id))
