"""Before and after as the card shows them."""

from __future__ import annotations

from bot.remediation.diff import diff
from tests.remediation.samples import deny_all, remove_public


def test_the_change_of_one_field() -> None:
    plan = deny_all("ci")
    assert diff(plan.before, plan.after).splitlines()[1:] == [
        " {",
        '   "User": "ci",',
        '   "Arn": "arn:aws:iam::111122223333:user/ci",',
        '-  "DenyAllAttached": false,',
        '+  "DenyAllAttached": true,',
        '   "RoomForPolicy": true',
        " }",
    ]


def test_a_removed_statement_is_nothing_but_removed_lines() -> None:
    plan = remove_public("acme")
    lines = diff(plan.before, plan.after).splitlines()
    assert not [line for line in lines if line.startswith("+")]
    assert '-        "Sid": "Anyone",' in lines
    assert '-        "Sid": "Own",' not in lines


def test_context_is_limited() -> None:
    before = {"Policy": {str(number): number for number in range(100)}}
    after = {"Policy": {**before["Policy"], "50": "changed"}}
    assert len(diff(before, after).splitlines()) == 1 + 3 + 2 + 3
    assert len(diff(before, after, context=1).splitlines()) == 1 + 1 + 2 + 1


def test_no_change_is_empty() -> None:
    assert diff({"a": 1}, {"a": 1}) == ""
