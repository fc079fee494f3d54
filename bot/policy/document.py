"""Reads a policy document of the IAM policy language.

Source: IAM User Guide, "Grammar of the IAM JSON policy language". Where AWS takes a single value for a list
(Action, Resource, Principal, condition values, Statement itself), so does this.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Final, Literal, cast

from bot.policy.operators import NULL, OPERATORS, Operator

Effect = Literal["Allow", "Deny"]
PrincipalKind = Literal["AWS", "Service", "Federated", "CanonicalUser"]

_PRINCIPAL_KINDS: Final = ("AWS", "Service", "Federated", "CanonicalUser")
_DOCUMENT_ELEMENTS: Final = frozenset({"Version", "Id", "Statement"})
_STATEMENT_ELEMENTS: Final = frozenset(
    {
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    }
)
_SET_QUALIFIERS: Final = {"forallvalues": "ForAllValues", "foranyvalue": "ForAnyValue"}
_VARIABLES_SINCE: Final = "2012-10-17"


class PolicyError(ValueError):
    """A malformed policy document.

    `path` is the JSON path of what is wrong (`$.Statement[0].Effect`); the message says it in a sentence.
    """

    def __init__(self, path: str, sentence: str) -> None:
        super().__init__(f"{path}: {sentence}")
        self.path = path


@dataclass(frozen=True)
class Principal:
    """A principal; `value` is `*`, an ARN, an account id, a unique id, a service or a provider."""

    kind: PrincipalKind
    value: str

    @property
    def is_anyone(self) -> bool:
        """Whether it is `"*"` or `{"AWS": "*"}`, which mean the same: everybody, anonymous callers too."""
        return self.kind == "AWS" and self.value == "*"


@dataclass(frozen=True)
class Condition:
    """One condition: an operator, the key it looks at and the values that would match (any of them)."""

    written: str
    operator: Operator
    key: str
    values: tuple[str, ...]
    qualifier: Literal["ForAllValues", "ForAnyValue"] | None = None
    if_exists: bool = False

    def __str__(self) -> str:
        return f"{self.written} {self.key} [{', '.join(self.values)}]"


@dataclass(frozen=True)
class Statement:
    """One statement. Of each pair (`actions`, `not_actions`) at most one is filled.

    A statement without principals is of an identity-based policy and speaks of whoever the policy is attached
    to; one without resources is of a role's trust policy and speaks of that role.
    """

    index: int
    sid: str | None
    effect: Effect
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    principals: tuple[Principal, ...] = ()
    not_principals: tuple[Principal, ...] = ()
    conditions: tuple[Condition, ...] = ()
    #: Whether `${...}` is a policy variable here: the policy's Version says so.
    variables: bool = True

    @property
    def label(self) -> str:
        """The Sid when there is one, otherwise the position (`#0` is the first)."""
        return self.sid or f"#{self.index}"


@dataclass(frozen=True)
class Policy:
    """A policy document with the name it is known by; `source` is the document as it was given."""

    name: str
    version: str | None
    statements: tuple[Statement, ...]
    source: Mapping[str, Any] = field(compare=False, repr=False)


def parse(document: str | Mapping[str, Any], name: str = "policy") -> Policy:
    """Read a policy document, given as JSON text or as the object.

    Raises PolicyError, with the JSON path, when it is not a policy.
    """
    source = _object("$", _loaded(document) if isinstance(document, str) else document)
    _only(source, _DOCUMENT_ELEMENTS, "$")
    version = source.get("Version")
    if version is not None and not isinstance(version, str):
        raise PolicyError("$.Version", "must be a string such as 2012-10-17.")
    if "Statement" not in source:
        raise PolicyError("$.Statement", "is missing: a policy is a list of statements.")
    variables = version is not None and version >= _VARIABLES_SINCE
    return Policy(name, version, tuple(_statements(source["Statement"], variables)), source)


def _loaded(text: str) -> object:
    try:
        return json.loads(text)
    except RecursionError:
        raise PolicyError("$", "is nested too deeply to be a policy.") from None
    except ValueError as error:
        raise PolicyError("$", f"is not JSON ({error}).") from None


def _statements(value: object, variables: bool) -> Iterator[Statement]:
    for index, item in enumerate(value if isinstance(value, list | tuple) else [value]):
        path = f"$.Statement[{index}]"
        yield _statement(path, index, _object(path, item), variables)


def _statement(path: str, index: int, body: Mapping[str, Any], variables: bool) -> Statement:
    _only(body, _STATEMENT_ELEMENTS, path)
    for positive in ("Principal", "Action", "Resource"):
        if positive in body and f"Not{positive}" in body:
            raise PolicyError(path, f"has both {positive} and Not{positive}; only one is allowed.")
    if "Action" not in body and "NotAction" not in body:
        raise PolicyError(f"{path}.Action", "is missing: a statement needs Action or NotAction.")
    sid = body.get("Sid")
    if sid is not None and not isinstance(sid, str):
        raise PolicyError(f"{path}.Sid", "must be a string.")
    return Statement(
        index=index,
        sid=sid or None,
        effect=_effect(path, body),
        actions=_texts(path, body, "Action"),
        not_actions=_texts(path, body, "NotAction"),
        resources=_texts(path, body, "Resource"),
        not_resources=_texts(path, body, "NotResource"),
        principals=tuple(_principals(path, body, "Principal")),
        not_principals=tuple(_principals(path, body, "NotPrincipal")),
        conditions=tuple(_conditions(f"{path}.Condition", body.get("Condition"))),
        variables=variables,
    )


def _effect(path: str, body: Mapping[str, Any]) -> Effect:
    effect = body.get("Effect")
    if effect not in ("Allow", "Deny"):
        raise PolicyError(f"{path}.Effect", 'must be "Allow" or "Deny", written exactly so.')
    return cast("Effect", effect)


def _texts(path: str, body: Mapping[str, Any], element: str) -> tuple[str, ...]:
    """The strings of Action, Resource and their opposites; empty when the element is absent."""
    return tuple(_strings(f"{path}.{element}", body[element])) if element in body else ()


def _strings(path: str, value: object) -> list[str]:
    items = value if isinstance(value, list | tuple) else [value]
    texts = [item for item in items if isinstance(item, str) and item]
    if not texts or len(texts) < len(items):
        raise PolicyError(path, "must be a string or a list of at least one string, none of them empty.")
    return texts


def _principals(path: str, body: Mapping[str, Any], element: str) -> Iterator[Principal]:
    if element not in body:
        return
    path, value = f"{path}.{element}", body[element]
    # AWS's own examples and old policies have bare strings here; `"*"` is the one that AWS still takes.
    kinds = {"AWS": value} if isinstance(value, str) else _object(path, value)
    if not kinds:
        raise PolicyError(path, "names nobody.")
    for kind, names in kinds.items():
        if kind not in _PRINCIPAL_KINDS:
            raise PolicyError(path, "must be of the kinds AWS, Service, Federated or CanonicalUser.")
        yield from (
            Principal(cast("PrincipalKind", kind), name) for name in _strings(f"{path}.{kind}", names)
        )


def _conditions(path: str, value: object) -> Iterator[Condition]:
    for written, keys in _object(path, {} if value is None else value).items():
        qualifier, operator, if_exists = _operator(path, written)
        for key, values in _object(f"{path}.{written}", keys).items():
            texts = _condition_values(f"{path}.{written}.{key}", values)
            yield Condition(written, operator, key, texts, qualifier, if_exists)


def _operator(path: str, written: str) -> tuple[Any, Operator, bool]:
    """The set qualifier, the operator and whether it ends in IfExists."""
    head, colon, tail = written.lower().rpartition(":")
    qualifier = _SET_QUALIFIERS.get(head)
    if_exists = tail.endswith("ifexists")
    operator = OPERATORS.get(tail.removesuffix("ifexists"))
    if operator is None or (colon and qualifier is None) or (if_exists and operator is NULL):
        raise PolicyError(f"{path}.{written}", "is not a condition operator.")
    return qualifier, operator, if_exists


def _condition_values(path: str, value: object) -> tuple[str, ...]:
    items = value if isinstance(value, list | tuple) else [value]
    return tuple(_condition_value(path, item) for item in items)


def _condition_value(path: str, value: object) -> str:
    """AWS reads JSON booleans and numbers as their text."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int) or (isinstance(value, float) and isfinite(value)):
        return str(value)
    raise PolicyError(path, "must be a string, a number, a boolean or a list of them.")


def _object(path: str, value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise PolicyError(path, "must be a JSON object.")
    return value


def _only(body: Mapping[str, Any], known: frozenset[str], path: str) -> None:
    for element in body:
        if element not in known:
            raise PolicyError(f"{path}.{element}", "is not an element of the policy language.")
