"""Taking statements out of a policy, and nothing else."""

import json

import pytest

from bot.policy.document import parse
from bot.policy.tighten import public_statements, without_statements

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
