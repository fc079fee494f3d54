"""The services over the sandbox's AWS: real calls, real sessions, an attacker's own policy texts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, cast

import pytest

from bot.incidents import approvals, jobs
from bot.store import incidents, plans
from bot.store.database import Database
from bot.store.tables.plans import PlanRow
from tests.aws.account import ACCOUNT, Account, account_of, running
from tests.incidents.cloud import Cloud
from tests.incidents.doing import ANA, DANA, SAM, Desk

BUCKET = "acme-payroll"
KEEP = {
    "Sid": "Keep",
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
    "Action": "s3:GetObject",
    "Resource": f"arn:aws:s3:::{BUCKET}/*",
}
HOSTILE = "<!channel> `*x*` \u202e\x1b[31m\x00\ud800"


def public(sid: str) -> dict[str, Any]:
    return {**KEEP, "Sid": sid, "Principal": "*"}


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


@pytest.fixture
def account() -> Iterator[Account]:
    with running() as made:
        made.user("ci-deploy")
        made.bucket(BUCKET, document(KEEP, public("Opened")))
        yield made


def desk_of(database: Database, account: Account) -> Desk:
    return Desk(database, cast("Cloud", account.access), account.settings)


def wanted(account: Account) -> list[dict[str, Any]]:
    key = account.client("iam").list_access_keys(UserName="ci-deploy")["AccessKeyMetadata"][0]["AccessKeyId"]
    return [
        {"remediation": "R1", "target": {"user": "ci-deploy", "access_key_id": key}},
        {"remediation": "R2", "target": {"user": "ci-deploy"}},
        {"remediation": "R18", "target": {"bucket": BUCKET}},
    ]


def policy(account: Account) -> dict[str, Any]:
    return cast("dict[str, Any]", json.loads(account.client("s3").get_bucket_policy(Bucket=BUCKET)["Policy"]))


def carried_out(desk: Desk, **order: Any) -> PlanRow:
    plan = desk.propose(desk.open() if not desk.plans() else _incident(desk), **order)
    assert desk.approve(plan).kind == "approved"
    desk.handle(jobs.PLAN_EXECUTE, plan_id=plan.id)
    return desk.plan(plan.id)


def _incident(desk: Desk) -> Any:
    with desk.database.read() as tx:
        return incidents.get(tx, 1)


def changes(account: Account) -> list[str]:
    return [
        event.record["eventName"]
        for event in account.fake.events
        if not event.record["readOnly"] and event.record["eventName"] != "AssumeRole"
    ]


@pytest.mark.parametrize("row", [0, 1, 2], ids=["R1", "R2", "R18"])
def test_a_dry_run_goes_the_whole_way_and_changes_nothing(
    sqlite: Database, account: Account, row: int
) -> None:
    desk = desk_of(sqlite, account_of(account.fake, dry_run=True))
    before = changes(account)
    plan = carried_out(desk, **wanted(account)[row])
    assert plan.state == "failed"
    assert "Dry run" in desk.said()[-1]
    assert "S3INCIDENT_DRY_RUN" in desk.said()[-1]
    assert changes(account) == before


@pytest.mark.parametrize("row", [0, 1, 2], ids=["R1", "R2", "R18"])
def test_the_same_plan_runs_and_its_undo_restores_it(sqlite: Database, account: Account, row: int) -> None:
    desk = desk_of(sqlite, account)
    before = policy(account)
    plan = carried_out(desk, **wanted(account)[row])
    assert plan.state == "verified"
    assert undone(desk, plan, SAM.user_id)
    assert desk.plan(plan.id).state == "undone"
    assert policy(account) == before


def undone(desk: Desk, plan: PlanRow, requester: str = DANA.user_id) -> bool:
    with desk.database.begin() as tx:
        asked = approvals.request_undo(tx, plan.id, requester)
    if asked.kind != "approved":
        return False
    desk.handle(jobs.PLAN_UNDO, plan_id=plan.id, requested_by=requester)
    back = desk.plans()[-1]
    if back.undoes != plan.id:
        return False
    assert desk.approve(back, ANA).kind == "approved"
    desk.handle(jobs.PLAN_EXECUTE, plan_id=back.id)
    return desk.plan(back.id).state == "verified"


def test_an_attackers_sid_is_planned_shown_and_removed(database: Database, account: Account) -> None:
    account.client("s3").put_bucket_policy(
        Bucket=BUCKET, Policy=json.dumps(document(KEEP, public(HOSTILE), public("x" * 5000)))
    )
    desk = desk_of(database, account)
    plan = carried_out(desk, remediation="R18", target={"bucket": BUCKET})
    assert plan.state == "verified"
    assert policy(account) == document(KEEP)


def test_an_older_change_is_undone_after_the_newer_one(sqlite: Database, account: Account) -> None:
    """The attacker opened the bucket again, and was stopped again: both changes left the same policy."""
    desk = desk_of(sqlite, account)
    first = carried_out(desk, remediation="R18", target={"bucket": BUCKET})
    again = document(KEEP, public("Again"))
    account.client("s3").put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(again))
    second = carried_out(desk, remediation="R18", target={"bucket": BUCKET}, replaces=first.id)
    assert second.state == "verified"

    with desk.database.begin() as tx:
        refused = approvals.request_undo(tx, first.id, SAM.user_id)
    assert refused.kind == "too_late"
    assert "plan 2" in refused.sentence.lower()
    desk.handle(jobs.PLAN_UNDO, plan_id=first.id, requested_by=SAM.user_id)
    with desk.database.read() as tx:
        assert plans.undo_of(tx, first.id) == []

    assert undone(desk, second)
    assert policy(account) == again


def test_an_undo_of_what_somebody_changed_since_is_refused(sqlite: Database, account: Account) -> None:
    desk = desk_of(sqlite, account)
    plan = carried_out(desk, remediation="R18", target={"bucket": BUCKET})
    account.client("s3").put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(document({**KEEP, "Sid": "New"})))
    assert not undone(desk, plan)
    assert policy(account) == document({**KEEP, "Sid": "New"})
