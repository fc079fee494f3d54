"""Sigma's correlation rules over events in order of time (correlation rules specification 2.1).

A correlation looks at what its rules matched, apart for each combination of its `group-by` values, in a
window of `timespan` that ends at each match in turn. Matches without a value for a `group-by` field belong
to no group: strangers are not thrown together. `temporal_ordered` takes matches of the same second in
either order, because CloudTrail counts in seconds.
"""

import operator
import statistics
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Generic, TypeVar

from sigma.correlations import (
    CorrelationConditionAND,
    CorrelationConditionNOT,
    CorrelationConditionOR,
    SigmaCorrelationCondition,
    SigmaCorrelationConditionOperator,
    SigmaCorrelationRule,
    SigmaCorrelationType,
    SigmaExtendedCorrelationCondition,
    SigmaRuleReference,
)
from sigma.exceptions import SigmaCorrelationRuleError

from bot.evidence.detections.sigma.record import text_of
from bot.evidence.detections.sigma.values import number_in

EventT = TypeVar("EventT")
Group = tuple[str, ...]

#: field -> what stands there, as in Record.values
Values = Mapping[str, Sequence[Any]]

_OPERATORS: dict[SigmaCorrelationConditionOperator, Callable[[float, float], bool]] = {
    SigmaCorrelationConditionOperator.LT: operator.lt,
    SigmaCorrelationConditionOperator.LTE: operator.le,
    SigmaCorrelationConditionOperator.GT: operator.gt,
    SigmaCorrelationConditionOperator.GTE: operator.ge,
    SigmaCorrelationConditionOperator.EQ: operator.eq,
    SigmaCorrelationConditionOperator.NEQ: operator.ne,
}


@dataclass(frozen=True)
class Match(Generic[EventT]):
    """One record that the rule `rule` holds for, or a window in which the correlation `rule` holds.

    `last` is the record's event, or the window's last one, and `values` what stands in its fields, as far
    as correlations ask for them. `events` are all that the match rests on.
    """

    rule: str
    time: datetime
    last: EventT
    values: Values
    events: Callable[[], Sequence[EventT]]


def match_of(rule: str, time: datetime, event: EventT, values: Values) -> Match[EventT]:
    """The match of a single record."""
    return Match(rule, time, event, values, lambda: (event,))


@dataclass(frozen=True)
class Hit(Generic[EventT]):
    """A window in which a correlation holds; `measure` is what was counted (events, values, bytes ...)."""

    group: Group
    measure: float
    match: Match[EventT]


def references(rule: SigmaCorrelationRule) -> list[str]:
    """The ids or names of the rules that a correlation speaks of, in its order."""
    if rule.rules is not None:
        return [one.reference for one in rule.rules]
    if isinstance(rule.condition, SigmaExtendedCorrelationCondition):
        return rule.condition.get_referenced_rules()
    return []


def fields_of(rule: SigmaCorrelationRule) -> frozenset[str]:
    """The fields of records that a correlation asks for: by group, by alias, and the one it counts."""
    counted = getattr(rule.condition, "fieldref", None) or []
    aliased = (field for alias in rule.aliases for field in alias.mapping.values())
    own = [counted] if isinstance(counted, str) else counted
    return frozenset((*own, *aliased, *(rule.group_by or ())))


