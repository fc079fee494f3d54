"""What goes first, forward and back."""

from __future__ import annotations

from typing import Any

import pytest

from bot.incidents import jobs
from bot.incidents.ordering import changed_by, must_wait_for, newest_on_top, overlap
from bot.incidents.plan_states import PlanState
from bot.remediation.plan import state_hash
from bot.store import jobs as queue
from bot.store import plans
from bot.store.tables.plans import PlanRow
from bot.store.types import utcnow
from tests.incidents.cloud import ACCOUNT
from tests.incidents.doing import SAM, Desk, later

_CALLS: dict[str, tuple[str, str, dict[str, str]]] = {
    "R2": ("user", "iam:attach_user_policy", {"UserName": "ci-deploy"}),
    "R1": ("access_key", "iam:update_access_key", {"UserName": "ci-deploy", "AccessKeyId": "AKIA1"}),
    "R5": ("role", "iam:put_role_policy", {"RoleName": "deployer"}),
    "R18": ("bucket", "s3:put_bucket_policy", {"Bucket": "payroll"}),
    "R21": ("bucket", "s3:put_bucket_acl", {"Bucket": "payroll"}),
    "R19": ("bucket", "s3:put_public_access_block", {"Bucket": "payroll"}),
    "R20": ("account", "s3control:put_public_access_block", {"AccountId": ACCOUNT}),
    "R33": ("bucket", "s3:put_bucket_versioning", {"Bucket": "payroll"}),
}


def put(desk: Desk, row: str, state: str = "approved", **named: str) -> PlanRow:
    """A plan of that row, as far as its order depends on it."""
    kind, call, params = _CALLS[row]
    service, operation = call.split(":")
    params = params | named
    body: dict[str, Any] = {
        "title": f"{row} on {params}",
        "target": {"kind": kind, "id": f"arn:{kind}:{sorted(params.items())}", "params": {}},
        "calls": [{"service": service, "operation": operation, "params": params}],
    }
    with desk.database.begin() as tx:
        number = plans.next_number(tx, 1)
        return plans.insert(
            tx,
            PlanRow(
                id=f"plan-{number}",
                incident_id=1,
                number=number,
                remediation=row,
                account_id=ACCOUNT,
                region="us-east-1",
                target=params,
                body=body,
                digest=state_hash(body),
                base_hash="",
                state=state,
                requested_by="U0DANA",
                required_approvals=1,
                created_at=utcnow(),
                expires_at=utcnow(),
            ),
        )


@pytest.fixture
def opened(desk: Desk) -> Desk:
    desk.open()
    return desk


def waits_for(desk: Desk, plan: PlanRow) -> str | None:
    with desk.database.read() as tx:
        found = must_wait_for(tx, plan)
    return found.remediation if found else None


@pytest.mark.parametrize(
    ("first", "then"),
    [("R2", "R1"), ("R2", "R5"), ("R1", "R5"), ("R21", "R19"), ("R21", "R20"), ("R19", "R20")],
)
def test_the_order_traps(opened: Desk, first: str, then: str) -> None:
    """Whatever the order in which they were proposed and approved."""
    later_one = put(opened, then)
    earlier = put(opened, first)
    assert waits_for(opened, later_one) == first
    assert waits_for(opened, earlier) is None
    for state in ("running", "verified"):
        with opened.database.begin() as tx:
            plans.move(tx, earlier.id, {"approved", "running"}, state)
        assert waits_for(opened, later_one) == (first if state == "running" else None)


@pytest.mark.parametrize("state", sorted(set(PlanState) - {PlanState.APPROVED, PlanState.RUNNING}))
def test_nothing_waits_for_what_will_not_run_by_itself(opened: Desk, state: str) -> None:
    put(opened, "R2", state)
    assert waits_for(opened, put(opened, "R1")) is None


def test_the_acl_of_another_bucket_is_not_waited_for(opened: Desk) -> None:
    put(opened, "R21", Bucket="other")
    assert waits_for(opened, put(opened, "R19")) is None
    assert waits_for(opened, put(opened, "R20")) == "R21"


def test_a_batch_runs_in_the_order_in_which_it_was_listed(opened: Desk) -> None:
    second, first = put(opened, "R18"), put(opened, "R33")
    with opened.database.begin() as tx:
        for position, plan in enumerate((first, second)):
            plans.move(tx, plan.id, {"approved"}, "approved", batch_id="b1", batch_position=position)
    with opened.database.read() as tx:
        again = plans.get(tx, second.id)
    assert again is not None
    assert waits_for(opened, again) == "R33"


def test_an_approved_plan_waits_says_so_once_and_then_runs(desk: Desk) -> None:
    incident = desk.open()
    key = {"user": "ci-deploy", "access_key_id": "AKIAEXAMPLE000000001"}
    off = desk.propose(incident, remediation="R1", target=key)
    deny = desk.propose(incident)
    desk.approve(off)
    with desk.database.begin() as tx:
        plans.move(tx, deny.id, {"proposed"}, "running")
    for seconds in range(4):
        with later(seconds=seconds):
            desk.work(frozenset({jobs.PLAN_EXECUTE}))
    assert (desk.plan(off.id).state, desk.cloud.changes) == ("approved", [])
    assert [kind for _, kind in desk.timeline()].count("plan.waits") == 1
    with desk.database.begin() as tx:
        plans.move(tx, deny.id, {"running"}, "failed")
    with later(seconds=5):
        desk.work(frozenset({jobs.PLAN_EXECUTE}))
    assert desk.plan(off.id).state == "verified"


def test_a_job_run_again_after_a_crash_waits_no_second_time(desk: Desk) -> None:
    incident = desk.open()
    deny = desk.propose(incident)
    desk.approve(deny)
    key = {"user": "ci-deploy", "access_key_id": "AKIAEXAMPLE000000001"}
    off = desk.propose(incident, remediation="R1", target=key)
    desk.approve(off, SAM)
    for _ in range(3):
        desk.handle(jobs.PLAN_EXECUTE, plan_id=off.id)
    with desk.database.read() as tx:
        waiting = [one for one in queue.open_jobs(tx, jobs.PLAN_EXECUTE) if one.payload.get("waits")]
    assert len(waiting) == 1


@pytest.mark.parametrize(
    ("below", "above", "named", "blocks"),
    [
        ("R18", "R19", {}, True),
        ("R18", "R20", {}, True),
        ("R20", "R18", {}, True),
        ("R21", "R33", {}, True),
        ("R33", "R20", {}, False),
        ("R18", "R19", {"Bucket": "other"}, False),
        ("R2", "R1", {}, True),
        ("R1", "R2", {"UserName": "maria.ops"}, False),
        ("R5", "R5", {}, True),
        ("R2", "R5", {}, False),
    ],
)
def test_undo_is_last_in_first_out_on_the_same_thing(
    opened: Desk, below: str, above: str, named: dict[str, str], blocks: bool
) -> None:
    lower, upper = put(opened, below, "held"), put(opened, above, "verified", **named)
    with opened.database.read() as tx:
        found = newest_on_top(tx, lower)
        assert newest_on_top(tx, upper) is None
    assert (found.id if found else None) == (upper.id if blocks else None)
    assert overlap(changed_by(lower), changed_by(upper)) == blocks


@pytest.mark.parametrize("state", ["undone", "failed", "stale", "proposed"])
def test_what_is_not_in_force_is_not_in_the_way_of_an_undo(opened: Desk, state: str) -> None:
    lower = put(opened, "R18", "held")
    put(opened, "R19", state)
    with opened.database.read() as tx:
        assert newest_on_top(tx, lower) is None
