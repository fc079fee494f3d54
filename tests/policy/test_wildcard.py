"""Wildcards: what they cross, what they do not, and that hostile patterns stay cheap."""

import fnmatch
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy.wildcard import arn_matches, is_fixed, literal, matches, plain

TEXT = st.text(alphabet="ab/:*?$x", max_size=12)


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("*", "", True),
        ("s3:Get*", "s3:GetObject", True),
        ("s3:Get*", "s3:PutObject", False),
        ("arn:aws:s3:::b", "arn:aws:s3:::b/x", False),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/a/b:c", True),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b", False),
        ("arn:aws:s3:::b*", "arn:aws:s3:::b-2/secret", True),
        ("a?c", "abc", True),
        ("a?c", "ac", False),
        ("a**c", "ac", True),
        ("a*b*c", "a-b-b-c", True),
        ("a*b*c", "a-c-b", False),
        ("line*end", "line\nend", True),
        ("a.c", "abc", False),
        ("${*}", "*", True),
        ("${*}", "anything", False),
        ("a${?}b*", "a?bc", True),
        ("a${?}b*", "axbc", False),
        ("${$}{x}", "${x}", True),
    ],
)
def test_matches(pattern: str, text: str, expected: bool) -> None:
    assert matches(pattern, text) is expected


def test_case_matters_unless_told_otherwise() -> None:
    assert not matches("S3:getobject", "s3:GetObject")
    assert matches("S3:getobject", "s3:GetObject", ignore_case=True)


@given(st.text(alphabet="ab*?", max_size=10), st.text(alphabet="ab", max_size=10))
def test_agrees_with_the_shell_where_the_languages_meet(pattern: str, text: str) -> None:
    assert matches(pattern, text) == fnmatch.fnmatchcase(text, pattern)


@given(TEXT, TEXT)
def test_a_literal_matches_itself_only(value: str, other: str) -> None:
    assert matches(literal(value), value)
    assert plain(literal(value)) == value
    assert matches(literal(value), other) == (value == other)


def test_a_hostile_pattern_is_cheap() -> None:
    started = time.perf_counter()
    assert not matches("*a" * 500 + "b", "a" * 5_000)
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize(
    ("pattern", "arn", "expected"),
    [
        ("arn:aws:iam::111122223333:role/*", "arn:aws:iam::111122223333:role/path/app", True),
        ("arn:aws:iam::*:role/app", "arn:aws:iam::111122223333:role/app", True),
        ("arn:aws:s3:::acme-*", "arn:aws:s3:::acme-a:b/c", True),
        # The AWS documentation's example: a `*` does not cross a colon before the resource part.
        (
            "arn:aws:someservice:*:111122223333:finance/*",
            "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt",
            False,
        ),
        ("arn:aws:iam::111122223333:role/APP", "arn:aws:iam::111122223333:role/app", False),
        ("*", "arn:aws:iam::111122223333:role/app", True),
        ("arn:aws:iam::111122223333", "arn:aws:iam::111122223333:role/app", False),
        ("arn:aws:iam::111122223333:role/app", "not-an-arn", False),
    ],
)
def test_arn_matches(pattern: str, arn: str, expected: bool) -> None:
    assert arn_matches(pattern, arn) is expected


def test_fixed_values_hold_neither_wildcards_nor_variables() -> None:
    assert is_fixed("vpc-91237329")
    assert not any(map(is_fixed, ["vpc-*", "vpc-?", "${aws:username}"]))