class Correlation:
    """A correlation rule made ready; `name` is what it is called where other correlations refer to it."""

    def __init__(self, rule: SigmaCorrelationRule, name: str, resolved: Mapping[str, str]) -> None:
        """`resolved` gives for each reference the name that matches carry.

        Raises SigmaCorrelationRuleError for types and conditions that the specification does not have.
        """
        self.name, self._rule = name, rule
        self.references = [resolved[one] for one in references(rule)]
        self._span = timedelta(seconds=rule.timespan.seconds)
        self._aliases = {
            alias.alias: {resolved.get(ref.reference, ""): field for ref, field in alias.mapping.items()}
            for alias in rule.aliases
        }
        self._hits = self._chosen(resolved)

    def hits(self, matches: Iterable[Match[EventT]]) -> Iterator[Hit[EventT]]:
        """Every window in which the correlation holds, group by group. `matches` come in order of time."""
        wanted, groups = frozenset(self.references), dict[Group, list[Match[EventT]]]()
        for match in matches:
            if match.rule in wanted and (group := self._group(match)) is not None:
                groups.setdefault(group, []).append(match)
        for group, same in groups.items():
            for measure, match in self._hits(same):
                yield Hit(group, measure, match)

    def _group(self, match: Match[EventT]) -> Group | None:
        values = [self._value(match, field) for field in self._rule.group_by or ()]
        return None if None in values else tuple(value or "" for value in values)

    def _value(self, match: Match[EventT], field: str) -> str | None:
        alias = self._aliases.get(field)
        if alias is not None:
            field = alias.get(match.rule, field)
        return _text(match.values, field)

    def _chosen(
        self, resolved: Mapping[str, str]
    ) -> Callable[[list[Match[EventT]]], Iterator[tuple[float, Match[EventT]]]]:
        kind, condition = self._rule.type, self._rule.condition
        if kind is SigmaCorrelationType.TEMPORAL_ORDERED:
            if isinstance(condition, SigmaExtendedCorrelationCondition):
                return lambda same: self._together(same, _extended(condition.parsed, resolved))
            return self._in_order
        if isinstance(condition, SigmaExtendedCorrelationCondition):
            return lambda same: self._together(same, _extended(condition.parsed, resolved))
        if kind is SigmaCorrelationType.TEMPORAL:
            enough = _enough(condition)
            return lambda same: self._together(same, lambda seen: enough(len(seen)))
        if kind not in _MEASURES:
            raise SigmaCorrelationRuleError(f"the correlation type {kind} is not supported")
        return lambda same: self._measured(same, condition)

    def _measured(
        self, same: list[Match[EventT]], condition: SigmaCorrelationCondition
    ) -> Iterator[tuple[float, Match[EventT]]]:
        enough, start = _enough(condition), 0
        measure = _MEASURES[self._rule.type](condition)
        for end, match in enumerate(same):
            measure.add(match.values)
            while same[start].time < match.time - self._span:
                measure.remove(same[start].values)
                start += 1
            value = measure.value()
            if value is not None and enough(value):
                yield value, self._match(same, start, end + 1)

    def _together(
        self, same: list[Match[EventT]], holds: Callable[[frozenset[str]], bool]
    ) -> Iterator[tuple[float, Match[EventT]]]:
        start, seen = 0, Counter[str]()
        for end, match in enumerate(same):
            seen[match.rule] += 1
            while same[start].time < match.time - self._span:
                seen[same[start].rule] -= 1
                start += 1
            present = frozenset(+seen)
            if holds(present):
                yield float(len(present)), self._match(same, start, end + 1)

    def _in_order(self, same: list[Match[EventT]]) -> Iterator[tuple[float, Match[EventT]]]:
        """`chains[n]` is the chain of the first n + 1 rules that began last: it has the best chance."""
        chains: list[list[Match[EventT]] | None] = [None] * len(self.references)
        places = range(len(chains))
        for _, moment in groupby(same, key=lambda match: match.time):
            batch = list(moment)
            # Backwards first, so that one record is not its own predecessor; then forwards, because within
            # a second either order may have been the real one.
            for place in (*reversed(places), *places):
                for match in batch:
                    if match.rule == self.references[place] and (chain := self._longer(chains, place, match)):
                        chains[place] = chain
                        if place == places[-1]:
                            yield float(len(chain)), self._match(chain, 0, len(chain))

    def _longer(
        self, chains: Sequence[list[Match[EventT]] | None], place: int, match: Match[EventT]
    ) -> list[Match[EventT]] | None:
        if place == 0:
            return [match]
        before = chains[place - 1]
        if before is None or match.last is before[-1].last or match.time - before[0].time > self._span:
            return None
        return [*before, match]

    def _match(self, same: list[Match[EventT]], start: int, end: int) -> Match[EventT]:
        """The window as one match; its events are gathered only when somebody asks."""

        def events() -> Sequence[EventT]:
            every = (event for match in same[start:end] for event in match.events())
            return list({id(event): event for event in every}.values())

        last = same[end - 1]
        return Match(self.name, last.time, last.last, last.values, events)


def _text(values: Values, field: str) -> str | None:
    return next((text_of(one) for one in values.get(field, ()) if one is not None), None)


class _Count:
    """event_count."""

    def __init__(self, _: SigmaCorrelationCondition) -> None:
        self._count = 0

    def add(self, _: Values) -> None:
        self._count += 1

    def remove(self, _: Values) -> None:
        self._count -= 1

    def value(self) -> float | None:
        return self._count


