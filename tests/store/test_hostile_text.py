"""Text that an attacker or a broken client wrote: kept as far as text can be, and never a reason to fail."""

from __future__ import annotations

import pytest

from bot.incidents.notes import add_note
from bot.incidents.opening import Opened, OpenRequest, open_incident
from bot.store import incidents, ledger, outbox, plans
from bot.store import jobs as queue
from bot.store.database import Database

HOSTILE = {
    "nul": "a\x00b",
    "high": "a\ud800b",
    "low": "a\udc00b",
    "two halves": "\ud83d" + "\ude00",
    "controls": "a\x1b[31m\x07\u202eb",
    "long": "x" * 100_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_it_is_stored_told_and_chained(database: Database, text: str) -> None:
    with database.begin() as tx:
        opened = open_incident(tx, OpenRequest("acme-payroll", "1" * 12, "us-east-1", 1, text, "U1"))
        assert isinstance(opened, Opened)
        assert add_note(tx, opened.incident.id, "U1", text) is None
        ledger.append(tx, "U1", "job.given_up", opened.incident.id, error=text, more=[{text: (text,)}])
        outbox.say(tx, f"key {text}", outbox.incident_place(1), "notice", {"text": text})
        queue.enqueue(tx, "a", dedupe_key=f"key {text}", text=text)
    with database.read() as tx:
        assert ledger.first_broken(tx) is None
        [*_, note] = incidents.timeline(tx, 1)
        assert len(note.text) == len(text)
        note.text.encode()
        assert outbox.find(tx, f"key {text}") is not None
        assert plans.get(tx, text) is None
        [*_, job] = queue.open_jobs(tx)
        assert job.kind == "a"
