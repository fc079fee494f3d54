"""What an investigation leaves in the vault, in the database and in the ledger."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.evidence.events import event_from
from bot.evidence.questions import Question
from bot.evidence.sources.base import Part
from bot.evidence.vault.manifest import Custody
from bot.evidence.vault.vault import Vault
from bot.incidents.findings import Kept, keep_events, publish
from bot.store import evidence, ledger
from tests.evidence.records import ACCOUNT, BUCKET, leaked_key
from tests.evidence.story import ask
from tests.incidents.doing import Desk

WINDOW = (datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 30, tzinfo=UTC))


@pytest.fixture
def kept(tmp_path: Path) -> tuple[Vault, Kept]:
    log = leaked_key()
    vault = Vault(tmp_path / "vault")
    with keep_events(tmp_path / "events") as keep:
        for record in log.records:
            keep(event_from(record, json.dumps(record).encode()))
    question = Question(
        bucket=BUCKET, account_id=ACCOUNT, window=WINDOW, keys=frozenset({"AKIA1"}), baseline=timedelta(30)
    )
    custody = Custody(run=4, asked_by="U0DANA", wanted=("b" * 64, "a" * 64))
    parts = [Part("b.json.gz etag-2", records=7, size=900), Part("a.json.gz etag-1")]
    return vault, Kept.of(vault, "inc-0001", ask(log), tmp_path / "events", question, custody, parts)


def test_the_manifest_says_who_asked_for_what_of_which_parts(kept: tuple[Vault, Kept]) -> None:
    vault, found = kept
    by_kind = {entry.kind: entry for entry in vault.entries()}
    assert set(by_kind) == {"events", "parts", "investigation"}
    for entry in by_kind.values():
        assert (entry.custody.incident, entry.custody.run, entry.custody.asked_by) == (
            "inc-0001",
            4,
            "U0DANA",
        )
        assert entry.custody.wanted == ("b" * 64, "a" * 64)
        assert entry.custody.window == tuple(moment.isoformat() for moment in WINDOW)
        assert json.loads(entry.custody.query)["keys"] == ["AKIA1"]
        assert json.loads(entry.custody.query)["baseline_days"] == 30
    assert [source.kind for source in by_kind["events"].custody.sources] == ["trail files"]
    assert by_kind["events"].custody.records == len(leaked_key().records)
    assert by_kind["events"].custody.parts_sha256 == by_kind["parts"].sha256
    assert found.manifest == vault.head()


def test_the_parts_are_listed_in_order_whatever_the_order_they_were_read_in(
    kept: tuple[Vault, Kept],
) -> None:
    vault, found = kept
    listed = next(file.stored for file in found.beside if file.stored.kind == "parts")
    assert [json.loads(line) for line in vault.read(listed).splitlines()] == [
        {"part": "a.json.gz etag-1", "records": 0, "size": 0},
        {"part": "b.json.gz etag-2", "records": 7, "size": 900},
    ]


def test_the_records_are_kept_as_received(kept: tuple[Vault, Kept]) -> None:
    vault, found = kept
    events = next(file for file in found.beside if file.stored.kind == "events")
    received = vault.as_received(events.stored)
    assert all(json.dumps(record).encode() in received for record in leaked_key().records)
    assert events.name == f"inc-0001-{BUCKET}-events-0001.json"


def test_the_ledger_vouches_for_the_vault(kept: tuple[Vault, Kept], desk: Desk) -> None:
    vault, found = kept
    incident = desk.open()
    with desk.database.begin() as tx:
        run = evidence.start_run(tx, incident.id, None, {})
        publish(tx, incident.id, None, run.id, ask(leaked_key()), found)
        (told,) = [entry for entry in ledger.entries(tx) if entry.action == "evidence.done"]
        rows = evidence.artefacts(tx, incident.id)
    assert sorted(told.detail["sha256"]) == sorted(row.sha256 for row in rows)
    head = vault.head()
    assert head is not None
    assert told.detail["manifest"] == {"where": str(vault.root), "seq": 3, "hash": head.hash}
    assert [row.kind for row in rows] == ["investigation", "events", "parts"]