class _Distinct:
    """value_count: distinct values, or combinations of values of several fields."""

    def __init__(self, condition: SigmaCorrelationCondition) -> None:
        fields = condition.fieldref or []
        self._fields = [fields] if isinstance(fields, str) else fields
        self._counts: Counter[tuple[str, ...]] = Counter()

    def add(self, values: Values) -> None:
        if key := self._key(values):
            self._counts[key] += 1

    def remove(self, values: Values) -> None:
        if key := self._key(values):
            self._counts[key] -= 1
            if not self._counts[key]:
                del self._counts[key]

    def value(self) -> float | None:
        return len(self._counts)

    def _key(self, values: Values) -> tuple[str, ...] | None:
        texts = [_text(values, field) for field in self._fields]
        return None if None in texts else tuple(text or "" for text in texts)


class _Sum:
    """value_sum, of whole numbers and fractions; other values are passed over."""

    def __init__(self, condition: SigmaCorrelationCondition) -> None:
        field = condition.fieldref or ""
        self._field = field if isinstance(field, str) else field[0]
        self._numbers: deque[float] = deque()

    def add(self, values: Values) -> None:
        self._numbers.extend(self._of(values))

    def remove(self, values: Values) -> None:
        for _ in self._of(values):
            self._numbers.popleft()

    def value(self) -> float | None:
        return sum(self._numbers) if self._numbers else None

    def _of(self, values: Values) -> list[float]:
        return [number for one in values.get(self._field, ()) if (number := number_in(one)) is not None]


class _RunningSum(_Sum):
    """value_sum without adding everything up each time; exact as long as the numbers are whole."""

    def __init__(self, condition: SigmaCorrelationCondition) -> None:
        super().__init__(condition)
        self._sum = 0.0

    def add(self, values: Values) -> None:
        super().add(values)
        self._sum += sum(self._of(values))

    def remove(self, values: Values) -> None:
        super().remove(values)
        self._sum -= sum(self._of(values))

    def value(self) -> float | None:
        return self._sum if self._numbers else None


class _Average(_RunningSum):
    """value_avg."""

    def value(self) -> float | None:
        return self._sum / len(self._numbers) if self._numbers else None


class _Median(_Sum):
    """value_median."""

    def value(self) -> float | None:
        return statistics.median(self._numbers) if self._numbers else None


class _Percentile(_Sum):
    """value_percentile: the smallest number that at least so many percent do not exceed (nearest rank)."""

    def __init__(self, condition: SigmaCorrelationCondition) -> None:
        super().__init__(condition)
        self._percent = min(max(condition.percentile or 50, 1), 100)

    def value(self) -> float | None:
        if not self._numbers:
            return None
        rank = -(-self._percent * len(self._numbers) // 100)
        return sorted(self._numbers)[rank - 1]


_MEASURES: dict[SigmaCorrelationType, Callable[[SigmaCorrelationCondition], "_Count | _Distinct | _Sum"]] = {
    SigmaCorrelationType.EVENT_COUNT: _Count,
    SigmaCorrelationType.VALUE_COUNT: _Distinct,
    SigmaCorrelationType.VALUE_SUM: _RunningSum,
    SigmaCorrelationType.VALUE_AVG: _Average,
    SigmaCorrelationType.VALUE_MEDIAN: _Median,
    SigmaCorrelationType.VALUE_PERCENTILE: _Percentile,
}


def _enough(condition: SigmaCorrelationCondition) -> Callable[[float], bool]:
    compare, bound = _OPERATORS[condition.op], condition.count
    return lambda value: compare(value, bound)


def _extended(node: object, resolved: Mapping[str, str]) -> Callable[[frozenset[str]], bool]:
    """`a and (b or not c)` over the names of rules that matched in the window."""
    match node:
        case CorrelationConditionAND():
            tests = [_extended(one, resolved) for one in node.args]
            return lambda seen: all(test(seen) for test in tests)
        case CorrelationConditionOR():
            tests = [_extended(one, resolved) for one in node.args]
            return lambda seen: any(test(seen) for test in tests)
        case CorrelationConditionNOT():
            inner = _extended(node.args[0], resolved)
            return lambda seen: not inner(seen)
        case SigmaRuleReference():
            name = resolved[node.reference]
            return lambda seen: name in seen
        case _:
            raise SigmaCorrelationRuleError("the correlation's condition says nothing")
