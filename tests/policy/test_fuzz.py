"""The policy room under fire for minutes: nothing raises what it does not promise, and its parts agree.

`S3INCIDENT_FUZZ_MINUTES` says for how long (2 where it does not). What this found stands below as tests.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from bot.policy.change import TightenError, statements_of
from bot.policy.denials import deny_outside_organization, deny_principal, deny_without_tls
from bot.policy.document import PolicyError, parse
from bot.policy.evaluate import Policies, Request, evaluate
from bot.policy.exposure import exposure, is_public
from bot.policy.lockout import locked_out, stopped, who_regains
from bot.policy.replay import Judging
from bot.policy.tighten import narrow_public
from bot.policy.wildcard import matches
from bot.sandbox.aws.meaning_of_public import public_statements
from tests.policy.fuzzing import as_json, bucket_policies, matches_slowly, texts
from tests.policy.test_properties import CALLERS, OPENNESS, anything, requests
from tests.policy.test_replay import accesses, recorded

OWN = "111122223333"
ROOT = f"arn:aws:iam::{OWN}:root"
ATTACKS: dict[str, tuple[Callable[..., None], tuple[st.SearchStrategy[Any], ...]]] = {}
ROLE = f"arn:aws:iam::{OWN}:role/S3IncidentRemediate"

FAST = settings(
    max_examples=400,
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)


def attacked_with(
    *strategies: st.SearchStrategy[Any],
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Keeps a function with what it is called with. Decorated by `given` once, it could be run once only."""

    def keep(function: Callable[..., None]) -> Callable[..., None]:
        ATTACKS[function.__name__] = (function, strategies)
        return function

    return keep


def run(name: str, chance: int, examples: int) -> None:
    function, strategies = ATTACKS[name]
    settings(FAST, max_examples=examples)(seed(chance)(given(*strategies)(function)))()


@attacked_with(bucket_policies | anything, requests, texts)
def nothing_raises_but_what_is_promised(document: dict[str, Any], request: Request, stray: str) -> None:
    try:
        policy = parse(as_json(document))
    except PolicyError:
        return
    stray_request = Request(stray, stray, stray, None, {stray: stray})
    for one in (request, stray_request):
        assert evaluate(one, Policies((policy,), policy, (policy,), policy)).outcome in OPENNESS
    assert exposure(policy, None, None, {}, None, account_id=OWN).as_json()
    assert isinstance(locked_out(policy, policy, "b", OWN, (ROLE, ROOT)), tuple)
    assert isinstance(stopped(policy, None, "b", OWN), tuple)
    assert isinstance(who_regains(policy, None, OWN), tuple)


@attacked_with(bucket_policies)
def two_readings_of_public_agree(document: dict[str, Any]) -> None:
    try:
        policy = parse(document)
    except PolicyError:
        return
    assert is_public(policy) == bool(public_statements(document)), as_json(document)


@attacked_with(bucket_policies, st.lists(requests, min_size=1, max_size=4))
def what_is_narrowed_is_not_public_and_lets_nobody_in_who_was_not(
    document: dict[str, Any], some: list[Request]
) -> None:
    try:
        before = parse(document)
        changed = narrow_public(document)
    except (PolicyError, TightenError):
        return
    after = parse(changed.document) if changed.document else None
    assert after is None or not is_public(after)
    for one in (request for request in some if request.action.startswith("s3:")):
        was, now = (evaluate(one, Policies(resource=policy)).outcome for policy in (before, after))
        assert OPENNESS[now] <= OPENNESS[was]


@attacked_with(bucket_policies, st.sampled_from(CALLERS), texts, requests)
def a_deny_that_is_added_never_allows_more(
    document: dict[str, Any], who: str, sid: str, request: Request
) -> None:
    changes: list[Callable[[], Any]] = [
        lambda: deny_principal(document, "b", sid, who),
        lambda: deny_outside_organization(document, "b", sid, "o-a1b2c3d4e5"),
        lambda: deny_without_tls(document, "b", sid),
    ]
    for change in changes:
        try:
            changed = change()
        except (PolicyError, TightenError):
            continue
        assert statements_of(changed.document)[: len(statements_of(document))] == statements_of(document)
        was = evaluate(request, Policies(resource=parse(document))).outcome
        now = evaluate(request, Policies(resource=parse(changed.document))).outcome
        assert OPENNESS[now] <= OPENNESS[was]


@attacked_with(accesses(), accesses(), st.lists(recorded, min_size=2, max_size=8))
def one_of_a_shape_speaks_for_all(before: Any, after: Any, some: list[Any]) -> None:
    judging = Judging(before, after)
    for one in some:
        assert judging.of(one) == judging.evaluate(one)


@attacked_with(
    st.text("ab*?:/", max_size=8).filter(lambda text: "${" not in text), st.text("ab*?:/", max_size=9)
)
def wildcards_match_as_defined(pattern: str, text: str) -> None:
    assert matches(pattern, text) == matches_slowly(pattern, text)


@pytest.mark.proof
@pytest.mark.timeout(0)
def test_minutes_of_fuzz_find_nothing() -> None:
    until = time.monotonic() + 60 * float(os.environ.get("S3INCIDENT_FUZZ_MINUTES", "2"))
    chance = time.time_ns()
    while time.monotonic() < until:
        for name in ATTACKS:
            run(name, chance, examples=400)
            chance += 1


@pytest.mark.parametrize("name", list(ATTACKS))
def test_a_little_fuzz_finds_nothing(name: str) -> None:
    run(name, chance=1, examples=40)
