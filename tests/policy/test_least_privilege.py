"""An identity policy rewritten by use: what people used stays, what only the attacker used goes."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy import wording
from bot.policy.change import PolicyTooLargeError, Tightened, TightenError
from bot.policy.document import parse
from bot.policy.evaluate import Policies, Request, evaluate
from bot.policy.least_privilege import OBJECT_ACTIONS, Use, least_privilege
from tests.policy.test_properties import OPENNESS, OWN, documents

ETL = f"arn:aws:iam::{OWN}:role/etl"
EVERYTHING = {"Sid": "All", "Effect": "Allow", "Action": "s3:*", "Resource": "*"}
NO_DELETE = {"Sid": "NoDelete", "Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"}


def use(action: str, resource: str, by_attacker: bool = False, **context: str) -> Use:
    return Use(Request(ETL, action, resource, OWN, context), by_attacker)


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Id": "kept", "Statement": list(statements)}


def rewritten(statement: dict[str, Any], *uses: Use, **options: Any) -> list[dict[str, Any]]:
    change = least_privilege(policy(statement), uses, "role", **options)
    return list(change.document["Statement"]) if change.document else []


READ = use("s3:GetObject", "arn:aws:s3:::b/logs/2026/11/x.gz")


def test_actions_and_folders_that_were_used_remain() -> None:
    uses = (READ, use("s3:ListBucket", "arn:aws:s3:::b"), use("s3:GetObject", "arn:aws:s3:::b/in/y"))
    assert rewritten(EVERYTHING, *uses) == [
        {
            **EVERYTHING,
            "Action": ["s3:GetObject", "s3:ListBucket"],
            "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/in/*", "arn:aws:s3:::b/logs/*"],
        }
    ]


@pytest.mark.parametrize(
    ("folders", "resource"), [(0, "b/*"), (1, "b/logs/*"), (2, "b/logs/2026/*"), (9, "b/logs/2026/11/*")]
)
def test_how_many_folders(folders: int, resource: str) -> None:
    (after,) = rewritten(EVERYTHING, READ, folders=folders)
    assert after["Resource"] == [f"arn:aws:s3:::{resource}"]


def test_the_attackers_use_does_not_count() -> None:
    theirs = use("s3:PutObject", "arn:aws:s3:::b/x", by_attacker=True)
    change = least_privilege(policy(EVERYTHING, NO_DELETE), [READ, theirs], "role")
    assert change.document
    assert change.document["Statement"][0]["Action"] == ["s3:GetObject"]
    assert change.document["Statement"][1] is NO_DELETE
    assert "only the attacker used: s3:PutObject" in change.explanation[0]


def test_what_only_the_attacker_used_goes() -> None:
    change = least_privilege(policy(EVERYTHING), [replace(READ, by_attacker=True)], "role")
    assert change.document is None
    assert change.explanation == (
        "Statement All goes: nobody but the attacker (s3:GetObject) used it.",
        wording.NOTHING_LEFT,
    )


def test_what_is_used_as_written_stays_byte_for_byte() -> None:
    exact = {"Effect": "Allow", "Action": "s3:getobject", "Resource": "arn:aws:s3:::b/logs/*"}
    document = policy(exact, NO_DELETE)
    change = least_privilege(document, [READ], "role")
    assert change.document is document
    assert not change.changed
    also = least_privilege(policy(exact, EVERYTHING), [READ], "role").document
    assert also
    assert also["Statement"][0] is exact


def test_a_narrower_pattern_stays() -> None:
    narrow = {**EVERYTHING, "Resource": ["arn:aws:s3:::b/logs/2026*", "arn:aws:s3:::other/*"]}
    (after,) = rewritten(narrow, READ)
    assert after["Resource"] == ["arn:aws:s3:::b/logs/2026*"]


def test_a_policy_variable_stays() -> None:
    home = {**EVERYTHING, "Resource": "arn:aws:s3:::b/${aws:username}/*"}
    user = f"arn:aws:iam::{OWN}:user/david"
    after = rewritten(home, Use(Request(user, "s3:GetObject", "arn:aws:s3:::b/david/x", OWN)))
    assert after == [{**home, "Action": ["s3:GetObject"]}]


def test_a_key_with_wildcards_in_its_name_opens_nothing() -> None:
    (after,) = rewritten(EVERYTHING, use("s3:GetObject", "arn:aws:s3:::b/*/x"), READ)
    assert after["Resource"] == "*"
    narrow = {**EVERYTHING, "Resource": "arn:aws:s3:::b/*"}
    assert rewritten(narrow, use("s3:GetObject", "arn:aws:s3:::b/*/x")) == [
        {**narrow, "Action": ["s3:GetObject"]}
    ]
    (last,) = rewritten(EVERYTHING, use("s3:GetObject", "arn:aws:s3:::b/logs/x*"))
    assert last["Resource"] == ["arn:aws:s3:::b/logs/*"]


def test_an_action_without_a_resource_does_not_open_the_others() -> None:
    assert rewritten(EVERYTHING, READ, use("s3:ListAllMyBuckets", "*")) == [
        {**EVERYTHING, "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::b/logs/*"]},
        {"Effect": "Allow", "Action": ["s3:ListAllMyBuckets"], "Resource": "*"},
    ]


def test_all_but_some_actions_become_the_used_ones() -> None:
    body = {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}
    assert rewritten(body, READ) == [
        {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::b/logs/*"]}
    ]
    assert rewritten({"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::z/*"}, READ) == [
        {"Effect": "Allow", "Action": ["s3:GetObject"], "NotResource": "arn:aws:s3:::z/*"}
    ]


def test_what_the_log_does_not_record_is_not_called_unused() -> None:
    uses = [use("s3:ListBucket", "arn:aws:s3:::b")]
    (after,) = rewritten(EVERYTHING, *uses, unrecorded=OBJECT_ACTIONS)
    assert set(after["Action"]) == {"s3:ListBucket", *OBJECT_ACTIONS}
    assert after["Resource"] == "*"
    narrow = {**EVERYTHING, "Action": ["s3:GetObject", "s3:PutBucketPolicy"]}
    assert rewritten(narrow, unrecorded=OBJECT_ACTIONS) == [{**narrow, "Action": ["s3:GetObject"]}]


def test_fewer_folders_when_it_does_not_fit() -> None:
    uses = [use("s3:GetObject", f"arn:aws:s3:::b/folder-{one:04}/x") for one in range(100)]
    assert len(least(uses, "role")) == 100
    assert least(uses, "user") == ["arn:aws:s3:::b/*"]
    assert least(uses, "role", others=10_000) == ["arn:aws:s3:::b/*"]


def least(uses: list[Use], kind: Any, **options: Any) -> list[str]:
    change = least_privilege(policy(EVERYTHING), uses, kind, **options)
    assert change.document
    return list(change.document["Statement"][0]["Resource"])


def test_too_large_whatever_is_done() -> None:
    with pytest.raises(PolicyTooLargeError):
        least([READ], "user", others=2_000)


def test_a_resource_based_policy_is_refused() -> None:
    with pytest.raises(TightenError, match="names principals"):
        least_privilege(policy({**EVERYTHING, "Principal": "*"}), [READ], "role")


def test_a_pattern_is_not_an_action() -> None:
    with pytest.raises(TightenError, match="not one action"):
        least_privilege(policy(EVERYTHING), [use("s3:*", "*")], "role")


KEYS = ["", "/david", "/david/x", "/logs/2026/11/x", "/a*/b", "/$/${aws:username}"]
uses = st.lists(
    st.builds(
        Use,
        st.builds(
            Request,
            principal=st.sampled_from([ETL, f"arn:aws:iam::{OWN}:user/david"]),
            action=st.sampled_from(["s3:GetObject", "S3:getobject", "s3:PutBucketPolicy", "kms:Decrypt"]),
            resource=st.sampled_from(["*", *(f"arn:aws:s3:::b{key}" for key in KEYS)]),
            resource_account=st.just(OWN),
            context=st.dictionaries(st.just("aws:SourceIp"), st.just("203.0.113.9")),
        ),
        st.booleans(),
    ),
    max_size=6,
)


def openness(document: Any, request_: Request) -> int:
    identity = (parse(json.loads(json.dumps(document))),) if document else ()
    return OPENNESS[evaluate(request_, Policies(identity=identity)).outcome]


@given(documents(named=False), uses, uses, st.sampled_from(["user", "managed"]), st.integers(0, 3))
def test_never_broader_and_what_was_used_stays(
    body: list[dict[str, Any]], recorded: list[Use], probes: list[Use], kind: Any, folders: int
) -> None:
    document = {"Version": "2012-10-17", "Statement": body}
    change: Tightened = least_privilege(document, recorded, kind, folders=folders)
    for one in probes + recorded:
        assert openness(change.document, one.request) <= openness(document, one.request)
    for one in recorded:
        if not one.by_attacker:
            assert openness(change.document, one.request) == openness(document, one.request)
    denies = [one for one in body if one["Effect"] == "Deny"]
    kept = change.document["Statement"] if change.document else []
    assert [one for one in kept if one["Effect"] == "Deny"] == denies
