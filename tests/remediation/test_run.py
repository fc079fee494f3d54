"""Carrying out a plan against the fake AWS: staleness, refusals, silence, a crash at every point."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from bot.aws.errors import AwsRefused, AwsUnavailable
from bot.aws.gateway import Answer, Gateway
from bot.remediation.catalogue import remediation
from bot.remediation.errors import SplitStep
from bot.remediation.plan import Permission, Plan
from bot.remediation.run import RunResult, run
from tests.aws.account import ACCOUNT, Account
from tests.remediation.doing import MemoryJournal, carry_out, no_sleep, plan_for, step
from tests.remediation.killing import POINTS, Between, Killed, MortalJournal

_NUMBERS = iter(range(1, 1000))


@pytest.fixture
def plan(account: Account) -> Plan:
    user = f"ci-{next(_NUMBERS)}"
    account.user(user)
    return plan_for(account, "R2", {"user": user})


def effects(account: Account, plan: Plan) -> int:
    """How often AWS has carried the plan's call out."""
    user = plan.target.params["user"]
    return len(
        [
            record
            for record in account.records("AttachUserPolicy")
            if "errorCode" not in record and record["requestParameters"]["userName"] == user
        ]
    )


def go(account: Account, plan: Plan, actor: Any, journal: MemoryJournal) -> RunResult:
    kind = remediation(plan.remediation)
    reader = account.access.reader(ACCOUNT)
    return run(plan, plan.digest, kind, reader, actor, journal, sleep=no_sleep)


def test_the_journal_has_the_intent_before_the_outcome(account: Account, plan: Plan) -> None:
    journal = MemoryJournal()
    result = carry_out(account, plan, journal)
    assert result.outcome == "verified"
    assert journal.written == [
        ("intent", 0, "attach_user_policy"),
        ("done", 0, result.request_ids[0], None),
    ]
    requests = [record["requestID"] for record in account.records("AttachUserPolicy")]
    assert result.request_ids[0] in requests


@pytest.mark.parametrize("point", POINTS)
def test_a_crash_at_any_point_leaves_one_effect(account: Account, plan: Plan, point: str) -> None:
    def die() -> None:
        raise Killed(point)

    def nothing() -> None:
        pass

    journal = MortalJournal(dies=point)
    actor = Between(
        step(account, plan),
        before=die if point == "before call" else nothing,
        after=die if point == "after call" else nothing,
    )

    class DiesVerifying:
        """The reader, dead from the second look at the state on."""

        looks = 0

        def call(self, service: str, operation: str, *rest: Any) -> Answer:
            self.looks += operation == "get_user"
            if point == "verifying" and self.looks == 2:
                raise Killed(point)
            return account.access.reader(ACCOUNT).call(service, operation, *rest)

    kind = remediation("R2")
    with pytest.raises(Killed):
        run(plan, plan.digest, kind, DiesVerifying(), lambda: actor, journal, sleep=no_sleep)

    again = MemoryJournal(dict(journal.states))
    result = carry_out(account, plan, again)

    assert (result.outcome, result.state) == ("verified", plan.after)
    assert effects(account, plan) == 1
    assert again.entries()[0].state == "done"


def test_an_open_intent_whose_call_took_effect_is_not_called_again(account: Account, plan: Plan) -> None:
    step(account, plan).call("iam", "attach_user_policy", plan.calls[0].params)
    journal = MemoryJournal({0: "intent"})
    result = carry_out(account, plan, journal)
    assert (result.outcome, result.calls_made) == ("verified", 0)
    assert journal.written == [("done", 0, None, None)]


def test_an_open_intent_beside_a_state_nobody_planned_stops(account: Account) -> None:
    account.bucket(
        "acme-open", {"Version": "2012-10-17", "Statement": [_public("acme-open"), _public("acme-open")]}
    )
    plan = plan_for(account, "R18", {"bucket": "acme-open"})
    other = '{"Version":"2012-10-17","Statement":[{"Sid":"Other","Effect":"Allow","Principal":"*",'
    other += '"Action":"s3:ListBucket","Resource":"arn:aws:s3:::acme-open"}]}'
    account.client("s3").put_bucket_policy(Bucket="acme-open", Policy=other)

    result = carry_out(account, plan, MemoryJournal({0: "intent"}))

    assert (result.outcome, result.calls_made) == ("stopped", 0)
    assert "unclear" in result.sentence
    assert "neither the state before the call nor the one after it" in result.sentence


