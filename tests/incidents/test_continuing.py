"""A change of two calls that halts after the first, on an account that refuses: going on, and going back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from bot.incidents import approvals, halting_sentences, jobs, sentences
from bot.incidents.approvals import Decision
from bot.incidents.continuing import go_on
from bot.incidents.people import Person
from bot.store import ledger, plans
from bot.store.database import Database
from bot.store.tables.plans import PlanRow
from tests.aws.account import REMEDIATION_ROLE, Account, policy_text, running
from tests.incidents.doing import ANA, DANA, SAM, START, Desk, later

BUCKET, LOGS = "acme-ledgers", "acme-ledger-logs"
GUEST = replace(SAM, user_id="U0GIL", guest=True)


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with running(approval_minutes=60) as made:
        for name in (BUCKET, LOGS):
            made.client("s3").create_bucket(Bucket=name)
        yield made


def allow(account: Account, *actions: str) -> None:
    role = REMEDIATION_ROLE.rpartition("/")[2]
    text = policy_text(list(actions))
    account.client("iam").put_role_policy(RoleName=role, PolicyName="work", PolicyDocument=text)


@pytest.fixture
def desk(account: Account, sqlite: Database, three_in_the_morning: None) -> Iterator[Desk]:
    """Time goes on for AWS: its signatures have times."""
    allow(account, "s3:Get*", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy")
    yield Desk(sqlite, cast("Any", account.access), account.settings)
    allow(account, "s3:*")
    account.client("s3").put_bucket_logging(Bucket=BUCKET, BucketLoggingStatus={})
    account.client("s3").delete_bucket_policy(Bucket=LOGS)


@pytest.fixture
def halted(desk: Desk) -> PlanRow:
    """Its first call, the log bucket's policy, is made; the second, the logging itself, is refused."""
    plan = desk.propose(desk.open(), remediation="R34", target={"bucket": BUCKET, "log_bucket": LOGS})
    assert desk.approve(plan).kind == "approved"
    desk.work(frozenset({jobs.PLAN_EXECUTE}))
    return desk.plan(plan.id)


def proceed(desk: Desk, plan: PlanRow, person: Person = DANA, digest: str | None = None) -> Decision:
    with desk.database.begin() as tx:
        return go_on(tx, plan.id, person, digest or plan.digest)


def run(desk: Desk) -> None:
    desk.work(frozenset({jobs.PLAN_EXECUTE, jobs.PLAN_UNDO}))


def logging_of(account: Account) -> bool:
    return "LoggingEnabled" in account.client("s3").get_bucket_logging(Bucket=BUCKET)


def policy_of(account: Account) -> bool:
    s3 = account.client("s3")
    try:
        return bool(s3.get_bucket_policy(Bucket=LOGS))
    except s3.exceptions.from_code("NoSuchBucketPolicy"):
        return False


def test_it_says_which_calls_ran_and_which_did_not(desk: Desk, account: Account, halted: PlanRow) -> None:
    assert halted.state == "halted"
    assert "Took effect: s3:put_bucket_policy. Did not run: s3:put_bucket_logging." in desk.said()[-1]
    assert (policy_of(account), logging_of(account)) == (True, False)


def test_it_goes_on_under_the_same_approval(desk: Desk, account: Account, halted: PlanRow) -> None:
    allow(account, "s3:*")
    assert proceed(desk, halted).kind == "approved"
    assert proceed(desk, halted).kind == "too_late"
    run(desk)
    assert desk.plan(halted.id).state == "verified"
    assert logging_of(account)
    with desk.database.read() as tx:
        execution = plans.execution_of(tx, halted.id)
        assert execution is not None
        assert [(one.state, one.attempts) for one in plans.journal(tx, execution.id)] == [
            ("done", 1),
            ("done", 2),
        ]
        assert [one.actor for one in ledger.entries(tx) if one.action == "plan.continued"] == [DANA.user_id]
        assert ledger.first_broken(tx) is None
    # And back as a whole.
    with desk.database.begin() as tx:
        approvals.request_undo(tx, halted.id, DANA.user_id)
    run(desk)
    desk.approve(desk.plans()[-1])
    run(desk)
    assert (policy_of(account), logging_of(account)) == (False, False)


def test_what_ran_can_be_taken_back_as_a_plan_of_its_own(
    desk: Desk, account: Account, halted: PlanRow
) -> None:
    with desk.database.begin() as tx:
        assert approvals.request_undo(tx, halted.id, DANA.user_id).kind == "approved"
    run(desk)
    undo = desk.plans()[-1]
    assert [call["operation"] for call in undo.body["calls"]] == ["delete_bucket_policy"]
    assert proceed(desk, halted).sentence == sentences.UNDO_UNDER_WAY
    assert desk.approve(undo, DANA).kind == "refused"
    assert desk.approve(undo, SAM).kind == "approved"
    run(desk)
    assert [one.state for one in desk.plans()] == ["undone", "verified"]
    assert not policy_of(account)
    assert proceed(desk, halted).sentence == halting_sentences.NOT_HALTED


def test_it_does_not_go_on_from_a_state_that_somebody_else_made(
    desk: Desk, account: Account, halted: PlanRow
) -> None:
    account.client("s3").delete_bucket_policy(Bucket=LOGS)
    allow(account, "s3:*")
    assert proceed(desk, halted).kind == "approved"
    run(desk)
    assert desk.plan(halted.id).state == "stopped"
    assert not logging_of(account)


def test_after_the_approval_has_expired_people_are_asked_again(
    desk: Desk, account: Account, halted: PlanRow
) -> None:
    allow(account, "s3:*")
    with later(hours=2):
        assert proceed(desk, halted).sentence == halting_sentences.asked_for_the_rest(
            halted.body["title"], 1, 2
        )
        asked = desk.plan(halted.id)
        assert (asked.state, asked.expires_at) == ("proposed", START + timedelta(hours=3))
        run(desk)
        assert not logging_of(account)
        assert desk.approve(asked, DANA).kind == "refused"
        assert desk.approve(asked, SAM).kind == "approved"
        run(desk)
        assert desk.plan(halted.id).state == "verified"
        assert logging_of(account)


@pytest.mark.parametrize("answer", ["no", "none"])
def test_without_a_new_approval_what_ran_stays_undoable(desk: Desk, halted: PlanRow, answer: str) -> None:
    with later(hours=2):
        proceed(desk, halted)
        if answer == "no":
            assert desk.reject(desk.plan(halted.id)).kind == "rejected"
    with later(hours=4):
        desk.work(frozenset({jobs.PLAN_EXPIRE}))
        assert desk.plan(halted.id).state == "halted"
        with desk.database.begin() as tx:
            assert approvals.request_undo(tx, halted.id, DANA.user_id).kind == "approved"


def test_who_may_not_let_it_go_on(desk: Desk, halted: PlanRow) -> None:
    assert proceed(desk, halted, GUEST).sentence == sentences.IS_A_GUEST
    assert proceed(desk, halted, replace(ANA, stranger=True)).sentence == sentences.IS_A_STRANGER
    assert proceed(desk, halted, digest="f" * 64).sentence == sentences.OTHER_VERSION
    assert desk.plan(halted.id).state == "halted"
    with desk.database.begin() as tx:
        assert go_on(tx, "gone", DANA, "f" * 64).sentence == sentences.NO_SUCH_PLAN
