"""Documents and texts as an attacker or a bad day would make them, and slow readings to compare with."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from tests.policy.test_properties import ACTIONS, KEYS, PRINCIPALS, RESOURCES, VALUES

#: What policies are made of, whole and broken, for texts that nearly mean something.
PIECES = [
    *ACTIONS, *RESOURCES, *PRINCIPALS, *KEYS, *VALUES,
    "*", "?", "**", "*?*", "${", "}", "${*}", "${?}", "${$}", "${aws:username, 'x'}", "$", "s3:", ":", "/",
    "arn:aws:s3:::", "arn:*", "0.0.0.0/0", "::/0", "10.0.0.0/8", "vpc-1", "vpce-1", "o-1/r-1/ou-1/",
    "AROAX:s",
    "cloudtrail.amazonaws.com", "\x00", "\ud800", "é", "İ", "ß", "\n", "2026-03-01T00:00:00Z", "1e309", "NaN",
]  # fmt: skip
OPERATORS = [
    "StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringLike", "StringNotLike", "ArnEquals",
    "ArnLike", "ArnNotLike", "IpAddress", "NotIpAddress", "Bool", "Null", "NumericLessThan",
    "DateGreaterThan", "BinaryEquals", "StringLikeIfExists", "BoolIfExists", "ForAnyValue:StringLike",
    "ForAllValues:StringEquals",
]  # fmt: skip
MORE_KEYS = [
    *KEYS, "aws:PrincipalArn", "aws:PrincipalAccount", "aws:SourceVpce", "aws:SourceVpc", "aws:SourceArn",
    "aws:PrincipalOrgPaths", "s3:DataAccessPointAccount", "s3:DataAccessPointArn", "aws:userid", "s3:prefix",
    "aws:MadeUp", "AWS:SOURCEIP", "s3:x-amz-server-side-encryption", "aws:SourceAccount",
]  # fmt: skip

texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), min_size=1, max_size=3).map("".join)
ARNS = [
    "arn:aws:iam::111122223333:root",
    "arn:aws:iam::444455556666:role/*",
    "arn:aws:iam::*:root",
    "arn:aws:sts::111122223333:assumed-role/etl/nightly",
    "AROAEXAMPLEEXAMPLE12",
]
some_texts = texts | st.lists(texts, min_size=1, max_size=3)
principals = st.sampled_from(["*"]) | st.dictionaries(
    st.sampled_from(["AWS", "Service", "Federated", "CanonicalUser"]),
    st.lists(st.sampled_from([*PRINCIPALS, *ARNS]) | texts, min_size=1, max_size=2),
    min_size=1,
    max_size=2,
)
key_values = st.sampled_from(
    [*VALUES, *ARNS, "o-1", "o-*", "10.0.0.0/8", "0.0.0.0/0", "10.0.0.0/16", "2001:db8::/32", "::/0",
     "vpc-1", "vpce-*", "111122223333", "1111*", "${aws:PrincipalAccount}", "o-1/r-1/ou-1/*", "o-1/*"]
) | texts  # fmt: skip
conditions = st.dictionaries(
    st.sampled_from(OPERATORS),
    st.dictionaries(
        st.sampled_from(MORE_KEYS), key_values | st.lists(key_values, max_size=3), min_size=1, max_size=2
    ),
    max_size=2,
)


@st.composite
def statement(draw: st.DrawFn) -> dict[str, Any]:
    """A statement of a bucket policy as S3 would take it, as far as its form goes."""
    negated = st.sampled_from(["", "", "", "Not"])
    body: dict[str, Any] = {
        "Effect": draw(st.sampled_from(["Allow", "Allow", "Deny"])),
        f"{draw(negated)}Principal": draw(principals),
        f"{draw(negated)}Action": draw(st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=2)),
        f"{draw(negated)}Resource": draw(st.lists(st.sampled_from(RESOURCES), min_size=1, max_size=2)),
    }
    condition = draw(conditions)
    return {**body, "Condition": condition} if condition else body


bucket_policies = st.builds(
    lambda version, body: {"Version": version, "Statement": body},
    st.sampled_from(["2012-10-17", "2008-10-17"]),
    st.lists(statement(), min_size=1, max_size=4),
)


def matches_slowly(pattern: str, text: str) -> bool:
    """`*` and `?` by the definition: position by position, without regular expressions or escapes."""
    reached = {0}
    for character in pattern:
        if character == "*":
            reached = set(range(min(reached), len(text) + 1)) if reached else set()
        else:
            reached = {at + 1 for at in reached if at < len(text) and character in ("?", text[at])}
    return len(text) in reached


def as_json(document: object) -> str:
    """The text of a document, lone surrogates and all."""
    return json.dumps(document)
