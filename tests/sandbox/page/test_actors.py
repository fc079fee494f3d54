"""What the calls outside say about an actor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.page.workspace_state import call, outside

pytestmark = pytest.mark.browser
RunJs = Callable[..., Any]


def state_of(run_js: RunJs, role: str, *calls: tuple[str, str, bool]) -> dict[str, str]:
    items = [
        call(n, "someone", role, name, resource, allowed) for n, (name, resource, allowed) in enumerate(calls)
    ]
    found: dict[str, str] = run_js("(m, calls) => m.stateOf(calls)", "actors", items)
    return found


READ = ("s3:GetObject", "acme-payroll/a.csv", True)
READ_OTHER_REFUSED = ("s3:GetObject", "acme-payroll/b.csv", False)
PROBE = ("iam:CreateUser", "admin", False)


def test_an_attacker_gets_through_until_what_worked_is_refused(run_js: RunJs) -> None:
    assert state_of(run_js, "attacker", READ) == {"kind": "through", "words": "getting through"}
    cut = state_of(run_js, "attacker", READ, READ, READ_OTHER_REFUSED, READ_OTHER_REFUSED)
    assert cut == {"kind": "cut", "words": "cut off since 11:20:06"}


def test_probing_is_not_being_cut_off(run_js: RunJs) -> None:
    assert state_of(run_js, "attacker", PROBE, PROBE)["words"] == "refused so far"
    assert state_of(run_js, "attacker", READ, PROBE, PROBE)["kind"] == "through"
    assert state_of(run_js, "attacker", READ, PROBE, PROBE, PROBE, PROBE)["kind"] == "cut"


def test_one_success_means_through_again(run_js: RunJs) -> None:
    assert state_of(run_js, "attacker", READ, READ_OTHER_REFUSED, READ)["kind"] == "through"
    assert state_of(run_js, "anonymous", READ, READ_OTHER_REFUSED)["kind"] == "cut"


def test_an_innocent_that_is_hurt_is_said_to_be(run_js: RunJs) -> None:
    assert state_of(run_js, "innocent", READ)["words"] == "working normally"
    assert state_of(run_js, "innocent", READ, READ_OTHER_REFUSED) == {
        "kind": "hurt",
        "words": "refused since 11:20:03",
    }
    assert state_of(run_js, "operator", READ)["words"] == "at work"


def test_the_hostile_stand_first(run_js: RunJs) -> None:
    actors = run_js("(m, calls) => m.actorsOf(calls.reverse())", "actors", outside(cut=True))
    assert [(one["name"], one["state"]["kind"]) for one in actors] == [
        ("Attacker", "cut"),
        ("finance-reports", "well"),
        ("payroll-batch", "well"),
    ]


def headline(run_js: RunJs, *calls: dict[str, Any]) -> str:
    found: str = run_js("(m, calls) => m.headline(m.actorsOf(calls)).words", "actors", list(calls))
    return found


def test_the_headline_counts_intruders_and_those_who_are_hurt(run_js: RunJs) -> None:
    first, second = call(1, "first key", "attacker", *READ), call(2, "second key", "attacker", *READ)
    refused = [
        call(3, "first key", "attacker", *READ_OTHER_REFUSED),
        call(4, "second key", "attacker", *READ_OTHER_REFUSED),
    ]
    hurt = [call(5, "batch", "innocent", *READ), call(6, "batch", "innocent", *READ_OTHER_REFUSED)]
    assert headline(run_js, first) == "first key: getting through"
    assert headline(run_js, first, second, refused[0]) == "1 of 2 intruders getting through"
    assert headline(run_js, first, second, *refused) == "All 2 intruders refused"
    assert headline(run_js, first, second, *refused, *hurt) == "All 2 intruders refused · 1 workload refused"
    assert headline(run_js, hurt[0]) == "Nobody hostile"
