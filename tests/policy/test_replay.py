"""What a change would do to recorded requests: who is stopped, who is let in, what cannot be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy.access import OBJECT_ACLS, OWN_POLICIES, RESTRICTING, Access
from bot.policy.document import Policy, parse
from bot.policy.recorded import NOBODY_NAMED, Recorded, maker, prefix
from bot.policy.replay import MOST_ROWS, OTHERS, Judging, replay
from tests.benchmarks.replay import requests as many_requests
from tests.benchmarks.replay import states
from tests.policy.test_properties import CALLERS, KEYS, VALUES, documents

OWN, PARTNER = "111122223333", "444455556666"
BUCKET = "arn:aws:s3:::acme"
NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
USER = f"arn:aws:iam::{OWN}:user/ci-deploy"
VENDOR = f"arn:aws:iam::{PARTNER}:user/vendor"
ETL = f"arn:aws:sts::{OWN}:assumed-role/etl-nightly/run-7"
NONE: Mapping[str, Any] = {}
ON = {"RestrictPublicBuckets": True}
IGNORING = {"IgnorePublicAcls": True}
PUBLIC_ACL = {
    "Owner": {"ID": "o"},
    "Grants": [{"Grantee": {"URI": "http://acs.amazonaws.com/groups/global/AllUsers"}, "Permission": "READ"}],
}


def allow(principal: Any, action: Any = "s3:GetObject", **more: Any) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": principal,
        "Action": action,
        "Resource": [BUCKET, f"{BUCKET}/*"],
        **more,
    }


def deny(principal: Any, action: Any = "s3:*", **more: Any) -> dict[str, Any]:
    return {**allow(principal, action), "Effect": "Deny", **more}


def policy(*statements: dict[str, Any]) -> Policy:
    return parse({"Version": "2012-10-17", "Statement": list(statements)}, "bucket policy")


def state(*statements: dict[str, Any], **more: Any) -> Access:
    known: dict[str, Any] = {"blocks": (NONE,), "ownership": "BucketOwnerEnforced"}
    return Access(BUCKET, OWN, policy(*statements) if statements else None, **{**known, **more})


def request(principal: str = "anonymous", **more: Any) -> Recorded:
    given: dict[str, Any] = {
        "principal": principal,
        "action": "s3:GetObject",
        "resource": f"{BUCKET}/2026/salaries.csv",
        "at": NOW,
        "allowed": True,
        "issuer": principal,
    }
    return Recorded(**{**given, **more})


def fate(one: Recorded, before: Access, after: Access) -> tuple[str, tuple[str, ...]]:
    verdict = Judging(before, after).of(one)
    return verdict.fate, verdict.depends_on


PUBLIC, FOR_PARTNER = allow("*"), allow({"AWS": PARTNER})


def test_without_the_public_statement_strangers_stop_and_the_named_partner_stays() -> None:
    before, after = state(PUBLIC, FOR_PARTNER), state(FOR_PARTNER)
    assert fate(request(), before, after) == ("stops", ())
    assert fate(request("arn:aws:iam::999988887777:user/zoe"), before, after) == ("stops", ())
    assert fate(request(VENDOR), before, after) == ("keeps", ())


def test_principals_of_the_own_account_depend_on_their_own_policies_or_are_known_to_have_them() -> None:
    before, after = state(PUBLIC), state()
    assert fate(request(ETL), before, after) == ("depends", (OWN_POLICIES,))
    # The statement did not give it what it did: so its own policies do.
    assert fate(request(ETL, action="s3:PutObject"), before, after) == ("keeps", ())
    assert fate(request(f"arn:aws:iam::{OWN}:root"), before, after) == ("keeps", ())


def test_own_policies_that_are_all_known_settle_it() -> None:
    role = f"arn:aws:iam::{OWN}:role/etl-nightly"
    reads = parse({"Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": f"{BUCKET}/2026/*"}})
    known = {"identities": {role: (reads,)}, "complete": frozenset({role})}
    before, after = state(PUBLIC, **known), state(**known)
    assert fate(request(ETL, issuer=role), before, after) == ("keeps", ())
    assert fate(request(ETL, issuer=role, resource=f"{BUCKET}/2025/x"), before, after) == ("stops", ())
    assert fate(request(USER), before, after) == ("depends", (OWN_POLICIES,))


def test_nobody_is_denied_the_question_who_they_are_while_the_key_works() -> None:
    asks = request(USER, action="sts:GetCallerIdentity", resource="*", access_key_id="AKIAEXAMPLE")
    nothing = parse({"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}})
    denied = state(identities={USER: (nothing,)}, complete=frozenset({USER}))
    off = state(inactive_keys=frozenset({"AKIAEXAMPLE"}))
    assert fate(asks, state(), denied) == ("keeps", ())
    assert fate(asks, state(), off) == ("stops", ())


def test_whom_restrict_public_buckets_held_back_is_let_in_again() -> None:
    before, after = state(PUBLIC, FOR_PARTNER, blocks=(ON,)), state(FOR_PARTNER, blocks=(ON,))
    assert fate(request(VENDOR, allowed=False), before, after) == ("opens", ())
    assert fate(request(allowed=False), before, after) == ("refused", ())
    assert fate(request("cloudtrail.amazonaws.com"), before, after) == ("stops", ())


def test_what_the_log_says_settles_a_setting_that_was_not_read() -> None:
    before, after = (replace(one, blocks=None) for one in (state(PUBLIC, FOR_PARTNER), state(FOR_PARTNER)))
    assert fate(request(VENDOR, allowed=False), before, after) == ("opens", ())
    assert fate(request(VENDOR), before, after) == ("keeps", ())
    assert fate(request(VENDOR, allowed=None), before, after) == ("opens", ())
    removed = replace(state(), blocks=None)
    assert fate(request(VENDOR, allowed=None), before, removed) == ("stops", ())


def test_block_public_access_stops_whom_the_public_policy_let_in() -> None:
    before, after = state(PUBLIC, FOR_PARTNER), state(PUBLIC, FOR_PARTNER, blocks=(NONE, ON))
    for outsider in ("anonymous", VENDOR):
        assert fate(request(outsider), before, after) == ("stops", ())
    assert fate(request(ETL), before, after) == ("keeps", ())
    assert fate(request(VENDOR), state(FOR_PARTNER), state(FOR_PARTNER, blocks=(ON,))) == ("keeps", ())


def test_acls_that_are_taken_away_or_ignored() -> None:
    listing = request(action="s3:ListBucket", resource=BUCKET)
    open_: dict[str, Any] = {"acl": PUBLIC_ACL, "ownership": "ObjectWriter"}
    before = state(**open_)
    assert fate(listing, before, state(**{**open_, "blocks": (IGNORING,)})) == ("stops", ())
    assert (
        fate(listing, before, state(**{**open_, "acl": {"Owner": {"ID": "o"}, "Grants": []}}))[0] == "stops"
    )
    assert fate(listing, before, state(**{**open_, "ownership": "BucketOwnerEnforced"})) == ("stops", ())
    assert fate(listing, before, state(PUBLIC, **open_)) == ("keeps", ())


def test_an_objects_own_acl_is_not_read_and_what_it_allows_shows_in_the_log() -> None:
    before, ignoring = state(ownership="ObjectWriter"), state(ownership="ObjectWriter", blocks=(IGNORING,))
    assert fate(request(), before, ignoring) == ("stops", ())
    opened = state(PUBLIC, ownership="ObjectWriter")
    assert fate(request(), opened, before) == ("depends", (OBJECT_ACLS,))
    # Refused once, allowed by the policy of today: what the object's ACL says is still not known.
    assert fate(request(allowed=False), opened, before) == ("depends", (OBJECT_ACLS,))
    assert fate(request(allowed=False), before, ignoring) == ("refused", ())


def test_an_unknown_setting_that_matters_is_named() -> None:
    before, after = (replace(one, blocks=None) for one in (state(FOR_PARTNER), state(FOR_PARTNER, PUBLIC)))
    assert fate(request(VENDOR), before, after) == ("depends", (RESTRICTING,))
    assert fate(request(allowed=False), before, after) == ("opens", ())


def test_a_deny_stops_everyone_it_speaks_of_and_lifting_it_lets_in() -> None:
    before, after = state(FOR_PARTNER), state(FOR_PARTNER, deny({"AWS": VENDOR}))
    assert fate(request(VENDOR), before, after) == ("stops", ())
    assert fate(request(VENDOR, allowed=False), after, before) == ("opens", ())
    assert fate(request(f"arn:aws:iam::{PARTNER}:user/other"), before, after) == ("keeps", ())


def test_what_the_log_does_not_record_leaves_it_open() -> None:
    outside = {"Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-acme"}}}
    before, after = state(FOR_PARTNER), state(FOR_PARTNER, deny("*", **outside))
    assert fate(request(VENDOR), before, after) == ("depends", ("aws:PrincipalOrgID",))
    elsewhere = {"Condition": {"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}
    after = state(FOR_PARTNER, deny("*", **elsewhere))
    known = {"aws:sourceip": "198.51.100.7"}
    assert fate(request(VENDOR, context=known), before, after) == ("stops", ())
    assert fate(request(VENDOR, context={"aws:sourceip": "192.0.2.8"}), before, after) == ("keeps", ())
    assert fate(request(VENDOR), before, after) == ("depends", ("aws:SourceIp",))


def test_a_doubt_that_the_change_does_not_touch_is_none() -> None:
    organization = allow("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-acme"}})
    before, after = state(PUBLIC, organization), state(organization)
    moved = fate(request(VENDOR, action="s3:PutObject"), before, after)
    assert moved == ("refused", ())
    assert fate(request(VENDOR), before, after) == ("depends", ("aws:PrincipalOrgID",))
    assert fate(request(VENDOR), state(organization), state(organization)) == ("keeps", ())


def test_a_key_that_is_deactivated_stops_with_it_and_another_key_goes_on() -> None:
    before, after = Access(), Access(inactive_keys=frozenset({"AKIAEXAMPLE1"}))
    with_key = request(USER, access_key_id="AKIAEXAMPLE1", resource="*", action="ec2:RunInstances")
    assert fate(with_key, before, after) == ("stops", ())
    assert fate(replace(with_key, access_key_id="AKIAEXAMPLE2"), before, after) == ("keeps", ())


def test_a_deny_attached_to_a_role_stops_its_older_sessions_only() -> None:
    role = f"arn:aws:iam::{OWN}:role/service/etl-nightly"
    revoked = parse(
        {
            "Statement": {
                "Effect": "Deny",
                "Action": "*",
                "Resource": "*",
                "Condition": {"DateLessThan": {"aws:TokenIssueTime": "2026-03-01T03:00:00Z"}},
            }
        }
    )
    before, after = Access(), Access(identities={role: (revoked,)})
    session = request(ETL, issuer=role, context={"aws:tokenissuetime": "2026-03-01T01:00:00Z"})
    assert fate(session, before, after) == ("stops", ())
    younger = {"aws:tokenissuetime": "2026-03-01T04:00:00Z"}
    assert fate(replace(session, context=younger), before, after) == ("keeps", ())
    assert fate(replace(session, context={}), before, after) == ("depends", ("aws:TokenIssueTime",))
    assert fate(replace(session, issuer=f"arn:aws:iam::{OWN}:role/etl-nightly"), before, after)[0] == "keeps"


def test_who_is_not_named_is_undecided() -> None:
    unnamed = request(f"arn:aws:iam::{PARTNER}:root", named=False)
    assert fate(unnamed, state(PUBLIC, FOR_PARTNER), state(FOR_PARTNER)) == ("depends", (NOBODY_NAMED,))
    assert fate(unnamed, state(PUBLIC), state(PUBLIC)) == ("keeps", ())


def test_requests_that_today_decides_otherwise_than_the_log_go_by_today() -> None:
    closed = state(FOR_PARTNER)
    assert fate(request(), closed, state()) == ("refused", ())


def test_the_table_groups_by_maker_action_prefix_and_sets_the_attacker_apart() -> None:
    some = [
        request(attacker=True),
        request(attacker=True, at=NOW + timedelta(hours=1)),
        request(attacker=False, resource=f"{BUCKET}/top.csv", count=5),
        request(ETL, action="s3:PutObject"),
        request(ETL.replace("run-7", "run-8"), action="s3:PutObject"),
    ]
    found = replay(some, state(PUBLIC), state())
    assert found.requests == 9
    (other,) = found.of("stops", attacker=False)
    assert (other.maker, other.action, other.prefix, other.requests) == ("anonymous", "s3:GetObject", "", 5)
    (thief,) = found.of("stops", attacker=True)
    assert (thief.prefix, thief.requests, thief.last_seen) == ("2026/", 2, NOW + timedelta(hours=1))
    (kept,) = found.of("keeps")
    assert (kept.maker, kept.requests) == (f"arn:aws:iam::{OWN}:role/etl-nightly", 2)


@pytest.mark.parametrize(
    ("principal", "counted_as"),
    [
        (ETL, f"arn:aws:iam::{OWN}:role/etl-nightly"),
        (USER, USER),
        ("anonymous", "anonymous"),
        ("cloudtrail.amazonaws.com", "cloudtrail.amazonaws.com"),
        (f"arn:aws:sts::{OWN}:assumed-role/odd", f"arn:aws:iam::{OWN}:role/odd"),
    ],
)
def test_sessions_are_counted_as_their_role(principal: str, counted_as: str) -> None:
    assert maker(principal) == counted_as


def test_prefixes() -> None:
    assert [prefix(f"{BUCKET}{key}") for key in ("", "/a", "/a/b/c", "//x")] == ["", "", "a/", "/"]


def test_makers_and_places_without_end_are_counted_together() -> None:
    invented = (request(resource=f"{BUCKET}/{n}/x") for n in range(MOST_ROWS + 50))
    found = replay(invented, state(PUBLIC), state())
    assert len(found.rows) == MOST_ROWS + 1
    (rest,) = [row for row in found.rows if row.maker == OTHERS]
    assert (rest.requests, rest.fate) == (50, "stops")


def test_sessions_of_a_role_and_addresses_alike_are_decided_once() -> None:
    network = allow({"AWS": OWN}, Condition={"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}})
    some = [
        request(
            f"arn:aws:sts::{OWN}:assumed-role/etl/{n}",
            context={"aws:sourceip": f"198.51.100.{n % 250}"},
            resource=f"{BUCKET}/{n}/{n}",
        )
        for n in range(1000)
    ]
    assert replay(some, state(network), state()).shapes == 1


def test_a_session_that_a_policy_names_is_one_of_its_own() -> None:
    before, after = state(allow({"AWS": ETL})), state()
    other = ETL.replace("run-7", "run-8")
    found = replay([request(ETL), request(other)], before, after)
    assert {row.fate: row.requests for row in found.rows} == {"depends": 1, "keeps": 1}


def test_shapes_give_what_a_plain_loop_gives() -> None:
    before, after = states(50)
    judging = Judging(before, after)
    for one in islice(many_requests(1_000_000, seed=3), 1_500):
        assert judging.of(one) == judging.evaluate(one)
    assert judging.evaluated < 700


ISSUERS = [f"arn:aws:iam::{OWN}:user/david", f"arn:aws:iam::{OWN}:role/etl"]
recorded = st.builds(
    Recorded,
    principal=st.sampled_from([*CALLERS, f"arn:aws:sts::{OWN}:assumed-role/etl/other"]),
    action=st.sampled_from(["s3:GetObject", "s3:PutBucketPolicy", "kms:Decrypt"]),
    resource=st.sampled_from(["arn:aws:s3:::b", "arn:aws:s3:::b/david", "arn:aws:s3:::b/eve", "*"]),
    at=st.just(NOW),
    allowed=st.sampled_from([True, False, None]),
    context=st.dictionaries(
        st.sampled_from([key.lower() for key in (*KEYS, "aws:userid")]),
        st.sampled_from(VALUES) | st.just(()) | st.just("AIDAX:s"),
    ),
    issuer=st.sampled_from([*ISSUERS, None]),
    access_key_id=st.sampled_from(["AKIA1", "AKIA2", None]),
    named=st.booleans(),
)
blocks = st.none() | st.sampled_from([(NONE,), (ON,), (NONE, IGNORING)])
Bodies = Sequence[dict[str, Any]]


@st.composite
def accesses(draw: st.DrawFn) -> Access:
    body: Bodies = draw(documents(named=True))
    own: Bodies = draw(documents(named=False))
    identities = {draw(st.sampled_from(ISSUERS)): (policy(*own),)} if own else {}
    return Access(
        "arn:aws:s3:::b",
        OWN,
        policy(*body) if body else None,
        draw(st.sampled_from([None, PUBLIC_ACL])),
        draw(blocks),
        draw(st.sampled_from([None, "BucketOwnerEnforced", "ObjectWriter"])),
        draw(st.sampled_from([frozenset(), frozenset({"AKIA1"})])),
        identities,
        frozenset(draw(st.sampled_from([(), ISSUERS]))),
    )


@given(accesses(), accesses(), st.lists(recorded, min_size=2, max_size=8))
def test_one_of_a_shape_speaks_for_all(before: Access, after: Access, some: list[Recorded]) -> None:
    judging = Judging(before, after)
    for one in some:
        assert judging.of(one) == Judging(before, after).evaluate(one)


@given(accesses(), st.lists(recorded, max_size=4))
def test_no_change_changes_nothing(access: Access, some: list[Recorded]) -> None:
    found = replay(some, access, replace(access))
    assert {row.fate for row in found.rows} <= {"keeps", "refused"}


@given(accesses(), recorded, st.data())
def test_adding_a_deny_opens_nothing(access: Access, one: Recorded, data: st.DataObject) -> None:
    denial = {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}
    listed = list(access.policy.source["Statement"]) if access.policy else []
    # The policy is as public as before: only the Deny is new.
    verdict = Judging(access, replace(access, policy=policy(*listed, denial))).of(one)
    assert verdict.fate in ("stops", "refused", "depends", "keeps")
    if access.holds(one.resource) and one.named and verdict.fate == "keeps":
        assert one.principal.endswith(":root")