def _public(bucket: str) -> dict[str, str]:
    return {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }


def test_another_digest_than_the_approved_one_stops_before_anything(account: Account, plan: Plan) -> None:
    journal = MemoryJournal()
    kind = remediation("R2")
    changed = plan.model_copy(update={"calls": (*plan.calls, *plan.calls)})
    for one, digest in ((changed, plan.digest), (plan, "0" * 64)):
        result = run(one, digest, kind, account.access.reader(ACCOUNT), lambda: step(account, plan), journal)
        assert (result.outcome, result.calls_made) == ("stopped", 0)
        assert "not the one that was approved" in result.sentence
    assert journal.written == []
    assert effects(account, plan) == 0


def test_a_plan_of_another_row_stops(account: Account, plan: Plan) -> None:
    result = run(
        plan,
        plan.digest,
        remediation("R1"),
        account.access.reader(ACCOUNT),
        lambda: step(account, plan),
        MemoryJournal(),
    )
    assert result.outcome == "stopped"


def test_done_by_somebody_else_is_stale_and_says_so(account: Account, plan: Plan) -> None:
    account.client("iam").attach_user_policy(**plan.calls[0].params)
    result = carry_out(account, plan)
    assert (result.outcome, result.calls_made) == ("stale", 0)
    assert "already shows" in result.sentence


def test_a_target_that_is_gone_is_stale(account: Account) -> None:
    account.client("iam").create_user(UserName="ci-gone")
    plan = plan_for(account, "R2", {"user": "ci-gone"})
    account.client("iam").delete_user(UserName="ci-gone")
    result = carry_out(account, plan)
    assert (result.outcome, result.calls_made) == ("stale", 0)
    assert "no IAM user ci-gone" in result.sentence


def test_a_refused_call_fails_and_says_what_did_not_run(account: Account, plan: Plan) -> None:
    wrong = Permission(action="iam:DetachUserPolicy", resource=plan.target.id)
    call = plan.calls[0].model_copy(update={"permissions": (wrong,)})
    powerless = plan.model_copy(update={"calls": (call,)})
    journal = MemoryJournal()
    result = carry_out(account, powerless, journal)
    assert result.outcome == "failed"
    assert "AccessDenied" in result.sentence
    assert (
        "No call of this plan is known to have taken effect. Did not run: iam:attach_user_policy."
        in result.sentence
    )
    assert journal.states == {0: "failed"}
    assert carry_out(account, powerless, journal).outcome == "failed"
    assert effects(account, plan) == 0


def test_a_session_that_cannot_be_opened_leaves_no_intent(account: Account, plan: Plan) -> None:
    def refused() -> Gateway:
        raise AwsRefused("sts", "assume_role", "AccessDenied", "no", status=403)

    def too_long() -> Gateway:
        raise SplitStep("The permissions of this change need 3000 characters.")

    for actor, said in ((refused, "sts:assume_role"), (too_long, "3000 characters")):
        journal = MemoryJournal()
        result = go(account, plan, actor, journal)
        assert (result.outcome, result.calls_made, journal.written) == ("failed", 0, [])
        assert said in result.sentence
        assert "Did not run: iam:attach_user_policy" in result.sentence


@dataclass
class Silent:
    """A connection that breaks before or after the call has reached AWS."""

    gateway: Gateway
    reaches: bool

    def call(
        self, service: str, operation: str, params: Mapping[str, Any], region: str | None = None
    ) -> Answer:
        if self.reaches:
            self.gateway.call(service, operation, params, region)
        raise AwsUnavailable(service, operation, "ConnectionClosedError", "Connection was closed")


@pytest.mark.parametrize(
    ("reaches", "outcome", "entry"), [(True, "verified", "done"), (False, "halted", "failed")]
)
def test_when_the_answer_is_lost_the_state_decides(
    account: Account, plan: Plan, reaches: bool, outcome: str, entry: str
) -> None:
    journal = MemoryJournal()
    result = go(account, plan, lambda: Silent(step(account, plan), reaches), journal)
    assert result.outcome == outcome
    assert journal.states == {0: entry}
    assert effects(account, plan) == int(reaches)


