"""Changes of very many objects through the services: lists in the vault, progress, kills, watch, undo."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from bot.incidents import custody, jobs
from bot.incidents.journal import StoredJournal
from bot.incidents.vaults import vault_of
from bot.remediation.sweep import running as sweep_running
from bot.remediation.sweep.progress import Progress
from bot.slack.cards import plan_progress
from bot.store import evidence, incidents, outbox, plans
from bot.store.database import Database
from bot.store.tables.plans import PlanRow
from tests.aws.account import Account, account_of, running
from tests.incidents.cloud import Cloud, Killed
from tests.incidents.doing import ANA, SAM, Desk
from tests.remediation.rows.cases_sweep import T0
from tests.remediation.rows.test_object_acls import readers, shared
from tests.remediation.sweep.buckets import history, wiped

KEYS = 7


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with running() as made:
        yield made


@pytest.fixture
def desk(sqlite: Database, account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(sweep_running, "BATCH", 3)
    made = account_of(account.fake, vault_dir=tmp_path / "vault")
    return Desk(sqlite, cast("Cloud", made.access), made.settings)


def approved(desk: Desk, **order: Any) -> PlanRow:
    plan = desk.propose(desk.open(), **order)
    for person in (SAM, ANA)[: plan.required_approvals]:
        desk.approve(plan, person)
    return plan


def restore(bucket: str) -> dict[str, Any]:
    return {"remediation": "R44", "target": {"bucket": bucket, "before": T0}}


def test_the_list_is_evidence_and_below_the_card(desk: Desk, account: Account) -> None:
    plan = desk.propose(desk.open(), **restore(wiped(account, KEYS)))
    each = plan.body["calls"][0]["each"]
    assert each["items"] == KEYS
    with desk.database.read() as tx:
        (row,) = evidence.artefacts(tx, plan.incident_id)
        assert (row.sha256, row.kind) == (each["sha256"], "objects")
        sent = next(one for one in outbox.pending(tx) if one.card == "file")
        assert sent.args["artefact_id"] == row.id
        vault = vault_of(desk.settings, cast("Any", desk.cloud))
        incident = incidents.get(tx, plan.incident_id)
        assert incident is not None
        assert custody.verify(tx, vault, incident, print).whole
    lines = vault.as_received(custody.stored(row)).decode().splitlines()
    assert len(lines) == KEYS
    assert '"Key":"data/0000"' in lines[0]


def test_a_killed_worker_goes_on_from_the_last_batch(
    desk: Desk, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = wiped(account, KEYS)
    before, plan = history(account, bucket), approved(desk, **restore(bucket))
    kept: list[int] = []
    checkpoint = StoredJournal.checkpoint

    def dying(self: StoredJournal, position: int, progress: Progress) -> None:
        if len(kept) == 2:
            raise Killed
        checkpoint(self, position, progress)
        kept.append(progress.walked)

    with monkeypatch.context() as patch:
        patch.setattr(StoredJournal, "checkpoint", dying)
        with pytest.raises(Killed):
            desk.handle(jobs.PLAN_EXECUTE, plan_id=plan.id)
    assert kept == [0, 3]
    with desk.database.read() as tx:
        assert "3 of 7 objects" in plan_progress.sentence(tx, desk.plan(plan.id))

    desk.handle(jobs.PLAN_EXECUTE, plan_id=plan.id)
    assert desk.plan(plan.id).state == "verified"
    after = history(account, bucket)
    assert {len(after[key]) - len(before[key]) for key in before} == {1}
    with desk.database.read() as tx:
        execution = plans.execution_of(tx, plan.id)
        assert execution is not None
        (entry,) = plans.journal(tx, execution.id)
        assert entry.progress is not None
        # The second batch was copied and not yet noted: it was found so, and not copied again.
        counts = {name: entry.progress[name] for name in ("walked", "done", "already", "failed")}
        assert counts == {"walked": 7, "done": 4, "already": 3, "failed": 0}
        assert "7 objects done and read back" in execution.result["sentence"]


def test_object_acls_are_watched_and_put_back(desk: Desk, account: Account) -> None:
    bucket = shared(account, "acme-acls-desk")
    plan = approved(desk, remediation="R22", target={"bucket": bucket})
    assert plan.required_approvals == 2
    desk.handle(jobs.PLAN_EXECUTE, plan_id=plan.id)
    assert readers(account, bucket) == [1] * 6

    desk.handle(jobs.PLAN_WATCH, plan_id=plan.id)
    with desk.database.read() as tx:
        execution = plans.execution_of(tx, plan.id)
        assert execution is not None
        assert not execution.result.get("broken")
    account.client("s3").put_object_acl(Bucket=bucket, Key="k1", ACL="public-read")
    desk.handle(jobs.PLAN_WATCH, plan_id=plan.id, looks=1)
    with desk.database.read() as tx:
        execution = plans.execution_of(tx, plan.id)
        assert execution is not None
        assert execution.result.get("broken")

    desk.handle(jobs.PLAN_UNDO, plan_id=plan.id, requested_by="U0DANA")
    undo = desk.plans()[-1]
    assert undo.undoes == plan.id
    for person in (SAM, ANA):
        desk.approve(undo, person)
    desk.handle(jobs.PLAN_EXECUTE, plan_id=undo.id)
    assert (desk.plan(undo.id).state, desk.plan(plan.id).state) == ("verified", "undone")
    assert readers(account, bucket) == [2] * 6
