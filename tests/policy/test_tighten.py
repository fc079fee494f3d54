"""Closing a policy by the smallest change, and nothing else."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy import wording
from bot.policy.change import PolicyTooLargeError
from bot.policy.document import parse
from bot.policy.evaluate import Policies, Request, evaluate
from bot.policy.meaning_of_public import is_public
from bot.policy.tighten import narrow_public, public_statements, without_statements
from tests.policy.test_properties import OPENNESS, documents, requests

TLS = {"Sid": "Tls", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
       "Condition": {"Bool": {"aws:SecureTransport": "false"}}}  # fmt: skip
VENDOR = {
    "Sid": "Vendor",
    "Effect": "Allow",
    "Principal": {"AWS": "444455556666"},
    "Action": "s3:GetObject",
    "Resource": "*",
}
OPEN = {"Sid": "Open", "Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}
DOCUMENT = {"Version": "2012-10-17", "Id": "kept", "Statement": [TLS, OPEN, VENDOR]}


def test_public_statements_by_position() -> None:
    assert public_statements(parse(DOCUMENT)) == (1,)
    assert public_statements(parse({"Statement": OPEN})) == (0,)
    assert public_statements(parse({"Statement": [TLS, VENDOR]})) == ()


def test_the_others_stay_byte_for_byte() -> None:
    before = json.dumps(DOCUMENT)
    left = without_statements(DOCUMENT, [1])
    assert json.dumps(left) == before.replace(json.dumps(OPEN) + ", ", "")
    assert json.dumps(DOCUMENT) == before


def test_nothing_remains() -> None:
    assert without_statements({"Version": "2012-10-17", "Statement": OPEN}, {0}) is None
    assert without_statements(DOCUMENT, {0, 1, 2}) is None


def test_nothing_to_take_out_changes_nothing() -> None:
    single = {"Statement": TLS}
    assert without_statements(single, ()) is single


@pytest.mark.parametrize("indexes", [[3], [-1], [1, 9]])
def test_a_position_that_is_not_there_is_refused(indexes: list[int]) -> None:
    with pytest.raises(IndexError, match="no statement at position"):
        without_statements(DOCUMENT, indexes)


def test_what_is_left_is_no_longer_public() -> None:
    left = without_statements(DOCUMENT, public_statements(parse(DOCUMENT)))
    assert left is not None
    assert public_statements(parse(left)) == ()


def narrowed(statement: dict[str, Any]) -> dict[str, Any] | None:
    """What becomes of one statement."""
    base = {"Sid": "S", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    change = narrow_public({"Version": "2012-10-17", "Statement": {**base, **statement}})
    assert change.changed
    assert change.explanation
    if change.document is None:
        return None
    assert not is_public(parse(change.document))
    (after,) = change.document["Statement"]
    assert {key: after[key] for key in base} == base
    return {key: value for key, value in after.items() if key not in base}


def when(operator: str, key: str, *values: str) -> dict[str, Any]:
    return {"Principal": "*", "Condition": {operator: {key: list(values)}}}


ROLES = "arn:aws:iam::444455556666:role/*"
NARROWED = [
    ("nobody named", {"Principal": "*"}, None),
    ("NotPrincipal", {"NotPrincipal": {"AWS": "444455556666"}}, None),
    ("TLS only", when("Bool", "aws:SecureTransport", "true"), None),
    ("a negated condition", when("StringNotLike", "aws:PrincipalArn", ROLES), None),
    ("pattern with IfExists", when("ArnLikeIfExists", "aws:PrincipalArn", ROLES), None),
    (
        "everyone among others",
        {"Principal": {"AWS": ["*", "444455556666"], "Service": "s3.amazonaws.com"}},
        {"Principal": {"AWS": ["444455556666"], "Service": "s3.amazonaws.com"}},
    ),
    (
        "an identity provider among others",
        {"Principal": {"Federated": "graph.facebook.com", "AWS": "444455556666"}},
        {"Principal": {"AWS": "444455556666"}},
    ),
    (
        "one address range too wide",
        when("IpAddress", "aws:SourceIp", "203.0.113.0/24", "0.0.0.0/0"),
        when("IpAddress", "aws:SourceIp", "203.0.113.0/24"),
    ),
    (
        "one endpoint by a pattern",
        when("StringLike", "aws:SourceVpce", "vpce-*", "vpce-1", "vpce-2"),
        when("StringLike", "aws:SourceVpce", "vpce-1", "vpce-2"),
    ),
    (
        "the roles of an account",
        when("ArnLike", "aws:PrincipalArn", ROLES),
        {
            "Principal": "*",
            "Condition": {
                "ArnLike": {"aws:PrincipalArn": [ROLES]},
                "StringEquals": {"aws:PrincipalAccount": "444455556666"},
            },
        },
    ),
    (
        "a part of an organization",
        {
            "Principal": "*",
            "Condition": {
                "ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-1/r-1/ou-1/*"},
                "stringEquals": {"aws:username": "x"},
            },
        },
        {
            "Principal": "*",
            "Condition": {
                "ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-1/r-1/ou-1/*"},
                "stringEquals": {"aws:username": "x", "aws:PrincipalOrgID": "o-1"},
            },
        },
    ),
    ("any account's roles", when("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/x"), None),
]


@pytest.mark.parametrize(
    ("statement", "expected"), [case[1:] for case in NARROWED], ids=[case[0] for case in NARROWED]
)
def test_a_public_statement_keeps_everyone_it_names(
    statement: dict[str, Any], expected: dict[str, Any] | None
) -> None:
    assert narrowed(statement) == expected


def test_narrowing_leaves_the_rest_as_it_is() -> None:
    change = narrow_public(DOCUMENT)
    assert change.document == {**DOCUMENT, "Statement": [TLS, VENDOR]}
    assert change.document["Statement"][0] is TLS
    assert change.explanation == (wording.removed("Open"),)
    assert list(change.document) == list(DOCUMENT)


def test_nothing_public_changes_nothing() -> None:
    document = {"Statement": [TLS, VENDOR]}
    change = narrow_public(document)
    assert change.document is document
    assert not change.changed


def test_nothing_left_is_said() -> None:
    assert narrow_public({"Statement": OPEN}).explanation[-1] == wording.NOTHING_LEFT


def test_a_pin_that_does_not_fit_is_refused() -> None:
    pinned = {**OPEN, "Condition": {"ArnLike": {"aws:PrincipalArn": ROLES}}}
    document = {"Statement": [pinned, {**VENDOR, "Resource": ""}]}
    document["Statement"][1]["Resource"] = "x" * (20_480 - len(json.dumps(document, separators=(",", ":"))))
    with pytest.raises(PolicyTooLargeError):
        narrow_public(document)


@given(documents(named=True), requests)
def test_narrowing_never_lets_more_in_and_keeps_the_named(
    body: list[dict[str, Any]], request_: Request
) -> None:
    document = {"Version": "2012-10-17", "Statement": body}
    change = narrow_public(document)
    # No policy at all is another layer's matter (kms:Decrypt); one without statements grants nothing.
    after = parse(json.loads(json.dumps(change.document or {"Statement": []})))
    assert not is_public(after)
    before = evaluate(request_, Policies(resource=parse(document)))
    now = evaluate(request_, Policies(resource=after))
    if before.outcome != "explicitly_denied":
        assert OPENNESS[now.outcome] <= OPENNESS[before.outcome]
    untouched = [one for one in body if not is_public(parse({"Statement": one}))]
    kept = change.document["Statement"] if change.document else []
    assert [one for one in kept if any(one is other for other in untouched)] == untouched


@given(documents(named=True), st.sampled_from(["s3:GetObject", "s3:PutBucketPolicy"]))
def test_whoever_is_named_beside_everyone_keeps_access(body: list[dict[str, Any]], action: str) -> None:
    named = {"Effect": "Allow", "Principal": {"AWS": ["*", "444455556666"]}, "Action": "*", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [*body, named]}
    change = narrow_public(document)
    assert change.document
    who = "arn:aws:iam::444455556666:role/vendor"
    request_ = Request(who, action, "arn:aws:s3:::b/k", "111122223333", {"aws:SecureTransport": "true"})
    everything = parse({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
    before, after = (
        evaluate(request_, Policies((everything,), parse(one))) for one in (document, change.document)
    )
    assert before.outcome == after.outcome
