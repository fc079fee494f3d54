from __future__ import annotations

from dataclasses import replace

from bot.incidents import approvals, jobs
from bot.incidents.approvals import request_undo
from bot.incidents.break_glass import break_glass
from bot.reports.data import Change
from bot.reports.render import render
from bot.store import plans
from bot.store.types import JsonObject
from tests.incidents.doing import DANA, SAM, later
from tests.reports.case import Case


def carry_out(case: Case) -> str:
    """A change that was proposed, approved and verified; its plan's id."""
    row = case.desk.propose(case.incident)
    case.desk.approve(row)
    case.desk.handle(jobs.PLAN_EXECUTE, plan_id=row.id)
    return row.id


def store(case: Case, plan_id: str, body: JsonObject) -> None:
    with case.desk.database.begin() as tx:
        row = plans.get(tx, plan_id)
        assert row is not None
        row.body = body


def only(case: Case) -> Change:
    (change,) = case.gather().changes
    return change


def test_a_change_is_told_from_request_to_verification(both: Case) -> None:
    row = both.desk.plan(carry_out(both))
    change = only(both)
    assert (change.state, change.requested_by) == ("verified", DANA.user_id)
    assert [(yes.user_id, yes.matches) for yes in change.approvals] == [(SAM.user_id, True)]
    assert (change.digest, change.digest_holds) == (row.digest, True)
    assert [(call.operation, call.state, call.request_id) for call in change.calls] == [
        ("iam:attach_user_policy", "done", "request-1")
    ]
    assert '-  "DenyAllAttached": false' in "\n".join(change.diff)
    assert change.run is not None
    assert change.run.source_identity == f"slack-{SAM.user_id}"
    assert change.undo.startswith("Ready: 1 call ")
    shown = both.page().text
    for said in (
        row.digest,
        "request-1",
        "inc-0001.p1",
        "U0SAM",
        '"PolicyArn": "arn:aws:iam::aws:policy/AWSDenyAll"',
    ):
        assert said in shown


def test_a_change_that_holds_says_what_was_seen_later(case: Case) -> None:
    plan_id = carry_out(case)
    for minutes in (5, 10, 35):
        with later(minutes=minutes):
            case.desk.handle(jobs.PLAN_WATCH, plan_id=plan_id)
    change = only(case)
    assert change.state == "held"
    assert change.verification[-1].startswith("Plan 1 holds")
    assert change.verification[-1] in case.page().text


def test_a_change_that_does_not_hold_is_an_open_risk(case: Case) -> None:
    plan_id = carry_out(case)
    case.desk.cloud.users["ci-deploy"].policies.clear()
    with later(minutes=5):
        case.desk.handle(jobs.PLAN_WATCH, plan_id=plan_id)
    told = [risk.what for risk in case.gather().risks]
    assert any(what.startswith("ATTENTION: plan 1 no longer holds") for what in told)


def test_a_rejected_plan_is_told_with_its_reason(case: Case) -> None:
    case.desk.reject(case.desk.propose(case.incident), reason="Wrong user, ask Maria.")
    change = only(case)
    assert (change.state, change.decided_by, change.run) == ("rejected", SAM.user_id, None)
    assert [call.state for call in change.calls] == ["not made"]
    assert "Wrong user, ask Maria." in case.page().text


def test_an_expired_plan_is_told(case: Case) -> None:
    row = case.desk.propose(case.incident)
    with later(minutes=61), case.desk.database.begin() as tx:
        assert approvals.expire(tx, row.id)
    change = only(case)
    assert (change.state, change.approvals) == ("expired", ())
    assert "paused, not refused" in change.because


def test_an_undo_points_both_ways(case: Case) -> None:
    plan_id = carry_out(case)
    with case.desk.database.begin() as tx:
        request_undo(tx, plan_id, DANA.user_id)
    case.desk.work(frozenset({jobs.PLAN_UNDO}))
    undo = case.desk.plans()[1]
    case.desk.approve(undo)
    case.desk.work(frozenset({jobs.PLAN_EXECUTE}))
    first, second = case.gather().changes
    assert (first.state, first.undone_by, first.undo) == ("undone", (2,), "Done by plan 2.")
    assert (second.undoes, second.undo) == (1, "This is itself an undo.")


def test_a_plan_that_was_altered_in_the_database_is_named(case: Case) -> None:
    row = case.desk.propose(case.incident)
    calls = [{**call, "operation": "delete_user"} for call in row.body["calls"]]
    store(case, row.id, {**row.body, "calls": calls})
    assert not only(case).digest_holds
    assert "The stored plan has another digest." in case.page().text


def test_a_plan_that_cannot_be_read_does_not_stop_the_report(case: Case) -> None:
    plan_id = carry_out(case)
    store(case, plan_id, {"title": "half of a plan"})
    change = only(case)
    assert (change.plan, change.digest_holds) == (None, False)
    assert [call.request_id for call in change.calls] == ["request-1"], "the journal still tells"
    assert "The stored plan cannot be read" in case.page().text


def test_approving_alone_stands_in_the_report_and_is_to_be_looked_at(case: Case) -> None:
    row = case.desk.propose(case.incident, policy={"break_glass": ["approvers"]})
    dana = replace(DANA, may_break_glass=True)
    with case.desk.database.begin() as tx:
        break_glass(tx, row.id, dana, row.digest, "Nobody answers, and data <b>leaves</b>.")
    report = case.gather()
    [change] = report.changes
    assert [yes.break_glass for yes in change.approvals] == ["Nobody answers, and data <b>leaves</b>."]
    assert any("approved by U0DANA alone" in risk.what for risk in report.risks)
    html = render(report)
    assert "break-glass: alone" in html
    assert "<b>leaves</b>" not in html
