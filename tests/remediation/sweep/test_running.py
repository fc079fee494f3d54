"""A list of objects is walked once, whatever happens on the way, and what was not done is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.aws.errors import AwsRefused
from bot.remediation.sweep import running
from tests.aws.account import Account
from tests.remediation.doing import MANIFESTS, MemoryJournal, step
from tests.remediation.killing import Killed
from tests.remediation.sweep.buckets import (
    Disturbed,
    carried_out,
    content,
    history,
    restoring,
    silence,
    wiped,
)

KEYS = 7


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "BATCH", 3)


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize(
    "number", [pytest.param(0, marks=pytest.mark.proof), 2, 4, pytest.param(6, marks=pytest.mark.proof)]
)
def test_a_crash_in_the_middle_of_a_batch_leaves_each_object_copied_once(
    account: Account, moment: str, number: int
) -> None:
    bucket = wiped(account, KEYS)
    plan, before = restoring(account, bucket), history(account, bucket)
    journal, deaths = MemoryJournal(), {number: Killed("copying")}
    session = Disturbed(step(account, plan), "copy_object", **{moment: deaths})  # type: ignore[arg-type]
    with pytest.raises(Killed):
        carried_out(account, plan, journal, lambda: session)

    result = carried_out(account, plan, journal)
    assert (result.outcome, result.state) == ("verified", plan.after)
    after = history(account, bucket)
    assert {key: len(after[key]) - len(before[key]) for key in before} == dict.fromkeys(before, 1)
    assert all(after[key][: len(before[key])] == before[key] for key in before)
    assert content(account, bucket, "data/0003") == b"content 3"


def test_silence_is_answered_by_looking_before_trying_again(account: Account) -> None:
    bucket = wiped(account, KEYS)
    plan, before = restoring(account, bucket), history(account, bucket)
    pauses: list[float] = []
    throttled = {number: silence(code="SlowDown") for number in (0, 1)}
    session = Disturbed(step(account, plan), "copy_object", before=throttled, after={4: silence()})
    result = carried_out(account, plan, act=lambda: session, sleep=pauses.append)
    assert (result.outcome, result.calls_made) == ("verified", KEYS)
    assert len(pauses) == 3
    after = history(account, bucket)
    assert all(len(after[key]) == len(before[key]) + 1 for key in before)


def test_what_changed_since_is_left_alone_and_named(account: Account) -> None:
    bucket = wiped(account, KEYS)
    plan = restoring(account, bucket)
    account.client("s3").put_object(Bucket=bucket, Key="data/0005", Body=b"a colleague's repair")
    result = carried_out(account, plan)
    assert (result.outcome, result.calls_made) == ("verified", KEYS - 1)
    assert "1 object was left alone" in result.sentence
    assert "data/0005" in result.sentence
    assert content(account, bucket, "data/0005") == b"a colleague's repair"
    assert result.state is not None
    assert result.state["Objects"]["examples"] == ["data/0005"]


def test_a_failure_does_not_stop_the_others_and_going_on_tries_it_again(account: Account) -> None:
    bucket = wiped(account, KEYS)
    plan, before = restoring(account, bucket), history(account, bucket)
    refused = AwsRefused("s3", "copy_object", "InvalidRequest", "not now", "REQ1", 400)
    journal = MemoryJournal()
    session = Disturbed(step(account, plan), "copy_object", before={2: refused})
    result = carried_out(account, plan, journal, lambda: session)
    assert (result.outcome, result.calls_made) == ("halted", KEYS - 1)
    assert "6 objects done, 1 not" in result.sentence
    assert "not now" in result.sentence
    assert journal.states == {0: "failed"}

    journal.states[0] = "intent"  # as continuing a halted plan does
    again = carried_out(account, plan, journal)
    assert (again.outcome, again.calls_made) == ("verified", 1)
    after = history(account, bucket)
    assert all(len(after[key]) == len(before[key]) + 1 for key in before)


def test_where_all_are_refused_the_others_are_not_tried(account: Account) -> None:
    bucket = wiped(account, KEYS)
    plan, before = restoring(account, bucket), history(account, bucket)
    denied = AwsRefused("s3", "copy_object", "AccessDenied", "no", "REQ1", 403)
    session = Disturbed(step(account, plan), "copy_object", before=dict.fromkeys(range(100), denied))
    result = carried_out(account, plan, act=lambda: session)
    assert (result.outcome, result.calls_made) == ("failed", 0)
    assert next(session.numbers) == 3
    assert "the others were not tried" in result.sentence
    assert history(account, bucket) == before


def test_it_stops_when_the_bucket_is_no_longer_as_the_plan_needs_it(account: Account) -> None:
    bucket = wiped(account, KEYS)
    plan = restoring(account, bucket)

    class Suspending:
        """An attacker who suspends versioning once the first objects are back."""

        def __init__(self) -> None:
            self.session, self.copies = step(account, plan), 0

        def call(self, *asked: object) -> object:
            answer = self.session.call(*asked)  # type: ignore[arg-type]
            self.copies += asked[1] == "copy_object"
            if self.copies == 3:
                status = {"Status": "Suspended"}
                account.client("s3").put_bucket_versioning(Bucket=bucket, VersioningConfiguration=status)
            return answer

    session = Suspending()
    result = carried_out(account, plan, act=lambda: session)  # type: ignore[arg-type,return-value]
    assert (result.outcome, result.calls_made, session.copies) == ("halted", 3, 3)
    assert "nothing was called from here on" in result.sentence


def test_another_list_than_the_approved_one_is_not_walked(account: Account) -> None:
    bucket = wiped(account, 3)
    plan, before = restoring(account, bucket), history(account, bucket)
    each = plan.calls[0].each
    assert each is not None
    path = MANIFESTS.path(each.sha256)
    original = path.read_bytes()
    for damage in (_other(account), original[:-20], None):
        path.unlink(missing_ok=True)
        if damage is not None:
            path.write_bytes(damage)
        result = carried_out(account, plan)
        assert (result.outcome, result.calls_made) == ("stopped", 0)
        assert history(account, bucket) == before
    path.write_bytes(original)
    assert carried_out(account, plan).outcome == "verified"


def _other(account: Account) -> bytes:
    """The list of another bucket."""
    each = restoring(account, wiped(account, 2)).calls[0].each
    assert each is not None
    return Path(MANIFESTS.path(each.sha256)).read_bytes()
