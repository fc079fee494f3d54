"""Cases for simulation: what is read, what is refused and where, and what is answered."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy.cases import CaseError, read_case
from bot.policy.settings import SettingsError, read_acl, read_bucket_policy, read_public_access_block

OWN = "111122223333"
ALLOW = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}
DENY = {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}}


def case(**more: Any) -> dict[str, Any]:
    request = {
        "principal": f"arn:aws:iam::{OWN}:user/david",
        "action": "s3:GetObject",
        "resource": "arn:aws:s3:::b/k",
        "resource_account": OWN,
        "context": {},
        **more.pop("request", {}),
    }
    return {
        "name": "case",
        "request": request,
        "identity_policies": [{"name": "own", "policy": ALLOW}],
        **more,
    }


def answered(**more: Any) -> dict[str, Any]:
    return read_case(json.dumps(case(**more))).answer()


DECISIONS = [
    ({}, "allowed"),
    ({"identity_policies": []}, "implicitly_denied"),
    ({"identity_policies": None}, "implicitly_denied"),
    ({"identity_policies": [ALLOW]}, "allowed"),
    ({"identity_policies": [json.dumps(ALLOW)]}, "allowed"),
    ({"identity_policies": [{"policy": json.dumps(ALLOW)}]}, "allowed"),
    ({"identity_policies": [ALLOW, DENY]}, "explicitly_denied"),
    ({"permission_boundaries": []}, "allowed"),
    ({"permission_boundaries": None}, "allowed"),
    ({"permission_boundaries": [DENY]}, "explicitly_denied"),
    ({"session_policy": DENY}, "explicitly_denied"),
    ({"scps": []}, "allowed"),
    ({"scps": [[]]}, "implicitly_denied"),
    ({"scps": [[ALLOW], []]}, "implicitly_denied"),
    ({"scps": [[ALLOW], [ALLOW, ALLOW]]}, "allowed"),
    ({"rcps": [[]]}, "allowed"),
    ({"rcps": [[{**DENY, "Statement": {**DENY["Statement"], "Principal": "*"}}]]}, "explicitly_denied"),
    ({"resource_policy": {"name": "b", "policy": DENY}}, "allowed"),
    ({"request": {"principal": "anonymous"}}, "implicitly_denied"),
    ({"request": {"resource_account": None, "context": None}}, "allowed"),
    ({"expected": "allowed", "note": "an element of the author's own"}, "allowed"),
]


@pytest.mark.parametrize(("more", "decision"), DECISIONS)
def test_layers(more: dict[str, Any], decision: str) -> None:
    assert answered(**more)["decision"] == decision


def test_the_answer_says_why() -> None:
    assert answered(identity_policies=[{"name": "mine", "policy": DENY}]) == {
        "name": "case",
        "decision": "explicitly_denied",
        "because": [
            {"layer": "identity", "policy": "mine", "statement": "#0", "effect": "Deny", "conditions": ()}
        ],
        "depends_on": [],
    }


@pytest.mark.parametrize(
    ("given_value", "decision"),
    [
        (None, "depends"),
        ([None], "depends"),
        (True, "allowed"),
        ("TRUE", "allowed"),
        (["true"], "allowed"),
        ([], "implicitly_denied"),
        (False, "implicitly_denied"),
        ("unknown", "implicitly_denied"),
        (1, "implicitly_denied"),
    ],
)
def test_condition_keys(given_value: Any, decision: str) -> None:
    statement = {**ALLOW["Statement"], "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
    found = answered(
        identity_policies=[{"Version": "2012-10-17", "Statement": statement}],
        request={"context": {"AWS:multifactorauthpresent": given_value}},
    )
    assert found["decision"] == decision
    assert found["depends_on"] == (["aws:MultiFactorAuthPresent"] if decision == "depends" else [])


def without(element: str) -> dict[str, Any]:
    return {key: value for key, value in case().items() if key != element}


WRONG = [
    ("[]", "$"),
    ("{", "$"),
    ("[" * 100_000, "$"),
    (json.dumps(without("name")), "$.name"),
    (json.dumps(without("request")), "$.request"),
    (json.dumps(case(request={"principal": "bob the builder"})), "$.request.principal"),
    (json.dumps(case(request={"principal": None})), "$.request.principal"),
    (json.dumps(case(request={"action": "s3:*"})), "$.request.action"),
    (json.dumps(case(request={"action": "GetObject"})), "$.request.action"),
    (json.dumps(case(request={"resource": ""})), "$.request.resource"),
    (json.dumps(case(request={"resource_account": 111122223333})), "$.request.resource_account"),
    (json.dumps(case(request={"context": []})), "$.request.context"),
    (json.dumps(case(request={"context": {"aws:SourceIp": {}}})), "$.request.context.aws:SourceIp"),
    (json.dumps(case(request={"resorce": "x"}) | {}).replace('"resource": ', '"x": '), "$.request.resorce"),
    (json.dumps({**without("identity_policies"), "identity_policy": []}), "$.identity_policy"),
    (json.dumps(case(identity_policies={})), "$.identity_policies"),
    (json.dumps(case(identity_policies=[{"name": "x", "policy": None}])), "$.identity_policies[0].policy"),
    (json.dumps(case(identity_policies=[{"name": 1, "policy": ALLOW}])), "$.identity_policies[0].name"),
    (json.dumps(case(scps=[ALLOW])), "$.scps[0]"),
    (json.dumps(case(scps=[[ALLOW], [{"policy": {}}]])), "$.scps[1][0].policy"),
]


@pytest.mark.parametrize(("text", "path"), WRONG, ids=[path for _, path in WRONG])
def test_what_is_no_case_is_refused_with_its_place(text: str, path: str) -> None:
    with pytest.raises(CaseError) as caught:
        read_case(text)
    assert caught.value.path == path
    assert str(caught.value).startswith(f"{path}: ")


def test_a_malformed_policy_is_named_within_the_case() -> None:
    with pytest.raises(
        CaseError, match=r"^\$\.rcps\[0\]\[0\]: is not a policy: \$\.Statement\[0\]\.Effect: "
    ):
        answered(rcps=[[{"Statement": {"Action": "*"}}]])


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just(ALLOW),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
nearly = st.dictionaries(st.sampled_from([*case(), "scp", "policy"]), anything).map(
    lambda more: case() | more
)


@given(
    anything
    | nearly
    | st.dictionaries(st.sampled_from([*case()["request"]]), anything).map(lambda r: case(request=r))
)
def test_no_json_value_raises_anything_but_a_case_error(value: Any) -> None:
    try:
        found = read_case(json.dumps(value))
    except CaseError:
        return
    assert json.loads(json.dumps(found.answer()))["decision"]


@given(
    anything
    | st.dictionaries(st.sampled_from(["Owner", "Grants", "Policy", "RestrictPublicBuckets"]), anything)
)
def test_no_json_value_raises_anything_but_a_settings_error(value: Any) -> None:
    for read in (read_acl, read_bucket_policy, read_public_access_block):
        with suppress(SettingsError):
            assert read(json.dumps(value)) is not None


def test_settings_as_aws_answers_them_or_bare() -> None:
    bare = {"RestrictPublicBuckets": True}
    assert read_public_access_block(json.dumps(bare)) == bare
    assert read_public_access_block(json.dumps({"PublicAccessBlockConfiguration": bare})) == bare
    assert read_bucket_policy(json.dumps(ALLOW)) == read_bucket_policy(
        json.dumps({"Policy": json.dumps(ALLOW)})
    )


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"RestrictPublicBuckets": "true"}',
        "{}",
        '{"restrictPublicBuckets": true}',
        '{"Policy": 1}',
    ],
)
def test_what_are_no_settings(text: str) -> None:
    for read in (read_acl, read_bucket_policy, read_public_access_block):
        with pytest.raises(SettingsError):
            read(text)
