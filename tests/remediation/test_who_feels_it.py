"""A card never says that calls stop which go on."""

from __future__ import annotations

import pytest

from bot.remediation.catalogue import remediation
from bot.remediation.contract import Observed, PlanContext
from bot.remediation.plan import State

BUCKET = "acme-payroll"
APP = Observed("assumed-role/payroll-app/i-1", None, "known", (), (), 28, None)
#: What AWS shows before the change.
BEFORE: dict[str, State] = {
    "R23": {"Bucket": BUCKET, "Ownership": "ObjectWriter", "OnlyOwnerInAcl": True},
    "R33": {"Bucket": BUCKET, "Status": "Suspended", "MfaDelete": False},
    "R35": {"Bucket": BUCKET, "Rules": [], "Blocked": []},
}


def told(row: str, *observed: Observed) -> list[str]:
    made = remediation(row)
    target = made.target("111122223333", "us-east-1", {"bucket": BUCKET})
    return list(made.plan(target, BEFORE[row], PlanContext("inc-0001", observed=observed)).affected)


@pytest.mark.parametrize("row", ["R23", "R35"])
def test_those_whose_calls_may_stop_are_named_after_which_calls_do(row: str) -> None:
    which, *named = told(row, APP)
    assert which.startswith(("Only", "Calls that nothing but an ACL allows"))
    assert "go on" in which
    assert named == ["assumed-role/payroll-app/i-1 uses the bucket (known): 28 calls."]


def test_where_the_evidence_shows_nobody_it_says_so() -> None:
    (said,) = told("R35")
    assert "evidence can have gaps" in said


def test_versioning_stops_nobody() -> None:
    (said,) = told("R33", APP)
    assert said.startswith("Nobody's requests stop")
