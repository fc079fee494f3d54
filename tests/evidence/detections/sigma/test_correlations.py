"""Correlation rules: each type on a line, and windows compared with counting everything anew."""

import operator
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from sigma.correlations import SigmaCorrelationRule

from bot.evidence.detections.sigma.correlations import (
    Correlation,
    Hit,
    Match,
    fields_of,
    references,
)

START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)

#: (rule, second, fields)
Happening = tuple[str, int, dict[str, Any]]


def correlation(kind: str, rules: Sequence[str], condition: Any = None, **more: Any) -> SigmaCorrelationRule:
    body = {"type": kind, "rules": list(rules), "timespan": "10s", "group-by": ["user"], **more}
    if condition is not None:
        body["condition"] = condition
    return SigmaCorrelationRule.from_yaml(yaml.safe_dump({"title": "t", "correlation": body}))


def hits(rule: SigmaCorrelationRule, happenings: Sequence[Happening]) -> list[Hit[int]]:
    names = references(rule)
    made = Correlation(rule, "it", dict(zip(names, names, strict=True)))
    matches: dict[str, list[Match[int]]] = {name: [] for name in names}
    for number, (name, second, fields) in enumerate(happenings):
        texts = {field: str(value) for field, value in fields.items()}
        match = Match(name, START + timedelta(seconds=second), number, texts)
        matches.setdefault(name, []).append(match)
    return list(made.hits(matches))


def by(user: str, name: str, *seconds: int, **fields: Any) -> list[Happening]:
    return [(name, second, {"user": user, **fields}) for second in seconds]


@pytest.mark.parametrize(
    ("condition", "seconds", "measures"),
    [
        ({"gte": 3}, (0, 5, 10), [3]),
        ({"gte": 3}, (0, 5, 11), []),
        ({"gte": 2}, (0, 5, 11), [2, 2]),
        ({"gt": 2}, (0, 1, 2, 3), [3, 4]),
        ({"eq": 2}, (0, 1, 2), [2]),
        ({"lt": 2}, (0, 20), [1, 1]),
        ({"lte": 1}, (0, 1), [1]),
        ({"neq": 1}, (0, 1), [2]),
    ],
)
def test_event_count(condition: dict[str, int], seconds: tuple[int, ...], measures: list[int]) -> None:
    found = hits(correlation("event_count", ["a"], condition), by("x", "a", *seconds))
    assert [one.measure for one in found] == measures


def test_groups_are_apart_and_those_without_a_value_are_none() -> None:
    rule = correlation("event_count", ["a"], {"gte": 2})
    assert not hits(rule, [*by("x", "a", 0), *by("y", "a", 1)])
    assert not hits(rule, [("a", 0, {}), ("a", 1, {})])
    [both] = hits(rule, [*by("x", "a", 0), *by("y", "a", 1), *by("x", "a", 2)])
    assert (both.group, both.match.events()) == (("x",), [0, 2])


def test_without_groups_all_are_together() -> None:
    rule = SigmaCorrelationRule.from_yaml(
        yaml.safe_dump(
            {
                "title": "t",
                "correlation": {
                    "type": "event_count", "rules": ["a"], "timespan": "10s", "condition": {"gte": 2},
                },
            }
        )
    )  # fmt: skip
    assert len(hits(rule, [*by("x", "a", 0), *by("y", "a", 1)])) == 1


def test_value_count_counts_different_values() -> None:
    rule = correlation("value_count", ["a"], {"field": "key", "gte": 2})
    same = [*by("x", "a", 0, key="k"), *by("x", "a", 1, key="k")]
    assert not hits(rule, same)
    assert not hits(rule, [*same, *by("x", "a", 2)])
    assert [one.measure for one in hits(rule, [*same, *by("x", "a", 2, key="other")])] == [2]


@pytest.mark.parametrize(
    ("kind", "condition", "measures"),
    [
        ("value_sum", {"field": "n", "gte": 30}, [30, 60]),
        ("value_avg", {"field": "n", "gte": 15}, [15, 20]),
        ("value_median", {"field": "n", "gt": 15}, [20]),
        ("value_percentile", {"field": "n", "gte": 30, "percentile": 90}, [30]),
    ],
)
def test_measures_of_numbers(kind: str, condition: dict[str, Any], measures: list[float]) -> None:
    numbers = [*by("x", "a", 0, n=10), *by("x", "a", 1, n="20"), *by("x", "a", 2, n=30.0)]
    rule = correlation(kind, ["a"], condition)
    assert [one.measure for one in hits(rule, numbers)] == measures
    beside = [*numbers, *by("x", "a", 2, n="none"), *by("x", "a", 2)]
    assert [one.measure for one in hits(rule, beside)] == [*measures, measures[-1], measures[-1]]


def test_numbers_leave_the_window() -> None:
    rule = correlation("value_sum", ["a"], {"field": "n", "gte": 30})
    assert not hits(rule, [*by("x", "a", 0, n=20), *by("x", "a", 11, n=20)])


