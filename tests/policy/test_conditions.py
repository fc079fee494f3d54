"""Every condition operator, with missing keys, several values, unknown keys and policy variables."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy.conditions import Answer, holds
from bot.policy.context import UNKNOWN, Context
from bot.policy.document import parse
from bot.policy.operators import NULL, OPERATORS
from bot.policy.truth import Truth

Given = Mapping[str, str | Sequence[str]]


def answer(operator: str, wanted: object, context: Given, *, version: str = "2012-10-17") -> Answer:
    block = {operator: {"test:key": wanted}}
    document = {"Version": version, "Statement": {"Effect": "Deny", "Action": "*", "Condition": block}}
    statement = parse(document).statements[0]
    return holds(statement.conditions[0], Context(context), variables=statement.variables)


def truth(operator: str, wanted: object, given_value: str | Sequence[str] | None, **more: str) -> bool:
    context: dict[str, str | Sequence[str]] = {} if given_value is None else {"TEST:Key": given_value}
    found = answer(operator, wanted, context | more).truth
    assert found != Truth.MAYBE
    return found == Truth.YES


MATCHING = [
    ("StringEquals", "abc", "abc", "ABC"),
    ("StringEquals", ["x", "abc"], "abc", "ab"),
    ("StringEquals", "a*", "a*", "abc"),
    ("StringEqualsIgnoreCase", "aBc", "AbC", "abd"),
    ("StringLike", "home/*", "home/david/", "Home/david"),
    ("StringLike", "", "", "x"),
    ("NumericEquals", "10", "10.0", "11"),
    ("NumericLessThan", 10, "9.5", "10"),
    ("NumericLessThanEquals", "10", "10", "10.1"),
    ("NumericGreaterThan", "600000", "600001", "600000"),
    ("NumericGreaterThanEquals", "-1", "-1", "-2"),
    ("DateEquals", "2026-11-23T03:00:00Z", "1795402800", "1795402801"),
    ("DateLessThan", "2026-11-23T03:00:00Z", "2026-11-23T02:59:59Z", "2026-11-23T03:00:00Z"),
    ("DateLessThan", "2026-11-23T03:00:00Z", "2026-11-23T03:30:00+01:00", "2026-11-23T02:30:00-01:00"),
    ("DateLessThanEquals", "2026-11-23", "2026-11-23T00:00:00Z", "2026-11-23T00:00:01Z"),
    ("DateGreaterThan", "2026", "2026-06-01T00:00:00Z", "2025-12-31T23:59:59Z"),
    ("DateGreaterThanEquals", "2026-11", "2026-11-01T00:00:00Z", "2026-10-31T23:59:59Z"),
    ("Bool", True, "true", "false"),
    ("Bool", "TRUE", "true", "false"),
    ("BinaryEquals", "QmluYXJ5", "QmluYXJ5", "QmluYXJ4"),
    ("IpAddress", "203.0.113.0/24", "203.0.113.77", "203.0.114.1"),
    ("IpAddress", "203.0.113.7", "203.0.113.7", "203.0.113.8"),
    ("IpAddress", ["203.0.113.0/24", "2001:DB8:1234:5678::/64"], "2001:db8:1234:5678::1", "2001:db8:1:1::1"),
    ("IpAddress", "0.0.0.0/0", "198.51.100.1", "2001:db8::1"),
    (
        "ArnEquals",
        "arn:aws:iam::111122223333:role/*",
        "arn:aws:iam::111122223333:role/a",
        "arn:aws:iam::1:role/a",
    ),
    (
        "ArnLike",
        "arn:aws:sns:*:111122223333:t",
        "arn:aws:sns:eu-west-1:111122223333:t",
        "arn:aws:sns:x:y:1:t",
    ),
]
NEGATED = {
    "StringEquals": "StringNotEquals",
    "StringEqualsIgnoreCase": "StringNotEqualsIgnoreCase",
    "StringLike": "StringNotLike",
    "NumericEquals": "NumericNotEquals",
    "DateEquals": "DateNotEquals",
    "IpAddress": "NotIpAddress",
    "ArnEquals": "ArnNotEquals",
    "ArnLike": "ArnNotLike",
}


@pytest.mark.parametrize(("operator", "wanted", "hit", "miss"), MATCHING)
def test_each_operator_matches_and_misses(operator: str, wanted: object, hit: str, miss: str) -> None:
    assert truth(operator, wanted, hit)
    assert not truth(operator, wanted, miss)
    if negated := NEGATED.get(operator):
        assert not truth(negated, wanted, hit)
        assert truth(negated, wanted, miss)


def test_the_table_covers_every_operator() -> None:
    tested = {operator for operator, *_ in MATCHING} | set(NEGATED.values()) | {NULL.name}
    assert tested == {operator.name for operator in OPERATORS.values()}


@pytest.mark.parametrize(("operator", "wanted", "hit", "miss"), MATCHING)
def test_missing_keys(operator: str, wanted: object, hit: str, miss: str) -> None:
    assert not truth(operator, wanted, None)
    assert truth(f"{operator}IfExists", wanted, None)
    assert truth(f"{operator}IfExists", wanted, hit)
    assert not truth(f"{operator}IfExists", wanted, miss)
    assert truth(f"ForAllValues:{operator}", wanted, None)
    assert not truth(f"ForAnyValue:{operator}", wanted, None)
    if negated := NEGATED.get(operator):
        assert truth(negated, wanted, None)
        assert truth(f"{negated}IfExists", wanted, None)
        assert truth(f"ForAllValues:{negated}", wanted, None)
        assert not truth(f"ForAnyValue:{negated}", wanted, None)


@pytest.mark.parametrize(
    ("operator", "wanted", "nonsense"),
    [
        ("NumericLessThan", "10", "ten"),
        ("NumericLessThan", "ten", "1"),
        ("NumericEquals", "NaN", "NaN"),
        ("DateLessThan", "2026-11-23", "yesterday"),
        ("IpAddress", "203.0.113.0/24", "s3.amazonaws.com"),
        ("IpAddress", "203.0.113.0/99", "203.0.113.1"),
        ("BinaryEquals", "QmluYXJ5", "***"),
        ("BinaryEquals", "***", "***"),
    ],
)
def test_values_of_another_kind_match_nothing(operator: str, wanted: str, nonsense: str) -> None:
    assert not truth(operator, wanted, nonsense)


def test_null_asks_only_whether_the_key_is_there() -> None:
    assert truth("Null", "true", None)
    assert not truth("Null", "true", "x")
    assert truth("Null", False, "x")
    assert not truth("Null", "false", None)
    assert truth("Null", "true", [])


def test_set_operators_over_several_values() -> None:
    wanted = ["PostDateTime", "Message", "Tags"]
    assert truth("ForAllValues:StringEquals", wanted, ["PostDateTime", "Message"])
    assert not truth("ForAllValues:StringEquals", wanted, ["PostDateTime", "UserName"])
    assert truth("ForAnyValue:StringEquals", wanted, ["UserName", "Tags"])
    assert not truth("ForAnyValue:StringEquals", wanted, ["UserName", "ID"])
    assert truth("ForAllValues:StringNotEquals", wanted, ["UserName", "ID"])
    assert not truth("ForAllValues:StringNotEquals", wanted, ["UserName", "Tags"])
    assert truth("ForAnyValue:StringNotEquals", wanted, ["UserName", "Tags"])
    assert not truth("ForAnyValue:StringNotEquals", wanted, ["Tags", "Message"])


def test_an_empty_value_is_an_empty_set_to_the_set_operators_only() -> None:
    assert truth("ForAllValues:StringEquals", "x", "")
    assert not truth("ForAnyValue:StringLike", "*", "")
    assert truth("StringLike", "*", "")


def test_unknown_keys_are_named_and_never_guessed() -> None:
    for operator in (
        "StringEquals",
        "StringNotEquals",
        "StringEqualsIfExists",
        "ForAllValues:StringLike",
        "Null",
    ):
        assert answer(operator, "true", {"test:KEY": UNKNOWN}) == Answer(Truth.MAYBE, frozenset({"test:key"}))
    assert truth("StringEquals", "unknown", "unknown")  # the same text, sent by a client


def test_variables_take_the_value_literally() -> None:
    wanted = "home/${aws:username}/*"
    assert truth("StringLike", wanted, "home/david/x", **{"aws:username": "david"})
    assert not truth("StringLike", wanted, "home/anna/x", **{"aws:username": "*"})
    assert truth("StringEquals", "${aws:username}", "*", **{"aws:username": "*"})
    arn = "arn:aws:iam::${aws:PrincipalAccount}:role/app"
    assert truth(
        "ArnEquals", arn, "arn:aws:iam::111122223333:role/app", **{"aws:PrincipalAccount": "111122223333"}
    )


def test_variables_without_a_value() -> None:
    wanted = "${aws:PrincipalTag/team}"
    assert not truth("StringEquals", wanted, "x")
    assert not truth("StringNotEquals", wanted, "x")  # the statement is invalid, so that nothing of it holds
    assert truth("StringEquals", "${aws:PrincipalTag/team, 'all*staff'}", "all*staff")
    assert not truth("StringLike", "${aws:PrincipalTag/team, 'all*staff'}", "all the staff")
    two = answer("StringEquals", wanted, {"test:key": "a", "aws:PrincipalTag/team": ["a", "b"]})
    assert two.truth == Truth.NO


def test_escapes_stand_for_the_character_itself() -> None:
    assert truth("StringLike", "50${*}*", "50* off")
    assert not truth("StringLike", "50${*}*", "500 off")
    assert truth("StringEquals", "${$}{aws:username}", "${aws:username}", **{"aws:username": "david"})


def test_older_policies_have_no_variables() -> None:
    context = {"test:key": "${aws:username}", "aws:username": "david"}
    assert answer("StringEquals", "${aws:username}", context, version="2008-10-17").truth == Truth.YES
    assert answer("StringEquals", "${aws:username}", context).truth == Truth.NO


def test_an_unknown_variable_matters_only_where_it_could_match() -> None:
    context = {"aws:username": UNKNOWN, "test:key": "home/david"}
    maybe = answer("StringLike", "home/${aws:username}", context)
    assert maybe == Answer(Truth.MAYBE, frozenset({"aws:username"}))
    assert answer("StringLike", "away/${aws:username}", context).truth == Truth.NO
    assert answer("StringNotLike", "away/${aws:username}", context).truth == Truth.YES
    assert answer("StringLike", ["home/*", "home/${aws:username}"], context).truth == Truth.YES


def test_an_unknown_variable_in_an_exact_comparison() -> None:
    context = {"aws:username": UNKNOWN, "test:key": "home/david"}
    assert answer("StringEquals", "home/${aws:username}", context).truth == Truth.MAYBE
    assert answer("StringNotEquals", "home/${aws:username}", context).truth == Truth.MAYBE


@given(
    st.sampled_from(sorted(NEGATED)),
    st.lists(st.text(max_size=6), max_size=3),
    st.text(max_size=6),
)
def test_a_negated_operator_is_the_opposite_for_one_value(
    operator: str, wanted: list[str], value: str
) -> None:
    block = [text.replace("$", "") for text in wanted]
    assert truth(operator, block, value) != truth(NEGATED[operator], block, value)
