"""A CloudTrail record as Sigma's matcher sees it: fields by dotted paths, values as texts.

Choices where the specification leaves room, the same as those of the common backends:

- `a.b` walks into objects; a list on the way or at the end stands for each of its elements.
- An object's text is its compact JSON (`{"a":1}`), a boolean's `true` or `false`, a number's its JSON form.
  Where the object holds JSON in strings, as IAM's requests do, its text without the escapes counts too;
  and so does the form that some collectors make of it (`{a=1, b=[2]}`), because rules are written for it.
- `null` holds where there is no value: no such field, a null, or an empty list.
- A keyword is looked for in the record's compact JSON, and in each text as it reads without JSON's escapes.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any

#: Made once: building this for each look-up would cost as much as the look-up.
_SCALARS = (str, int, float)

_ESCAPE = re.compile(r'\\(["\\/])')

#: Gives fields that are worked out and not written in the record; None: there is no such field.
Computed = Callable[[str], object]


class Record:
    """One record; each field is looked up once."""

    __slots__ = ("_computed", "_lower", "_members", "_prefix", "_texts", "_values")

    def __init__(
        self, members: Mapping[str, Any], computed: Computed | None = None, prefix: str = ""
    ) -> None:
        """`computed` is asked for fields that begin with `prefix`."""
        self._members, self._computed, self._prefix = members, computed, prefix
        self._values: dict[str, Sequence[Any]] = {}
        self._texts: dict[str, Sequence[str]] = {}
        self._lower: dict[str, Sequence[str]] = {}

    def values(self, field: str) -> Sequence[Any]:
        """What stands at the field: scalars, objects and None; empty where there is no such field."""
        found = self._values.get(field)
        if found is None:
            found = self._values[field] = self._looked_up(field)
        return found

    def texts(self, field: str) -> Sequence[str]:
        """The texts of the values at the field."""
        found = self._texts.get(field)
        if found is None:
            found = self._texts[field] = _texts(self.values(field))
        return found

    def lowered(self, field: str) -> Sequence[str]:
        """The texts in lower case."""
        found = self._lower.get(field)
        if found is None:
            found = self._lower[field] = [text.lower() for text in self.texts(field)]
        return found

    def has(self, field: str) -> bool:
        """Whether the field is there, whatever its value."""
        return bool(self.values(field)) or any(True for _ in self._standing(field))

    def everything(self) -> Sequence[str]:
        """The record's compact JSON and every text in it."""
        found = self._texts.get("")
        if found is None:
            found = self._texts[""] = [text_of(dict(self._members)), *_leaves(self._members)]
        return found

    def _looked_up(self, field: str) -> Sequence[Any]:
        """Most fields are one scalar at the end of objects; everything else takes the long way."""
        if self._computed is not None and field.startswith(self._prefix):
            value = self._computed(field)
            if value is None:
                return ()
        else:
            value = self._members
            try:
                for step in _steps(field):
                    value = value[step]
            except (KeyError, TypeError):
                # No such member, or a list or a scalar on the way.
                return list(_elements(self._standing(field)))
        if isinstance(value, _SCALARS):
            return (value,)
        return list(_elements(iter((value,))))

    def _standing(self, field: str) -> Iterator[Any]:
        if self._computed is not None and field.startswith(self._prefix):
            value = self._computed(field)
            return iter(() if value is None else (value,))
        return _reach(self._members, _steps(field))


@lru_cache(maxsize=4096)
def _steps(field: str) -> tuple[str, ...]:
    return tuple(field.split("."))


def _reach(value: Any, steps: tuple[str, ...]) -> Iterator[Any]:
    """What stands at the end of the steps; names with dots in them are found too."""
    if not steps:
        yield value
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _reach(one, steps)
    elif isinstance(value, Mapping):
        if steps[0] in value:
            yield from _reach(value[steps[0]], steps[1:])
        elif len(steps) > 1 and (whole := ".".join(steps)) in value:
            yield value[whole]


def _elements(values: Iterator[Any]) -> Iterator[Any]:
    """The values, lists among them (also lists of lists) taken apart."""
    waiting = list(values)[::-1]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list | tuple | frozenset):
            waiting.extend(reversed(list(value)))
        else:
            yield value


def _leaves(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Mapping):
            waiting.extend(one.values())
        elif isinstance(one, list | tuple):
            waiting.extend(one)
        elif one is not None:
            yield text_of(one)


def _texts(values: Sequence[Any]) -> Sequence[str]:
    if len(values) == 1 and isinstance(values[0], str):
        return values
    return [text for one in values if one is not None for text in _texts_of(one)]


def _texts_of(value: Any) -> Iterator[str]:
    text = text_of(value)
    yield text
    if isinstance(value, Mapping):
        if "\\" in text:
            yield _ESCAPE.sub(r"\1", text)
        with suppress(RecursionError):
            yield _listing(value)


def _listing(value: Any) -> str:
    """Java's text of a map. Raises RecursionError for what nests deeper than any real record."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}={_listing(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_listing, value)) + "]"
    return text_of(value)


def text_of(value: Any) -> str:
    """A value as text: strings as they are, all else as compact JSON."""
    if isinstance(value, str):
        return value
    if type(value) in (int, float):
        return repr(value)
    try:
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=str)
    except RecursionError:
        # Nested deeper than any real record; there is no text to compare, and the fields stay reachable.
        return ""