def test_temporal_takes_any_order() -> None:
    rule = correlation("temporal", ["a", "b"])
    assert hits(rule, [*by("x", "b", 0), *by("x", "a", 10)])
    assert not hits(rule, [*by("x", "b", 0), *by("x", "a", 11)])
    assert not hits(rule, [*by("x", "b", 0), *by("y", "a", 1)])
    assert not hits(rule, [*by("x", "b", 0), *by("x", "b", 1)])
    assert hits(correlation("temporal", ["a", "b", "c"], {"gte": 2}), [*by("x", "c", 0), *by("x", "a", 1)])


def test_temporal_with_an_expression() -> None:
    rule = correlation("temporal", ["a", "b", "c"], "a and (b or not c)")
    assert hits(rule, by("x", "a", 0))
    assert not hits(rule, by("x", "c", 0))
    assert [one.measure for one in hits(rule, [*by("x", "c", 0), *by("x", "a", 1), *by("x", "b", 2)])] == [3]


@pytest.mark.parametrize(
    ("happenings", "chain"),
    [
        ([*by("x", "a", 0), *by("x", "b", 5), *by("x", "c", 10)], [0, 1, 2]),
        ([*by("x", "b", 0), *by("x", "a", 1), *by("x", "c", 2)], None),
        ([*by("x", "a", 0), *by("x", "b", 5), *by("x", "c", 11)], None),
        ([*by("x", "a", 0, 3), *by("x", "b", 5), *by("x", "c", 12)], [1, 2, 3]),
        ([*by("x", "c", 5), *by("x", "b", 5), *by("x", "a", 5)], [2, 1, 0]),
    ],
)
def test_temporal_ordered(happenings: list[Happening], chain: list[int] | None) -> None:
    found = hits(correlation("temporal_ordered", ["a", "b", "c"]), happenings)
    assert [list(one.match.events()) for one in found[:1]] == ([chain] if chain else [])


def test_one_record_is_not_its_own_predecessor() -> None:
    rule = correlation("temporal_ordered", ["a", "b"])
    made = Correlation(rule, "it", {"a": "a", "b": "b"})
    both = {name: [Match(name, START, 0, {"user": "x"})] for name in ("a", "b")}
    assert not list(made.hits(both))
    both["a"].insert(0, Match("a", START - timedelta(seconds=1), 1, {"user": "x"}))
    assert [list(hit.match.events()) for hit in made.hits(both)] == [[1, 0]]


def test_aliases_join_fields_of_different_names() -> None:
    rule = correlation(
        "temporal", ["made", "used"], **{"group-by": ["key"]}, aliases={"key": {"made": "new", "used": "id"}}
    )
    assert fields_of(rule) == {"key", "new", "id"}
    assert hits(rule, [("made", 0, {"new": "K"}), ("used", 1, {"id": "K"})])
    assert not hits(rule, [("made", 0, {"new": "K"}), ("used", 1, {"id": "L"})])


happenings = st.lists(
    st.tuples(
        st.sampled_from("ab"),
        st.integers(0, 40),
        st.fixed_dictionaries({"user": st.sampled_from("xy"), "key": st.sampled_from("klm")}),
    ),
    max_size=25,
).map(lambda some: sorted(some, key=lambda one: one[1]))


@settings(deadline=None)
@given(happenings, st.integers(1, 4))
def test_windows_agree_with_counting_anew(some: list[Happening], least: int) -> None:
    rule = correlation("value_count", ["a"], {"field": "key", "gte": least})
    expected = []
    for number, (name, second, fields) in enumerate(some):
        window = [
            one["key"]
            for other, at, one in some[: number + 1]
            if other == "a" and one["user"] == fields["user"] and at >= second - 10
        ]
        if name == "a" and len(set(window)) >= least:
            expected.append((number, len(set(window))))
    assert sorted((hit.match.last, hit.measure) for hit in hits(rule, some)) == expected


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(-20, 60)), max_size=20).map(sorted),
    st.sampled_from(["gt", "gte", "lt", "lte", "eq", "neq"]),
    st.integers(-10, 90),
)
def test_sums_agree_with_adding_up_anew(some: list[tuple[int, int]], compare: str, bound: int) -> None:
    rule = correlation("value_sum", ["a"], {"field": "n", compare: bound})
    holds = {"gte": operator.ge, "lte": operator.le, "neq": operator.ne}.get(compare)
    expected = []
    for number, (second, _) in enumerate(some):
        total = sum(one for at, one in some[: number + 1] if at >= second - 10)
        if (holds or getattr(operator, compare))(total, bound):
            expected.append((number, total))
    numbers = [one for second, n in some for one in by("x", "a", second, n=n)]
    assert [(hit.match.last, hit.measure) for hit in hits(rule, numbers)] == expected


@settings(deadline=None)
@given(happenings)
def test_order_agrees_with_looking_at_all_pairs(some: list[Happening]) -> None:
    found = {hit.match.last for hit in hits(correlation("temporal_ordered", ["a", "b"]), some)}
    pairs = {
        (one, other)
        for one, (first, at, who) in enumerate(some)
        for other, (second, then, whom) in enumerate(some)
        if (first, second) == ("a", "b") and who["user"] == whom["user"] and at <= then <= at + 10
    }
    assert found == {other for _, other in pairs}
