"""The digest people approve: over exactly what executes, and over nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.remediation.plan import Call, Permission, Plan, Target, state_hash

texts = st.text(max_size=20)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
hashes = st.text("0123456789abcdef", min_size=64, max_size=64)
permissions = st.builds(Permission, action=texts, resource=texts, condition=st.none())
calls = st.builds(
    Call,
    service=texts,
    operation=texts,
    params=st.dictionaries(texts, json_values, max_size=3),
    after=hashes,
    permissions=st.lists(permissions, max_size=2).map(tuple),
)
targets = st.builds(
    Target,
    kind=st.sampled_from(["user", "bucket"]),
    id=texts,
    label=texts,
    params=st.dictionaries(texts, texts, max_size=3),
)
plans = st.builds(
    Plan,
    remediation=st.sampled_from(["R1", "R2", "R18"]),
    title=texts,
    verb=texts,
    account_id=texts,
    region=texts,
    target=targets,
    calls=st.lists(calls, min_size=1, max_size=2).map(tuple),
    undo=st.lists(calls, max_size=2).map(tuple),
    base_hash=hashes,
    before=st.dictionaries(texts, json_values, max_size=2),
    after=st.dictionaries(texts, json_values, max_size=2),
    reads=st.lists(permissions, max_size=2).map(tuple),
)

DESCRIPTION = ("title", "verb", "before", "after", "affected", "irreversible", "warnings", "undoes")


@given(plans, st.sampled_from(DESCRIPTION), texts)
def test_descriptions_do_not_change_the_digest(plan: Plan, name: str, text: str) -> None:
    value: Any = {"before": {"x": text}, "after": {"x": text}}.get(name, text)
    if name in ("affected", "irreversible", "warnings"):
        value = (text,)
    assert plan.model_copy(update={name: value}).digest == plan.digest


@given(plans, texts)
def test_how_people_call_the_target_does_not_change_the_digest(plan: Plan, label: str) -> None:
    renamed = plan.target.model_copy(update={"label": label})
    assert plan.model_copy(update={"target": renamed}).digest == plan.digest


@given(
    plans,
    plans,
    st.sampled_from(["remediation", "account_id", "region", "calls", "undo", "base_hash", "reads"]),
)
def test_everything_that_executes_changes_the_digest(plan: Plan, other: Plan, name: str) -> None:
    changed = plan.model_copy(update={name: getattr(other, name)})
    assert (changed.digest == plan.digest) == (getattr(other, name) == getattr(plan, name))


@given(plans, texts, json_values)
def test_one_parameter_of_one_call_changes_the_digest(plan: Plan, key: str, value: object) -> None:
    first, *rest = plan.calls
    changed = first.model_copy(update={"params": {**first.params, key: value}})
    again = plan.model_copy(update={"calls": (changed, *rest)})
    # JSON's, not Python's, idea of equality: 1 and True are different values.
    assert (again.digest == plan.digest) == (state_hash(changed.params) == state_hash(first.params))


@given(plans)
def test_the_order_of_calls_changes_the_digest(plan: Plan) -> None:
    turned = plan.model_copy(update={"calls": tuple(reversed(plan.calls))})
    assert (turned.digest == plan.digest) == (turned.calls == plan.calls)


@given(plans)
def test_a_stored_plan_has_the_digest_it_was_stored_with(plan: Plan) -> None:
    assert Plan.model_validate(plan.model_dump(mode="json")).digest == plan.digest
    assert Plan.model_validate_json(plan.model_dump_json()).digest == plan.digest


@given(st.dictionaries(texts, json_values, max_size=4), st.randoms())
def test_the_order_of_keys_does_not_change_a_hash(state: dict[str, Any], chance: Any) -> None:
    keys = list(state)
    chance.shuffle(keys)
    assert state_hash({key: state[key] for key in keys}) == state_hash(state)


@pytest.mark.parametrize(
    ("one", "other"),
    [({"a": None}, {}), ({"a": 1}, {"a": "1"}), ({"a": []}, {"a": {}}), ({"a": 1}, {"a": True})],
)
def test_different_states_have_different_hashes(one: object, other: object) -> None:
    assert state_hash(one) != state_hash(other)


def test_what_is_not_json_has_no_hash() -> None:
    with pytest.raises(TypeError):
        state_hash({"when": object()})
