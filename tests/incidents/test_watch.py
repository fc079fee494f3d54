from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.incidents import approvals, jobs
from bot.remediation.catalogue import remediation
from bot.store import jobs as queue
from bot.store import plans
from bot.store.tables.plans import PlanRow
from tests.incidents.cloud import DENY_ALL, User
from tests.incidents.doing import ANA, SAM, START, Desk, later


def look(desk: Desk, **at: float) -> None:
    """The watch at this time after the start, if one is due."""
    with later(**at):
        desk.work(frozenset({jobs.PLAN_WATCH}))


def test_a_quiet_credential_is_held_after_the_last_look_and_not_before(both: Desk) -> None:
    plan = both.carried_out()
    for minutes, due in ((1, 5), (5, 30)):
        look(both, minutes=minutes)
        assert both.plan(plan.id).state == "verified"
        with both.database.read() as tx:
            (again,) = queue.open_jobs(tx, jobs.PLAN_WATCH)
            assert again.due_at == START + timedelta(minutes=due)
    look(both, minutes=30)
    assert both.plan(plan.id).state == "held"
    assert both.queued(jobs.PLAN_WATCH) == []
    assert both.said() == []


def test_a_success_after_the_change_is_loud(desk: Desk) -> None:
    plan = desk.carried_out()
    desk.cloud.used("GetBucketPolicy", START + timedelta(seconds=40))
    with later(seconds=60):
        desk.work(frozenset({jobs.PLAN_WATCH}))
        desk.handle(jobs.PLAN_WATCH, plan_id=plan.id)
    assert desk.plan(plan.id).state == "verified"
    (said,) = desk.said()
    assert said.startswith("ATTENTION")
    assert "s3:GetBucketPolicy at 03:00:40 UTC from 203.0.113.66" in said
    look(desk, minutes=10)
    assert ("s3incident", "plan.recovered") in desk.timeline()
    for minutes in (20, 40):
        look(desk, minutes=minutes)
    assert desk.plan(plan.id).state == "held"
    with desk.database.read() as tx:
        execution = plans.execution_of(tx, plan.id)
        assert execution is not None
        assert execution.result["broken"] is None


@pytest.mark.parametrize(
    ("event", "seconds", "more"),
    [
        ("GetBucketPolicy", -5, {}),
        ("GetBucketPolicy", 5, {}),
        ("GetBucketPolicy", 40, {"errorCode": "AccessDenied"}),
        ("GetCallerIdentity", 40, {"eventSource": "sts.amazonaws.com"}),
        ("GetBucketPolicy", 40, {"userIdentity": {"type": "IAMUser", "userName": "maria.ops"}}),
        ("GetBucketPolicy", 40, {"eventTime": "2026-03-01T03:00:40Z", "eventName": None}),
    ],
    ids=["before", "grace", "denied", "proves nothing", "somebody else", "not a record"],
)
def test_what_is_no_renewed_use(desk: Desk, event: str, seconds: int, more: dict[str, object]) -> None:
    desk.carried_out()
    desk.cloud.used(event, START + timedelta(seconds=seconds), **more)
    look(desk, seconds=60)
    assert ("s3incident", "plan.broken") not in desk.timeline()
    assert desk.said() == []


@pytest.mark.parametrize("how", ["detached", "deleted"])
def test_a_change_that_somebody_took_back_is_loud(desk: Desk, how: str) -> None:
    plan = desk.carried_out()
    if how == "detached":
        desk.cloud.users["ci-deploy"].policies.discard(DENY_ALL)
    else:
        del desk.cloud.users["ci-deploy"]
    with later(seconds=60):
        desk.work(frozenset({jobs.PLAN_WATCH}))
    assert desk.plan(plan.id).state == "verified"
    assert "no longer holds" in desk.said()[-1]


def test_a_later_look_finds_what_the_first_could_not_see_yet(desk: Desk) -> None:
    plan = desk.carried_out()
    with later(seconds=60):
        desk.work(frozenset({jobs.PLAN_WATCH}))
    # It comes to event history late: it was before the look that could not see it.
    desk.cloud.used("ListBuckets", START + timedelta(seconds=50))
    look(desk, minutes=7)
    assert desk.plan(plan.id).state == "verified"
    assert "ListBuckets" in desk.said()[-1]
    look(desk, minutes=15)
    assert len(desk.said()) == 1, "the same call was told twice"


def test_the_watch_of_a_quiet_change_ends(desk: Desk) -> None:
    desk.carried_out()
    for hours in range(1, 8):
        look(desk, hours=hours)
    assert desk.queued(jobs.PLAN_WATCH) == []
    assert [kind for _, kind in desk.timeline()].count("plan.held") == 1


