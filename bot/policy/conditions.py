"""Whether a condition holds for a request.

Source: IAM User Guide, "Condition operators", "Set operators for multivalued context keys", "Null".
"""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.policy.context import Context
from bot.policy.document import Condition
from bot.policy.operators import NULL
from bot.policy.truth import Truth
from bot.policy.variables import Expanded, expand
from bot.policy.wildcard import matches


@dataclass(frozen=True)
class Answer:
    """Whether something holds, and the condition keys that would have to be known to be sure."""

    truth: Truth
    unknown: frozenset[str] = frozenset()


def holds(condition: Condition, context: Context, *, variables: bool) -> Answer:
    """Whether the condition holds; `variables` says whether the policy's Version knows policy variables.

    The rules for a missing key: a positive operator does not hold, a negated one does, IfExists always does,
    ForAllValues does, ForAnyValue does not, and Null asks for nothing else.
    """
    if context.unknown(condition.key):
        return Answer(Truth.MAYBE, frozenset({condition.key}))
    values = context.values(condition.key)
    if condition.operator is NULL:
        absent = str(not values).lower()
        return Answer(Truth.of(any(value.lower() == absent for value in condition.values)))
    if not values and condition.if_exists:
        return Answer(Truth.YES)
    wanted = _wanted(condition, context, enabled=variables)
    if any(one.pattern is None for one in wanted):
        # A variable without a value makes the whole statement invalid, so that not even a negated condition
        # holds.
        return Answer(Truth.NO)
    return _compared(condition, wanted, values)


def _wanted(condition: Condition, context: Context, *, enabled: bool) -> list[Expanded]:
    if not condition.operator.variables:
        return [Expanded(value) for value in condition.values]
    return [expand(value, context, enabled=enabled) for value in condition.values]


def _compared(condition: Condition, wanted: list[Expanded], values: tuple[str, ...]) -> Answer:
    if condition.qualifier:
        # An empty value is an empty set to the set operators.
        values = tuple(value for value in values if value)
    certain = [_agrees(condition, value, [one for one in wanted if not one.unknown]) for value in values]
    truth = Truth.of(_over(condition, certain))
    unknown = frozenset(key for one in wanted for key in one.unknown)
    # If no value that the unknown variables may have makes a difference, there is no doubt.
    if [_agrees(condition, value, wanted) for value in values] == certain:
        return Answer(truth)
    return Answer(Truth.MAYBE, unknown)


def _agrees(condition: Condition, value: str, wanted: Iterable[Expanded]) -> bool:
    """Whether one value of the request matches a policy value; for a negated operator, none of them."""
    return condition.operator.negated != any(_matches(condition, one, value) for one in wanted)


def _matches(condition: Condition, wanted: Expanded, value: str) -> bool:
    """Whether a policy value matches, or for one with unknown variables, whether it could."""
    pattern = wanted.pattern or ""
    if wanted.unknown:
        return matches(pattern, value, ignore_case=True)
    return condition.operator.compare(pattern, value)


def _over(condition: Condition, agreed: list[bool]) -> bool:
    """Put the answers for each value of the request together; there are none when the key is absent."""
    if condition.qualifier == "ForAnyValue":
        return any(agreed)
    if condition.qualifier == "ForAllValues" or condition.operator.negated:
        return all(agreed)
    return any(agreed)
