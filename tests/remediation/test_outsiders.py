"""Of any policy only Allow statements for outsiders go; all else stays, byte for byte and in its order."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.policy.document import parse
from bot.policy.reach import View
from bot.remediation.errors import NothingToDo
from bot.remediation.outsiders import chosen, without
from tests.aws.account import ACCOUNT
from tests.examples import some_of
from tests.remediation.rows.cases_access_points import ANYONE, NO_WRITES, OWN, THEIRS, WITHIN
from tests.remediation.rows.cases_keys import LOGS, THROUGH_S3

VIEW = View(ACCOUNT)
#: A Deny that takes back what an Allow gives makes it harmless; this one does not.
NOT_HERE = {**ANYONE, "Sid": "NotHere", "Effect": "Deny", "Action": "s3:DeleteObject"}
_STAY = (OWN, WITHIN, NO_WRITES, LOGS, THROUGH_S3, NOT_HERE)
BUT_US = {**THROUGH_S3, "Sid": "ButUs", "Condition": {"StringNotEquals": {"kms:CallerAccount": ACCOUNT}}}
_GO = (THEIRS, ANYONE, BUT_US)


@settings(max_examples=some_of(60), deadline=None, derandomize=True)
@given(statements=st.lists(st.sampled_from([*_STAY, *_GO]), min_size=1, max_size=6))
def test_who_goes_and_who_stays(statements: list[dict[str, Any]]) -> None:
    document = {"Version": "2012-10-17", "Statement": statements}
    stay = [one for one in statements if one in _STAY]
    if stay == statements:
        with pytest.raises(NothingToDo):
            chosen("the key", parse(document), None, VIEW)
        return
    left = without(document, chosen("the key", parse(document), None, VIEW))
    wanted = {"Version": "2012-10-17", "Statement": stay} if stay else None
    assert json.dumps(left) == json.dumps(wanted)


def test_statements_of_one_name_go_together_and_one_without_a_name_goes_by_its_place() -> None:
    unnamed = {key: value for key, value in THEIRS.items() if key != "Sid"}
    policy = parse({"Version": "2012-10-17", "Statement": [THEIRS, OWN, THEIRS, unnamed]})
    assert chosen("the key", policy, "Partner", VIEW) == (0, 2)
    assert chosen("the key", policy, "Partner, #3", VIEW) == (0, 2, 3)
