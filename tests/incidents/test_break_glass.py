"""Approving alone: the requester, with a reason, where the policy lets them; told to all; never twice."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from bot.incidents import jobs, policies, sentences
from bot.incidents.approvals import Decision
from bot.incidents.break_glass import break_glass
from bot.incidents.people import Person
from bot.store import incidents, ledger, plans
from bot.store.tables.plans import PlanRow
from tests.incidents.doing import ANA, DANA, SAM, Desk

REASON = "Nobody answers, and payroll data is being copied out."
ALONE = {"break_glass": ["approvers"]}
DANA_MAY = replace(DANA, may_break_glass=True)


def smash(desk: Desk, plan: PlanRow, person: Person = DANA_MAY, reason: str = REASON) -> Decision:
    with desk.database.begin() as tx:
        return break_glass(tx, plan.id, person, plan.digest, reason)


def propose(desk: Desk, **more: Any) -> PlanRow:
    return desk.propose(desk.open(), **{"policy": ALONE} | more)


def carry_out(desk: Desk, plan: PlanRow) -> str:
    desk.handle(jobs.PLAN_EXECUTE, plan_id=plan.id)
    return desk.plan(plan.id).state


def test_the_requester_alone_carries_it_out_and_everybody_hears_of_it(both: Desk) -> None:
    plan = propose(both)
    assert smash(both, plan).kind == "approved"
    assert carry_out(both, plan) == "verified"
    [announcement] = both.queued(jobs.APPROVAL_ANNOUNCE)
    assert (announcement["plan_id"], announcement["user_id"]) == (plan.id, DANA.user_id)
    with both.database.read() as tx:
        [entry] = [one for one in ledger.entries(tx) if one.action == "plan.break_glass"]
        [yes] = plans.approvals(tx, plan.id)
        told = [one.text for one in incidents.timeline(tx, 1) if one.kind == "plan.break_glass"]
        assert ledger.first_broken(tx) is None
    assert (entry.actor, entry.detail["digest"], entry.detail["reason"]) == ("U0DANA", plan.digest, REASON)
    assert yes.break_glass == REASON
    assert told[0].startswith("BREAK-GLASS: plan 1 approved alone")
    assert REASON in told[0]


def test_it_counts_as_one_person(desk: Desk) -> None:
    plan = propose(desk, required=2)
    decision = smash(desk, plan)
    assert (decision.kind, desk.plan(plan.id).state) == ("counted", "proposed")
    assert smash(desk, plan).sentence == sentences.counted_before(str(plan.body["title"]), 1, 2)
    assert desk.approve(plan, SAM).kind == "approved"
    assert carry_out(desk, plan) == "verified"


@pytest.mark.parametrize(
    ("person", "policy", "reason", "said"),
    [
        (DANA_MAY, {}, REASON, sentences.GLASS_STAYS_WHOLE),
        (DANA, ALONE, REASON, sentences.GLASS_NOT_YOURS),
        (replace(SAM, may_break_glass=True), ALONE, REASON, sentences.GLASS_IS_THE_REQUESTERS),
        (replace(DANA_MAY, guest=True), ALONE, REASON, sentences.IS_A_GUEST),
        (replace(DANA_MAY, stranger=True), ALONE, REASON, sentences.IS_A_STRANGER),
        (replace(DANA_MAY, active=False), ALONE, REASON, sentences.DEACTIVATED),
        (replace(DANA_MAY, bot=True), ALONE, REASON, sentences.IS_A_BOT),
        (DANA_MAY, ALONE, " urgent        ", sentences.GLASS_REASON_NEEDED),
    ],
)
def test_who_may_not(desk: Desk, person: Person, policy: dict[str, Any], reason: str, said: str) -> None:
    plan = propose(desk, policy=policy)
    decision = smash(desk, plan, person, reason)
    assert (decision.kind, decision.sentence) == ("refused", said)
    assert desk.plan(plan.id).state == "proposed"
    assert desk.queued(jobs.PLAN_EXECUTE) == desk.queued(jobs.APPROVAL_ANNOUNCE) == []


def test_the_usual_button_tells_the_requester_of_the_way(desk: Desk) -> None:
    plan = propose(desk)
    assert desk.approve(plan, DANA).sentence == f"{sentences.IS_THE_REQUESTER} {sentences.OR_BREAK_GLASS}"


@pytest.mark.parametrize("forged", ["row alone", "without reason", "other digest", "policy taken away"])
def test_a_break_glass_that_was_not_recorded_carries_nothing_out(desk: Desk, forged: str) -> None:
    plan = propose(desk)
    if forged == "policy taken away":
        smash(desk, plan)
    with desk.database.begin() as tx:
        row = plans.get(tx, plan.id)
        assert row is not None
        if forged == "policy taken away":
            row.policy = {}
        else:
            reason = None if forged == "without reason" else REASON
            digest = "0" * 64 if forged == "other digest" else plan.digest
            plans.add_approval(tx, plan.id, DANA.user_id, digest, reason)
            row.state = "approved"
    assert carry_out(desk, plan) not in ("verified", "held")
    assert desk.cloud.users["ci-deploy"].policies == set()


def test_a_row_cannot_ask_for_less_than_the_catalogue(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = propose(desk)
    monkeypatch.setattr(policies, "listing", lambda: (SimpleNamespace(row="R2", approvals=2),))
    assert desk.plan(plan.id).required_approvals == 1
    assert desk.approve(plan, SAM).kind == "counted"
    assert desk.approve(plan, ANA).kind == "approved"


def test_a_lowered_row_runs_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = propose(desk)
    assert desk.approve(plan, SAM).kind == "approved"
    monkeypatch.setattr(policies, "listing", lambda: (SimpleNamespace(row="R2", approvals=2),))
    assert carry_out(desk, plan) not in ("verified", "held")
    assert desk.cloud.users["ci-deploy"].policies == set()
