"""Sigma's correlation rules over events in order of time (correlation rules specification 2.1).

A correlation looks at what its rules matched, apart for each combination of its `group-by` values, in a
window of `timespan` that ends at each match in turn. Matches without a value for a `group-by` field belong
to no group: strangers are not thrown together. `temporal_ordered` takes matches of the same second in
either order, because CloudTrail counts in seconds.
"""

import heapq
import operator
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from typing import Generic, TypeVar

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

from bot.evidence.detections.sigma.measures import MEASURES, Measure, Texts

EventT = TypeVar("EventT")
Group = tuple[str, ...]


_OPERATORS: dict[SigmaCorrelationConditionOperator, Callable[[float, float], bool]] = {
    SigmaCorrelationConditionOperator.LT: operator.lt,
    SigmaCorrelationConditionOperator.LTE: operator.le,
    SigmaCorrelationConditionOperator.GT: operator.gt,
    SigmaCorrelationConditionOperator.GTE: operator.ge,
    SigmaCorrelationConditionOperator.EQ: operator.eq,
    SigmaCorrelationConditionOperator.NEQ: operator.ne,
}
_AT_LEAST = (SigmaCorrelationConditionOperator.GT, SigmaCorrelationConditionOperator.GTE)


@dataclass(frozen=True, slots=True)
class Match(Generic[EventT]):
    """One record that the rule `rule` holds for, or a window in which the correlation `rule` holds.

    `last` is the record's event, or the window's last one, and `texts` what stands in its fields, as far
    as correlations ask for them. `window` are the matches that a correlation rests on.
    """

    rule: str
    time: datetime
    last: EventT
    texts: Texts
    window: Callable[[], Sequence["Match[EventT]"]] | None = None

    def events(self) -> Sequence[EventT]:
        """All that it rests on, each once."""
        if self.window is None:
            return (self.last,)
        every = (event for match in self.window() for event in match.events())
        return list({id(event): event for event in every}.values())


@dataclass(frozen=True, slots=True)
class Hit(Generic[EventT]):
    """A window in which a correlation holds; `measure` is what was counted (events, values, bytes ...)."""

    group: Group
    measure: float
    made: Callable[[], Match[EventT]]

    @property
    def match(self) -> Match[EventT]:
        """The window. (Most hits are passed over for better ones: it is made when somebody asks.)"""
        return self.made()


#: What was counted, and the window.
Found = tuple[float, Callable[[], Match[EventT]]]


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
        grouped = rule.group_by or ()
        self._grouped = {one: [self._field(one, field) for field in grouped] for one in self.references}
        self._hits = self._chosen(resolved)

    def hits(self, matches: Mapping[str, Sequence[Match[EventT]]]) -> Iterator[Hit[EventT]]:
        """Every window in which the correlation holds, group by group.

        `matches` are those of each rule, in order of time.
        """
        groups: dict[Group, list[Match[EventT]]] = {}
        parts = [matches.get(one, ()) for one in dict.fromkeys(self.references)]
        for match in parts[0] if len(parts) == 1 else heapq.merge(*parts, key=lambda one: one.time):
            if (group := self._group(match)) is not None:
                groups.setdefault(group, []).append(match)
        for group, same in groups.items():
            for measure, made in self._hits(same):
                yield Hit(group, measure, made)

    def _group(self, match: Match[EventT]) -> Group | None:
        texts = match.texts
        try:
            return tuple([texts[field] for field in self._grouped[match.rule]])
        except KeyError:
            return None

    def _field(self, rule: str, name: str) -> str:
        alias = self._aliases.get(name)
        return name if alias is None else alias.get(rule, name)

    def _chosen(
        self, resolved: Mapping[str, str]
    ) -> Callable[[list[Match[EventT]]], Iterator[Found[EventT]]]:
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
        if kind not in MEASURES:
            raise SigmaCorrelationRuleError(f"the correlation type {kind} is not supported")
        made, enough, least = MEASURES[kind], _enough(condition), condition.op in _AT_LEAST
        return lambda same: self._measured(same, made(condition), enough, least=least)

    def _measured(
        self, same: list[Match[EventT]], measure: Measure, enough: Callable[[float], bool], *, least: bool
    ) -> Iterator[Found[EventT]]:
        counted = [measure.counted(match.texts) for match in same]
        if least and not enough(measure.at_most(counted)):
            return  # nor will any window of it be enough: so it is with most groups
        start = 0
        for end, match in enumerate(same):
            measure.add(counted[end])
            since = match.time - self._span
            while same[start].time < since:
                measure.remove(counted[start])
                start += 1
            value = measure.value()
            if value is not None and enough(value):
                yield value, partial(self._match, same, start, end + 1)

    def _together(
        self, same: list[Match[EventT]], holds: Callable[[frozenset[str]], bool]
    ) -> Iterator[Found[EventT]]:
        start, seen = 0, Counter[str]()
        for end, match in enumerate(same):
            seen[match.rule] += 1
            while same[start].time < match.time - self._span:
                seen[same[start].rule] -= 1
                start += 1
            present = frozenset(+seen)
            if holds(present):
                yield float(len(present)), partial(self._match, same, start, end + 1)

    def _in_order(self, same: list[Match[EventT]]) -> Iterator[Found[EventT]]:
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
                            yield float(len(chain)), partial(self._match, chain, 0, len(chain))

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
        last = same[end - 1]
        return Match(self.name, last.time, last.last, last.texts, lambda: same[start:end])


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