def test_when_the_answer_is_lost_and_nothing_can_be_read_it_halts_with_the_intent_open(
    account: Account, plan: Plan
) -> None:
    reader = account.access.reader(ACCOUNT)
    silent = Silent(step(account, plan), reaches=True)
    blind = False

    class Blinded:
        def call(self, *rest: Any) -> Answer:
            if blind:
                raise AwsUnavailable("iam", "get_user", "EndpointConnectionError", "Could not connect")
            return reader.call(*rest)

    def act() -> Silent:
        nonlocal blind
        blind = True
        return silent

    journal = MemoryJournal()
    result = run(plan, plan.digest, remediation("R2"), Blinded(), act, journal, sleep=no_sleep)
    assert result.outcome == "halted"
    assert "not sent again blindly" in result.sentence
    assert journal.states == {0: "intent"}

    blind = False
    assert carry_out(account, plan, journal).outcome == "verified"
    assert effects(account, plan) == 1


def test_a_state_that_shows_late_is_waited_for(account: Account, plan: Plan) -> None:
    reader = account.access.reader(ACCOUNT)
    made = False

    def act() -> Gateway:
        nonlocal made
        made = True
        return step(account, plan)

    class Lagging:
        """As IAM sometimes is: the change shows on the third look after it."""

        looks = 0

        def call(self, service: str, operation: str, *rest: Any) -> Answer:
            answer = reader.call(service, operation, *rest)
            if made and operation == "list_attached_user_policies":
                self.looks += 1
                if self.looks < 3:
                    return Answer({"AttachedPolicies": []}, answer.request_id)
            return answer

    slept: list[float] = []
    lagging = Lagging()
    result = run(plan, plan.digest, remediation("R2"), lagging, act, MemoryJournal(), sleep=slept.append)
    assert (result.outcome, lagging.looks, slept) == ("verified", 3, [0.5, 1.0])


def test_a_change_that_somebody_reverts_at_once_is_not_called_verified(account: Account, plan: Plan) -> None:
    def revert() -> None:
        account.client("iam").detach_user_policy(**plan.calls[0].params)

    result = go(account, plan, lambda: Between(step(account, plan), after=revert), MemoryJournal())
    assert (result.outcome, result.calls_made) == ("failed", 1)
    assert "AWS does not show" in result.sentence


def test_a_state_that_cannot_be_read_fails_before_any_call(account: Account, plan: Plan) -> None:
    class Denied:
        def call(self, *rest: Any) -> Answer:
            raise AwsRefused("iam", "get_user", "AccessDenied", "not authorized", status=403)

    journal = MemoryJournal()
    result = run(plan, plan.digest, remediation("R2"), Denied(), lambda: step(account, plan), journal)
    assert (result.outcome, result.calls_made, journal.written) == ("failed", 0, [])
    assert "cannot be read" in result.sentence


@pytest.fixture
def two_calls(account: Account, plan: Plan) -> Plan:
    """Deny, then lift again: two calls whose states between differ."""
    return plan.model_copy(update={"calls": (*plan.calls, *plan.undo), "undo": ()})


@pytest.mark.parametrize("dies_in", [0, 1])
def test_the_rest_of_a_longer_plan_runs_after_a_crash(
    account: Account, two_calls: Plan, dies_in: int
) -> None:
    journal = MemoryJournal()
    actor = Between(step(account, two_calls))

    def die() -> None:
        if len(actor.calls) == dies_in + 1:
            raise Killed(str(dies_in))

    actor.after = die
    with pytest.raises(Killed):
        go(account, two_calls, lambda: actor, journal)
    result = carry_out(account, two_calls, journal)
    assert (result.outcome, result.calls_made) == ("verified", 1 - dies_in)
    assert journal.states == {0: "done", 1: "done"}


def test_a_failure_in_the_middle_says_what_took_effect(account: Account, two_calls: Plan) -> None:
    first, second = two_calls.calls
    powerless = second.model_copy(update={"permissions": first.permissions})
    result = carry_out(account, two_calls.model_copy(update={"calls": (first, powerless)}))
    assert result.outcome == "halted"
    assert "Took effect: iam:attach_user_policy. Did not run: iam:detach_user_policy." in result.sentence
