"""A Sigma rule's detection and condition, compiled once into one function of a record.

pySigma parses (brackets, `not`, `and`, `or`, `1 of selection_*`, `all of them`, lists and maps) into a tree
of conditions; here each node becomes a closure over its children.
"""

from collections.abc import Iterable

from sigma.conditions import (
    ConditionAND,
    ConditionFieldEqualsValueExpression,
    ConditionItem,
    ConditionNOT,
    ConditionOR,
    ConditionValueExpression,
)
from sigma.exceptions import SigmaConditionError
from sigma.rule import SigmaRule
from sigma.types import SigmaBool, SigmaCasedString, SigmaFieldReference, SigmaString

from bot.evidence.detections.sigma.values import Test, all_of, any_of, field_test, keyword_test
from bot.evidence.detections.sigma.wildcards import plain_text

Node = ConditionItem | ConditionFieldEqualsValueExpression | ConditionValueExpression | None


def compiled(nodes: Iterable[Node]) -> Test:
    """A rule's parsed conditions as a function: several mean "or". Raises SigmaError for what is wrong."""
    return any_of([_test(node) for node in nodes])


def trees(rule: SigmaRule) -> list[Node]:
    """The rule's parsed conditions. Raises SigmaConditionError."""
    return [condition.parsed for condition in rule.detection.parsed_condition]


def fields_in(nodes: Iterable[Node]) -> frozenset[str]:
    """The fields that the conditions ask for."""
    found: set[str] = set()
    waiting: list[object] = list(nodes)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ConditionFieldEqualsValueExpression):
            found.add(node.field)
            if isinstance(node.value, SigmaFieldReference):
                found.add(node.value.field)
        elif isinstance(node, ConditionItem):
            waiting.extend(node.args)
    return frozenset(found)


def needed(nodes: Iterable[Node], fields: frozenset[str], *, within: bool = False) -> frozenset[str] | None:
    """The values without which none of the conditions can hold, as written, or None where any value may do.

    `fields` are names of one and the same thing. `within` also takes `|contains` for an answer: then each
    value is a part that must stand in the field.
    """
    return _union(_need(node, fields, within=within) for node in nodes)


def _test(node: Node) -> Test:
    match node:
        case ConditionAND():
            return all_of([_test(one) for one in node.args])
        case ConditionOR():
            return _one_of(node) or any_of([_test(one) for one in node.args])
        case ConditionNOT():
            inner = _test(node.args[0])
            return lambda record: not inner(record)
        case ConditionFieldEqualsValueExpression():
            return field_test(node.field, node.value)
        case ConditionValueExpression():
            return keyword_test(node.value)
        case _:
            raise SigmaConditionError("the condition says nothing")


def _one_of(node: ConditionOR) -> Test | None:
    """A list of plain texts for one field, the commonest of all conditions, as a look-up in a set."""
    fields = {getattr(arg, "field", None) for arg in node.args}
    texts = {_text(getattr(arg, "value", None), within=False) for arg in node.args}
    cased = any(isinstance(getattr(arg, "value", None), SigmaCasedString | SigmaBool) for arg in node.args)
    field = fields.pop() if len(fields) == 1 else None
    if not isinstance(field, str) or None in texts or cased:
        return None
    wanted = frozenset(text.lower() for text in texts if text is not None)
    return lambda record: not wanted.isdisjoint(record.lowered(field))


def _need(node: object, fields: frozenset[str], *, within: bool) -> frozenset[str] | None:
    match node:
        case ConditionAND():
            known = [one for arg in node.args if (one := _need(arg, fields, within=within)) is not None]
            return min(known, key=len, default=None)
        case ConditionOR():
            return _union(_need(arg, fields, within=within) for arg in node.args)
        case ConditionFieldEqualsValueExpression() if node.field in fields:
            text = _text(node.value, within=within)
            return None if text is None else frozenset({text})
        case _:
            return None


def _union(needs: Iterable[frozenset[str] | None]) -> frozenset[str] | None:
    together: frozenset[str] = frozenset()
    for one in needs:
        if one is None:
            return None
        together |= one
    return together


def _text(value: object, *, within: bool) -> str | None:
    if isinstance(value, SigmaBool):
        return str(value.boolean).lower()
    if not isinstance(value, SigmaString):
        return None
    text = plain_text(value)
    if text is None and within:
        parts = [part for part in value.s if isinstance(part, str)]
        return max(parts, key=len, default=None)
    return text
