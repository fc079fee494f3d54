"""`kill -9` while the evidence's pictures and list are made, and while they are being posted: each is in the
thread once, and in the database once."""

from __future__ import annotations

from collections import Counter

import pytest

from bot.incidents import jobs
from bot.sandbox.sandbox import Sandbox
from bot.store import evidence, ledger, outbox
from bot.store import jobs as queue
from bot.store.database import Database
from tests.e2e.bot_process import BotProcess
from tests.e2e.steps import opened, until

pytestmark = [pytest.mark.proof, pytest.mark.timeout(300)]

FILES = 3  # the timeline, the lineage, the list of events


def test_killed_while_it_draws_and_while_it_posts_each_file_is_there_once(
    sandbox: Sandbox, bot: BotProcess, database: Database
) -> None:
    sam = sandbox.slack.person("sam")
    channel = opened(sandbox)
    until(lambda: _at_work(database), "the job that draws", 90)
    bot.kill()
    assert _shown(database) == Counter()
    bot.start()
    until(lambda: len(_shown(database)) == FILES, "the files' rows", 120)
    bot.kill()
    bot.start()
    until(lambda: _all_sent(database), "the files in the thread", 120)
    shown = _shown(database)
    assert shown == Counter(list(shown))
    posted = Counter(
        sandbox.slack.workspace.files[file].name for message in sam.see(channel) for file in message.files
    )
    assert {name: posted[name] for name in shown} == dict.fromkeys(shown, 1), posted
    with database.read() as tx:
        assert ledger.first_broken(tx) is None


def _at_work(database: Database) -> bool:
    with database.read() as tx:
        return any(job.lease_until for job in queue.open_jobs(tx, jobs.EVIDENCE_SHOW))


def _shown(database: Database) -> Counter[str]:
    with database.read() as tx:
        return Counter(row.name for row in evidence.artefacts(tx, 1) if row.kind in ("picture", "list"))


def _all_sent(database: Database) -> bool:
    with database.read() as tx:
        found = [outbox.find(tx, f"evidence:1:file:{name}") for name in ("timeline", "lineage", "events")]
    return all(one is not None and one.state != "pending" for one in found)
