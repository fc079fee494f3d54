"""Reading policy documents: what AWS takes, what it refuses, and where it says the mistake is."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy.document import Policy, PolicyError, Principal, parse

BUCKET = "arn:aws:s3:::acme-payroll"


def test_single_values_stand_where_lists_are_allowed() -> None:
    single = parse(
        {
            "Version": "2012-10-17",
            "Statement": {
                "Sid": "Read",
                "Effect": "Allow",
                "Principal": {"AWS": "111122223333"},
                "Action": "s3:GetObject",
                "Resource": f"{BUCKET}/*",
                "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}},
            },
        }
    )
    lists = parse(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "Read",
                    "Effect": "Allow",
                    "Principal": {"AWS": ["111122223333"]},
                    "Action": ["s3:GetObject"],
                    "Resource": [f"{BUCKET}/*"],
                    "Condition": {"StringEquals": {"aws:PrincipalOrgID": ["o-1"]}},
                }
            ],
        }
    )
    assert single == lists
    assert single.statements[0].label == "Read"


def test_json_text_and_object_read_the_same_and_keep_the_source() -> None:
    document = {"Statement": [{"Effect": "Deny", "NotAction": "s3:Get*", "NotResource": "*"}]}
    policy = parse(json.dumps(document), "inline")
    assert policy == parse(document, "inline")
    assert policy.source == document
    assert (policy.name, policy.version) == ("inline", None)
    assert policy.statements[0].not_actions == ("s3:Get*",)
    assert policy.statements[0].label == "#0"
    assert not policy.statements[0].variables


@pytest.mark.parametrize("version", ["2012-10-17", "2008-10-17", None])
def test_only_the_newer_version_knows_variables(version: str | None) -> None:
    document = {"Statement": [{"Effect": "Deny", "Action": "*"}]} | ({"Version": version} if version else {})
    assert parse(document).statements[0].variables is (version == "2012-10-17")


def test_principals_of_all_kinds() -> None:
    named = {"AWS": ["*", "111122223333"], "Service": "cloudtrail.amazonaws.com", "CanonicalUser": "79a5"}
    policy = parse({"Statement": {"Effect": "Allow", "Principal": named, "Action": "s3:*"}})
    assert policy.statements[0].principals == (
        Principal("AWS", "*"),
        Principal("AWS", "111122223333"),
        Principal("Service", "cloudtrail.amazonaws.com"),
        Principal("CanonicalUser", "79a5"),
    )
    star = parse({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:*"}})
    assert star.statements[0].principals[0].is_anyone


def test_condition_values_and_operators() -> None:
    conditions = {
        "ForAnyValue:ARNLikeIfExists": {"aws:SourceArn": ["a", "b"]},
        "Bool": {"aws:SecureTransport": False},
        "NumericLessThan": {"s3:max-keys": 10},
    }
    policy = parse({"Statement": {"Effect": "Deny", "Action": "*", "Condition": conditions}})
    arn, secure, keys = policy.statements[0].conditions
    assert (arn.operator.name, arn.qualifier, arn.if_exists) == ("ArnLike", "ForAnyValue", True)
    assert secure.values == ("false",)
    assert keys.values == ("10",)
    assert str(keys) == "NumericLessThan s3:max-keys [10]"


def statement(**changes: object) -> dict[str, object]:
    whole = {"Effect": "Allow", "Action": "s3:*", "Resource": "*", **changes}
    return {"Statement": [{k: v for k, v in whole.items() if v is not None}]}


MALFORMED = [
    ("not json", "$"),
    ("[]", "$"),
    ("[" * 100_000, "$"),
    ("9" * 5_000, "$"),
    ('{"foo": 1}', "$.foo"),
    ("{}", "$.Statement"),
    ({"Version": 2012, "Statement": []}, "$.Version"),
    ({"Statement": ["no"]}, "$.Statement[0]"),
    (statement(Effect=None), "$.Statement[0].Effect"),
    (statement(Effect="allow"), "$.Statement[0].Effect"),
    (statement(Effect=["Allow"]), "$.Statement[0].Effect"),
    (statement(Action=None), "$.Statement[0].Action"),
    (statement(Action=[]), "$.Statement[0].Action"),
    (statement(Action=""), "$.Statement[0].Action"),
    (statement(Action=["s3:*", 1]), "$.Statement[0].Action"),
    (statement(NotAction="s3:*"), "$.Statement[0]"),
    (statement(Sid=7), "$.Statement[0].Sid"),
    (statement(Principals="*"), "$.Statement[0].Principals"),
    (statement(Principal={}), "$.Statement[0].Principal"),
    (statement(Principal={"Group": "x"}), "$.Statement[0].Principal"),
    (statement(Principal={"AWS": []}), "$.Statement[0].Principal.AWS"),
    (statement(Principal=["*"]), "$.Statement[0].Principal"),
    (statement(Condition={"StringIs": {"k": "v"}}), "$.Statement[0].Condition.StringIs"),
    (statement(Condition={"NullIfExists": {"k": "true"}}), "$.Statement[0].Condition.NullIfExists"),
    (statement(Condition={"ForSome:StringLike": {}}), "$.Statement[0].Condition.ForSome:StringLike"),
    (statement(Condition={"Bool": {"k": {"v": 1}}}), "$.Statement[0].Condition.Bool.k"),
    (statement(Condition=[]), "$.Statement[0].Condition"),
]


@pytest.mark.parametrize(("document", "path"), MALFORMED)
def test_malformed_policies_name_the_json_path(document: str | dict[str, object], path: str) -> None:
    with pytest.raises(PolicyError) as caught:
        parse(document)
    assert caught.value.path == path
    assert str(caught.value).startswith(f"{path}: ")


KEYS = st.sampled_from(
    ["Version", "Statement", "Effect", "Action", "Resource", "Principal", "Condition", "Sid"]
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["Allow", "Deny"]),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(KEYS | st.text(max_size=8), inner, max_size=5)
    ),
    max_leaves=20,
)


@given(JSON)
def test_any_json_value_is_a_policy_or_a_policy_error(value: object) -> None:
    outcome: Policy | PolicyError
    try:
        outcome = parse(json.dumps(value))
    except PolicyError as error:
        outcome = error
    assert isinstance(outcome, Policy) or outcome.path.startswith("$")


@pytest.mark.parametrize("text", ["1e999", "-1e999", "NaN", "Infinity"])
def test_a_number_that_json_cannot_write_is_refused(text: str) -> None:
    condition = f'{{"NumericLessThan": {{"s3:max-keys": {text}}}}}'
    with pytest.raises(PolicyError) as caught:
        parse(f'{{"Statement": {{"Effect": "Deny", "Action": "*", "Condition": {condition}}}}}')
    assert caught.value.path == "$.Statement[0].Condition.NumericLessThan.s3:max-keys"
