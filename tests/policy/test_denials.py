"""One Deny more, and nothing else: whom it stops, whom it spares, and when it refuses."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy.change import PolicyTooLargeError, SidTakenError, Tightened, TightenError
from bot.policy.denials import (
    deny_network,
    deny_outside_network,
    deny_outside_organization,
    deny_principal,
    deny_without_tls,
)
from bot.policy.document import PolicyError, parse
from bot.policy.evaluate import Policies, Request, evaluate
from tests.policy.test_properties import OPENNESS, documents, requests

OWN, OTHER = "111122223333", "444455556666"
USER = f"arn:aws:iam::{OWN}:user/ci/deploy"
ROLE = f"arn:aws:iam::{OWN}:role/batch/etl"
SESSION = f"arn:aws:sts::{OWN}:assumed-role/etl/nightly"
OPEN = {"Sid": "Open", "Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}
DOCUMENT = {"Version": "2008-10-17", "Id": "kept", "Statement": [OPEN]}


def denied(change: Tightened, principal: str, **context: Any) -> bool:
    """Whether the changed policy explicitly denies reading an object, to somebody allowed everything."""
    assert change.document
    request = Request(principal, "s3:GetObject", "arn:aws:s3:::b/k", OWN, context)
    everything = parse({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
    decision = evaluate(request, Policies(identity=(everything,), resource=parse(change.document)))
    return decision.outcome == "explicitly_denied"


PRINCIPALS = [
    (USER, USER, f"arn:aws:iam::{OWN}:user/ci/deploy2"),
    (ROLE, SESSION, f"arn:aws:sts::{OWN}:assumed-role/etl2/nightly"),
    (f"arn:aws:iam::{OWN}:role/etl", SESSION, f"arn:aws:sts::{OTHER}:assumed-role/etl/nightly"),
    (OTHER, f"arn:aws:iam::{OTHER}:role/vendor", f"arn:aws:iam::{OWN}:role/vendor"),
    (f"arn:aws:iam::{OTHER}:root", f"arn:aws:iam::{OTHER}:root", f"arn:aws:iam::{OTHER}:user/x"),
    (f"arn:aws:sts::{OWN}:federated-user/bob", f"arn:aws:sts::{OWN}:federated-user/bob", USER),
]


@pytest.mark.parametrize(("principal", "stopped", "spared"), PRINCIPALS)
def test_a_principal_is_denied_and_nobody_else(principal: str, stopped: str, spared: str) -> None:
    change = deny_principal(DOCUMENT, "b", "IRBot-1", principal)
    assert denied(change, stopped)
    assert not denied(change, spared)
    assert not denied(change, "anonymous")


def test_one_session_of_a_role() -> None:
    change = deny_principal(None, "b", "IRBot-1", SESSION)
    assert denied(change, SESSION, **{"aws:userid": "AROAEXAMPLE:nightly"})
    assert not denied(change, SESSION, **{"aws:userid": "AROAEXAMPLE:daily"})
    other_role = f"arn:aws:sts::{OWN}:assumed-role/web/nightly"
    assert not denied(change, other_role, **{"aws:userid": "AROAOTHER:nightly"})


def test_a_role_with_a_path_by_the_arn_aws_gives_its_sessions() -> None:
    change = deny_principal(None, "b", "IRBot-1", ROLE)
    assert denied(change, SESSION, **{"aws:PrincipalArn": ROLE})


def test_no_principal_element_names_anybody_who_could_be_deleted() -> None:
    change = deny_principal(None, "b", "IRBot-1", USER)
    assert change.document
    assert change.document["Statement"][0]["Principal"] == "*"


def test_outside_the_organization() -> None:
    change = deny_outside_organization(DOCUMENT, "b", "Org", "o-abc", [OTHER])
    assert denied(change, "anonymous")
    assert denied(change, "arn:aws:iam::777788889999:user/x", **{"aws:PrincipalOrgID": "o-zzz"})
    assert denied(change, "arn:aws:iam::777788889999:user/x")
    assert not denied(change, USER, **{"aws:PrincipalOrgID": "o-abc"})
    assert not denied(change, f"arn:aws:iam::{OTHER}:role/vendor")
    assert not denied(change, "cloudtrail.amazonaws.com")


def test_a_network() -> None:
    change = deny_network(DOCUMENT, "b", "Net", ["198.51.100.7", "2001:db8::/32"])
    assert denied(change, USER, **{"aws:SourceIp": "198.51.100.7"})
    assert denied(change, "anonymous", **{"aws:SourceIp": "2001:db8::1"})
    assert not denied(change, USER, **{"aws:SourceIp": "198.51.100.8"})
    assert not denied(change, USER)


def test_outside_a_network() -> None:
    change = deny_outside_network(DOCUMENT, "b", "Net", ["203.0.113.0/24"], ["vpc-1a"])
    assert denied(change, USER, **{"aws:SourceIp": "198.51.100.7", "aws:ViaAWSService": "false"})
    assert denied(change, USER, **{"aws:SourceVpc": "vpc-9"})
    assert not denied(change, USER, **{"aws:SourceVpc": "vpc-1a"})
    assert not denied(change, USER, **{"aws:SourceIp": "203.0.113.9"})
    assert not denied(change, USER, **{"aws:SourceIp": "52.0.0.1", "aws:ViaAWSService": "true"})
    assert not denied(change, "logging.s3.amazonaws.com", **{"aws:SourceIp": "52.0.0.1"})
    assert "any VPC endpoint" in deny_outside_network(None, "b", "Net", ["203.0.113.0/24"]).explanation[0]


def test_without_tls() -> None:
    change = deny_without_tls(DOCUMENT, "b", "Tls")
    assert denied(change, "anonymous", **{"aws:SecureTransport": "false"})
    assert not denied(change, "anonymous", **{"aws:SecureTransport": "true"})


def test_only_one_statement_is_added_and_the_others_stay_byte_for_byte() -> None:
    change = deny_without_tls(DOCUMENT, "b", "Tls")
    assert change.changed
    assert change.document
    assert list(change.document) == list(DOCUMENT)
    assert change.document["Version"] == "2008-10-17"
    assert change.document["Statement"][0] is OPEN
    assert [one["Sid"] for one in change.document["Statement"]] == ["Open", "Tls"]
    assert len(DOCUMENT["Statement"]) == 1


def test_another_partition() -> None:
    change = deny_without_tls(None, "arn:aws-cn:s3:::b", "Tls")
    assert change.document
    assert change.document["Statement"][0]["Resource"] == ["arn:aws-cn:s3:::b", "arn:aws-cn:s3:::b/*"]


SAME = [
    {"Sid": "x", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]},
    {"Action": "*", "Resource": "*", "Principal": {"AWS": "*"}},
    {"Action": "s3:*", "Resource": "arn:aws:s3:::b*", "Condition": {"bool": {"AWS:SECURETRANSPORT": False}}},
    {"Action": "s3:*", "Resource": "*", "Condition": {}},
]


@pytest.mark.parametrize("other", SAME)
def test_what_is_denied_already_changes_nothing(other: dict[str, Any]) -> None:
    tls = {
        "Effect": "Deny",
        "Principal": "*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        **other,
    }
    document = {"Statement": tls}
    change = deny_without_tls(document, "b", "Tls")
    assert (change.document, change.changed) == (document, False)
    assert change.document is document


@pytest.mark.parametrize(
    "other",
    [
        {"Action": "s3:GetObject"},
        {"Resource": "arn:aws:s3:::b/*"},
        {"Principal": {"AWS": OTHER}},
        {"Effect": "Allow"},
        {"Condition": {"Bool": {"aws:SecureTransport": "false"}, "IpAddress": {"aws:SourceIp": "192.0.2.1"}}},
        {"Condition": {"BoolIfExists": {"aws:SecureTransport": "false"}}},
    ],
)
def test_what_is_denied_only_in_part_is_denied_in_whole(other: dict[str, Any]) -> None:
    tls = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
           "Condition": {"Bool": {"aws:SecureTransport": "false"}}}  # fmt: skip
    assert deny_without_tls({"Statement": {**tls, **other}}, "b", "Tls").changed


REFUSED: list[tuple[Callable[[], Tightened], str]] = [
    (lambda: deny_principal(None, "b", "S", "arn:aws:iam::111122223333:user/*"), "is not the ARN"),
    (
        lambda: deny_principal(None, "b", "S", "arn:aws:iam::111122223333:user/${aws:username}"),
        "is not the ARN",
    ),
    (lambda: deny_principal(None, "b", "S", "AIDAEXAMPLE"), "is not the ARN"),
    (lambda: deny_principal(None, "b", "S", "*"), "is not the ARN"),
    (lambda: deny_principal(None, "b/*", "S", USER), "the name or the ARN of a bucket"),
    (lambda: deny_principal(None, "b", "", USER), "a Sid"),
    (lambda: deny_outside_organization(None, "b", "S", "o-*"), "an organization id"),
    (lambda: deny_outside_organization(None, "b", "S", "o-abc", ["1"]), "12 digits"),
    (lambda: deny_network(None, "b", "S", ["everywhere"]), "CIDR"),
    (lambda: deny_network(None, "b", "S", []), "No network"),
    (lambda: deny_outside_network(None, "b", "S", ["203.0.113.0/24"], ["vpc-*"]), "a VPC id"),
]


@pytest.mark.parametrize(("make", "words"), REFUSED)
def test_what_cannot_be_denied_is_refused(make: Callable[[], Tightened], words: str) -> None:
    with pytest.raises(TightenError, match=words):
        make()


def test_a_sid_is_not_taken_from_another_statement() -> None:
    with pytest.raises(SidTakenError) as caught:
        deny_without_tls(DOCUMENT, "b", "Open")
    assert caught.value.sid == "Open"


def test_a_policy_that_would_be_too_large_is_refused() -> None:
    def filled(size: int) -> dict[str, Any]:
        return {"Statement": [{**OPEN, "Resource": f"arn:aws:s3:::b/{'x' * size}"}]}

    base = deny_without_tls(filled(1), "b", "Tls").document
    room = 20_480 - len(json.dumps(base, separators=(",", ":"))) + 1
    assert deny_without_tls(filled(room), "b", "Tls").changed
    with pytest.raises(PolicyTooLargeError) as caught:
        deny_without_tls(filled(room + 1), "b", "Tls")
    assert (caught.value.size, caught.value.limit) == (20_481, 20_480)


def test_what_is_no_policy_is_not_touched() -> None:
    with pytest.raises(PolicyError):
        deny_without_tls({"Statement": [{"Effect": "Allow"}]}, "b", "Tls")


MAKERS = [
    lambda document: deny_principal(document, "b", "New", USER),
    lambda document: deny_principal(document, "b", "New", SESSION),
    lambda document: deny_outside_organization(document, "b", "New", "o-1"),
    lambda document: deny_network(document, "b", "New", ["203.0.113.0/24"]),
    lambda document: deny_outside_network(document, "b", "New", ["203.0.113.0/24"]),
    lambda document: deny_without_tls(document, "b", "New"),
]


@given(documents(named=True), st.sampled_from(MAKERS), requests)
def test_a_denial_never_allows_more_and_is_there_once(
    body: list[dict[str, Any]], make: Callable[[Mapping[str, Any]], Tightened], request_: Request
) -> None:
    document = {"Version": "2012-10-17", "Statement": body}
    change = make(document)
    assert change.document
    after = parse(json.loads(json.dumps(change.document)))
    assert list(change.document["Statement"][: len(body)]) == body
    again = make(change.document)
    assert (again.document, again.changed) == (change.document, False)
    before = evaluate(request_, Policies(resource=parse(document)))
    assert OPENNESS[evaluate(request_, Policies(resource=after)).outcome] <= OPENNESS[before.outcome]
