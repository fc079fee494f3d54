"""Plans as changes of what decides about requests, and what people read of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.policy.recorded import Recorded
from bot.remediation.bucket_settings import BucketSettings, read_settings
from bot.remediation.catalogue import listing, remediation
from bot.remediation.effects import access, replayed, touches_requests, undecided_for_own_policies
from bot.remediation.impact import MOST_ROWS, Impact, impact_of
from bot.remediation.impact_sentences import all_rows, told, totals, verdict
from bot.remediation.plan import AwsVerdict, Plan
from bot.remediation.undo import undo_plan
from tests.aws.account import ACCOUNT, REGION, Account
from tests.remediation.samples import CONTEXT, deactivate, deny_all, remove_public

NOW = datetime(2026, 3, 31, 3, 0, tzinfo=UTC)
KEY = "AKIAEXAMPLEEXAMPLE12"
CI = f"arn:aws:iam::{ACCOUNT}:user/ci"
ETL = f"arn:aws:sts::{ACCOUNT}:assumed-role/etl-nightly/run-7"
PARTNER = "arn:aws:iam::444455556666:user/them"
OPEN = BucketSettings(bucket_block=(None,), account_block=(None,), ownership="BucketOwnerEnforced")


class Log:
    """Requests of thirty days."""

    start: datetime | None = NOW - timedelta(days=30)
    end: datetime | None = NOW

    def __init__(self, *requests: Recorded, unseen: tuple[str, ...] = ()) -> None:
        self.requests, self.unseen = requests, unseen

    def __iter__(self) -> Iterator[Recorded]:
        return iter(self.requests)


def request(principal: str = "anonymous", **more: Any) -> Recorded:
    given: dict[str, Any] = {
        "principal": principal,
        "action": "s3:GetObject",
        "resource": "arn:aws:s3:::acme/2026/salaries.csv",
        "at": NOW,
        "allowed": True,
        "issuer": principal,
    }
    return Recorded(**{**given, **more})


def impact(plan: Plan, *requests: Recorded, settings: BucketSettings | None = OPEN, **more: Any) -> Impact:
    log = Log(*requests, **more)
    return impact_of(replayed(plan, settings, log), log)


def test_the_attacker_stops_and_nobody_else() -> None:
    writes = request(ETL, action="s3:PutObject")
    found = impact(remove_public("acme"), request(attacker=True, count=1204), writes)
    assert told(found) == ("Would stop: attacker 1,204 requests; nobody else in 30 days.",)
    assert found.total("keeps").others == 1


def test_who_would_be_stopped_as_well_is_named_with_the_last_time() -> None:
    found = impact(remove_public("acme"), request(attacker=True), request(PARTNER, count=3), request())
    assert told(found)[:2] == (
        "Would stop: attacker 1 request.",
        (
            f"Would also stop: {PARTNER} s3:GetObject on 2026/, 3 requests, last seen 2026-03-31 03:00 UTC;"
            " unsigned requests (anonymous) s3:GetObject on 2026/, 1 request, last seen 2026-03-31 03:00 UTC."
        ),
    )


def test_whom_the_undo_lets_in_is_said() -> None:
    refused = request(allowed=False, attacker=True, count=7)
    found = impact(undo_plan(remove_public("acme")), refused, request(PARTNER, allowed=False))
    assert told(found)[0] == "Would stop: none of the attacker's requests; nobody else in 30 days."
    assert told(found)[1] == "Would let the attacker in: 7 requests refused until now."
    assert told(found)[2].startswith(f"Would let in, refused until now: {PARTNER} s3:GetObject on 2026/")


def test_an_empty_log_is_no_promise() -> None:
    (sentence,) = told(impact(remove_public("acme"), unseen=("object reads",)))
    assert sentence == (
        "No request was recorded in 30 days: nothing tells who uses it. Not, or not all, recorded: object"
        " reads. Who makes those requests cannot be told."
    )


def test_what_cannot_be_told_is_counted_and_says_what_it_turns_on() -> None:
    found = impact(remove_public("acme"), request(ETL, count=9), request(CI, attacker=True))
    assert found.total("depends").others == 9
    assert told(found)[1] == (
        "Cannot be told of 10 requests, 1 of them the attacker's "
        f"(arn:aws:iam::{ACCOUNT}:role/etl-nightly, {CI}): they turn on the caller's own policies, which the"
        " log does not tell."
    )


def test_the_totals_and_all_rows() -> None:
    found = impact(remove_public("acme"), request(attacker=True, count=2), request(PARTNER))
    assert totals(found) == "3 requests recorded in 30 days: would stop 3 (attacker 2)."
    assert all_rows(found)[0].startswith(f"Would stop: {PARTNER}")
    assert all_rows(found)[1].startswith("Would stop: attacker, unsigned requests")


def test_rows_beyond_the_limit_are_counted() -> None:
    many = [request(resource=f"arn:aws:s3:::acme/{n}/x") for n in range(MOST_ROWS + 3)]
    found = impact(remove_public("acme"), *many)
    assert (len(found.rows), found.left_out) == (MOST_ROWS, 3)
    assert all_rows(found)[-1] == "3 more rows are counted, but not listed."


def test_denying_a_user_stops_all_it_does_anywhere() -> None:
    found = impact(
        deny_all("ci"), request(CI, resource="*", action="ec2:RunInstances"), request(ETL), settings=None
    )
    assert (found.total("stops").others, found.total("keeps").others) == (1, 1)


def test_a_deactivated_key_stops_its_own_requests_only() -> None:
    plan = deactivate("ci", KEY)
    found = impact(
        plan, request(CI, access_key_id=KEY), request(CI, access_key_id="AKIAOTHER"), settings=None
    )
    assert (found.total("stops").others, found.total("keeps").others) == (1, 1)


def revoke(role: str) -> Plan:
    kind = remediation("R5")
    target = kind.target(ACCOUNT, REGION, {"role": role})
    state = {"Role": role, "Arn": target.id, "DenyPolicy": None, "Room": True}
    return kind.plan(target, state, replace(CONTEXT, now=NOW))


def of_session(opened: datetime, **more: Any) -> Recorded:
    role = f"arn:aws:iam::{ACCOUNT}:role/etl-nightly"
    context = {"aws:tokenissuetime": f"{opened:%Y-%m-%dT%H:%M:%SZ}"}
    return request(ETL, issuer=role, context=context, **more)


def test_revoking_stops_the_sessions_that_were_opened_before_and_no_other() -> None:
    stolen = of_session(NOW - timedelta(hours=2), attacker=True, count=12)
    nightly = of_session(NOW - timedelta(minutes=5), count=3, action="s3:PutObject")
    later = of_session(NOW + timedelta(minutes=1), count=7)
    found = impact(revoke("etl-nightly"), stolen, nightly, later, request(CI), settings=None)
    assert (found.total("stops").attacker, found.total("stops").others) == (12, 3)
    assert found.total("keeps").others == 8
    assert told(found)[0] == "Would stop: attacker 12 requests."


def test_lifting_the_revocation_lets_the_same_sessions_in_again() -> None:
    refused = of_session(NOW - timedelta(hours=2), attacker=True, allowed=False, count=5)
    found = impact(undo_plan(revoke("etl-nightly")), refused, settings=None)
    assert (found.total("opens").attacker, found.total("stops").attacker) == (5, 0)


def test_a_session_whose_age_the_log_does_not_tell_is_not_guessed() -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/etl-nightly"
    found = impact(revoke("etl-nightly"), request(ETL, issuer=role, count=4), settings=None)
    assert found.total("depends").others == 4
    assert "aws:TokenIssueTime" in told(found)[1]


def test_block_public_access_is_measured_by_what_it_holds_back() -> None:
    row = remediation("R19")
    target = row.target(ACCOUNT, REGION, {"bucket": "acme"})
    everyone = remove_public("acme").before["Policy"]
    state = {"Bucket": "acme", "PublicAccessBlock": None, "Acl": {"Owner": {"ID": "o"}, "Grants": []}}
    plan = row.plan(target, state, CONTEXT)
    settings = BucketSettings(policy=everyone, account_block=(None,), ownership="BucketOwnerEnforced")
    found = impact(plan, request(attacker=True), request(ETL), settings=settings)
    assert (found.total("stops").attacker, found.total("keeps").others) == (1, 1)


def test_whose_own_policies_would_tell() -> None:
    plan = remove_public("acme")
    document = {**plan.before["Policy"], "Statement": plan.before["Policy"]["Statement"][:1]}
    plan = plan.model_copy(update={"before": {**plan.before, "Policy": document}})
    plan = plan.model_copy(update={"after": {**plan.after, "Policy": None}})
    log = Log(request(ETL), request(PARTNER))
    found = replayed(plan, OPEN, log)
    role = f"arn:aws:iam::{ACCOUNT}:role/etl-nightly"
    assert undecided_for_own_policies(found, ACCOUNT) == (role,)


def test_every_row_that_changes_access_is_measured_and_no_other() -> None:
    assert {one.row for one in listing()} >= {"R1", "R2", "R18", "R19"}
    for plan in (deny_all("ci"), deactivate("ci", KEY), remove_public("acme")):
        assert touches_requests(plan)
    versioned = remove_public("acme").model_copy(
        update={"before": {"Status": None}, "after": {"Status": "Enabled"}}
    )
    assert not touches_requests(versioned)


def test_settings_that_may_not_be_read_are_unknown(account: Account) -> None:
    bucket = account.bucket("acme-measured")
    found = read_settings(account.access.reader(ACCOUNT), bucket, ACCOUNT, REGION)
    assert found.ownership == "BucketOwnerEnforced"
    assert found.bucket_block is not None
    assert found.policy is None
    gone = read_settings(account.access.reader(ACCOUNT), "acme-gone", ACCOUNT, REGION)
    assert (gone.bucket_block, gone.acl) == (None, None)
    target = remediation("R18").target(ACCOUNT, REGION, {"bucket": "acme-gone"})
    assert access(target, {"Policy": None}, gone).blocks is None


@pytest.mark.parametrize(
    ("public", "ours", "words"),
    [
        (True, True, "The policy as it is: public; GetBucketPolicyStatus says the same."),
        (False, True, "AWS (GetBucketPolicyStatus) says not public, this program says public. Trust AWS"),
        (
            None,
            False,
            "not public by this program's reading. GetBucketPolicyStatus could not be had: refused",
        ),
    ],
)
def test_awss_word_stands_beside_ours(public: bool | None, ours: bool, words: str) -> None:
    said = AwsVerdict(by="GetBucketPolicyStatus", when="before", public=public, ours=ours, why="refused")
    assert words in verdict(said)
    assert said.differs == (public is False)