def test_an_undone_change_is_not_watched(desk: Desk) -> None:
    plan = desk.carried_out()
    with desk.database.begin() as tx:
        plans.move(tx, plan.id, {"verified"}, "undone")
    with later(seconds=60):
        desk.work(frozenset({jobs.PLAN_WATCH}))
    assert desk.plan(plan.id).state == "undone"
    assert desk.said() == []


def asked_to_undo(desk: Desk, plan_id: str) -> PlanRow:
    with desk.database.begin() as tx:
        assert approvals.request_undo(tx, plan_id, SAM.user_id).kind == "approved"
    desk.handle(jobs.PLAN_UNDO, plan_id=plan_id, requested_by=SAM.user_id)
    back = desk.plans()[-1]
    assert desk.approve(back, ANA).kind == "approved"
    return back


def meanwhile(desk: Desk, operation: str, act: Callable[[], None]) -> None:
    """`act` happens once, in the middle of a look or a run, just before this call."""

    def before(name: str) -> None:
        if name == operation:
            desk.cloud.before = lambda _: None
            act()

    desk.cloud.before = before


def test_an_undo_while_somebody_looks_is_no_alarm(both: Desk) -> None:
    plan = both.carried_out()

    def undone() -> None:
        back = asked_to_undo(both, plan.id)
        both.handle(jobs.PLAN_EXECUTE, plan_id=back.id)

    with later(seconds=60):
        meanwhile(both, "get_user", undone)
        both.work(frozenset({jobs.PLAN_WATCH}))
    assert both.plan(plan.id).state == "undone"
    assert [kind for _, kind in both.timeline() if kind == "plan.broken"] == []
    assert both.said() == []


def test_a_look_in_the_middle_of_an_undo_is_no_alarm_and_is_repeated(desk: Desk) -> None:
    plan = desk.carried_out()
    back = asked_to_undo(desk, plan.id)

    def look() -> None:
        desk.handle(jobs.PLAN_WATCH, plan_id=plan.id)

    with later(seconds=60):
        desk.cloud.after = lambda name: look() if name == "detach_user_policy" else None
        desk.handle(jobs.PLAN_EXECUTE, plan_id=back.id)
        assert desk.plan(plan.id).state == "undone"
        assert [kind for _, kind in desk.timeline() if kind == "plan.broken"] == []
        assert desk.said() == []
        assert len(desk.queued(jobs.PLAN_WATCH)) == 2


def test_a_key_that_was_made_in_between_is_said_and_a_plan_against_it_follows(desk: Desk) -> None:
    plan = desk.carried_out()
    user = desk.cloud.users["ci-deploy"]
    user.keys["AKIAEXAMPLE000000066"] = "Active"
    user.made["AKIAEXAMPLE000000066"] = START + timedelta(seconds=30)
    for seconds in (60, 240):
        look(desk, seconds=seconds)
    assert desk.plan(plan.id).state == "verified"
    (said,) = desk.said()
    assert "a new active access key AKIAEXAMPLE000000066 of ci-deploy" in said
    (order,) = desk.queued(jobs.PLAN_ORDER)
    assert (order["remediation"], order["target"]["access_key_id"]) == ("R1", "AKIAEXAMPLE000000066")
    assert order["requested_by"] == "s3incident"


@pytest.mark.parametrize("gone", [False, True])
def test_what_the_user_left_behind_before_it_was_cut_off_is_found_if_it_is_still_there(
    desk: Desk, gone: bool
) -> None:
    """Between the plan and its approval: too early to be a renewed use, too late for the evidence."""
    plan = desk.propose(desk.open())
    desk.cloud.used(
        "CreateUser",
        START + timedelta(minutes=1),
        eventSource="iam.amazonaws.com",
        requestParameters={"userName": "backdoor"},
    )
    if not gone:
        desk.cloud.users["backdoor"] = User()
    with later(minutes=5):
        desk.approve(plan)
        desk.handle(jobs.PLAN_EXECUTE, plan_id=plan.id)
    look(desk, minutes=6)
    assert [one["target"] for one in desk.queued(jobs.PLAN_ORDER)] == ([] if gone else [{"user": "backdoor"}])
    assert len(desk.said()) == (not gone)


def test_what_aws_says_against_it_is_loud_once_it_has_settled_and_keeps_it_from_being_held(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = desk.carried_out()
    said = ["ATTENTION: its files do not arrive."]
    monkeypatch.setattr(type(remediation("R2")), "trouble", lambda *_: said[0])
    for minutes in (1, 5):
        look(desk, minutes=minutes)
    assert desk.said() == []
    look(desk, minutes=30)
    assert desk.said() == ["ATTENTION: its files do not arrive."]
    assert desk.plan(plan.id).state == "verified"
    said[0] = ""
    for minutes in (60, 90, 120):
        look(desk, minutes=minutes)
    assert desk.plan(plan.id).state == "held"
