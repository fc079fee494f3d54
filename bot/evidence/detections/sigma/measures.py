"""What correlations count in a window that moves: records, values, sums, averages, medians, percentiles."""

import math
import statistics
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sigma.correlations import SigmaCorrelationCondition, SigmaCorrelationType

from bot.evidence.detections.sigma.values import number_in

#: field -> the text that stands there, the first of several
Texts = Mapping[str, str]


def _fields(condition: SigmaCorrelationCondition) -> list[str]:
    fields = condition.fieldref or []
    return [fields] if isinstance(fields, str) else fields


class Measure:
    """event_count. `counted` is what a record adds, and later takes away again."""

    def __init__(self, condition: SigmaCorrelationCondition) -> None:
        self._fields = _fields(condition)
        self._count = 0

    def counted(self, _: Texts) -> Any:
        return None

    def add(self, _: Any) -> None:
        self._count += 1

    def remove(self, _: Any) -> None:
        self._count -= 1

    def value(self) -> float | None:
        return self._count

    def at_most(self, counted: Sequence[Any]) -> float:
        """What no window over these exceeds."""
        return len(counted)


class _Distinct(Measure):
    """value_count: distinct values, or combinations of values of several fields."""

    def __init__(self, condition: SigmaCorrelationCondition) -> None:
        super().__init__(condition)
        self._counts: dict[tuple[str, ...], int] = defaultdict(int)

    def counted(self, texts: Texts) -> tuple[str, ...] | None:
        values = [texts[field] for field in self._fields if field in texts]
        return tuple(values) if len(values) == len(self._fields) else None

    def add(self, key: Any) -> None:
        if key:
            self._counts[key] += 1

    def remove(self, key: Any) -> None:
        if key:
            self._counts[key] -= 1
            if not self._counts[key]:
                del self._counts[key]

    def value(self) -> float | None:
        return len(self._counts)

    def at_most(self, counted: Sequence[Any]) -> float:
        return len(set(counted))


class _Numbers(Measure):
    """The numbers in the window; what is no number is passed over."""

    def __init__(self, condition: SigmaCorrelationCondition) -> None:
        super().__init__(condition)
        self._numbers: deque[float] = deque()
        self._sum = 0.0

    def counted(self, texts: Texts) -> list[float]:
        found = (number_in(texts.get(field)) for field in self._fields)
        return [number for number in found if number is not None]

    def add(self, numbers: Any) -> None:
        self._numbers.extend(numbers)
        self._sum += sum(numbers)

    def remove(self, numbers: Any) -> None:
        for number in numbers:
            self._numbers.popleft()
            self._sum -= number

    def at_most(self, _: Sequence[Any]) -> float:
        return math.inf


class _Sum(_Numbers):
    """value_sum; exact as long as the numbers are whole."""

    def value(self) -> float | None:
        return self._sum if self._numbers else None

    def at_most(self, counted: Sequence[Any]) -> float:
        # A little more: adding up in another order rounds in another way.
        return (1 + 1e-6) * math.fsum(max(number, 0) for numbers in counted for number in numbers)


class _Average(_Numbers):
    """value_avg."""

    def value(self) -> float | None:
        return self._sum / len(self._numbers) if self._numbers else None


class _Median(_Numbers):
    """value_median."""

    def value(self) -> float | None:
        return statistics.median(self._numbers) if self._numbers else None


class _Percentile(_Numbers):
    """value_percentile: the smallest number that at least so many percent do not exceed (nearest rank)."""

    def __init__(self, condition: SigmaCorrelationCondition) -> None:
        super().__init__(condition)
        self._percent = min(max(condition.percentile or 50, 1), 100)

    def value(self) -> float | None:
        if not self._numbers:
            return None
        rank = -(-self._percent * len(self._numbers) // 100)
        return sorted(self._numbers)[rank - 1]


#: How each type counts.
MEASURES: dict[SigmaCorrelationType, Callable[[SigmaCorrelationCondition], Measure]] = {
    SigmaCorrelationType.EVENT_COUNT: Measure,
    SigmaCorrelationType.VALUE_COUNT: _Distinct,
    SigmaCorrelationType.VALUE_SUM: _Sum,
    SigmaCorrelationType.VALUE_AVG: _Average,
    SigmaCorrelationType.VALUE_MEDIAN: _Median,
    SigmaCorrelationType.VALUE_PERCENTILE: _Percentile,
}
