"""The request context: the condition keys of one request and their values.

Key names are not case-sensitive (IAM User Guide, "Condition"). A key is present with one or more values,
absent, or marked `UNKNOWN` by a caller who cannot know it (CloudTrail, for one, does not record every key).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final


class _Unknown(str):
    """A string so that it fits where values go; told apart by its type, as an attacker may send any text."""

    __slots__ = ()


UNKNOWN: Final[str] = _Unknown("unknown")
"""The value of a condition key that cannot be known: neither whether it was present nor what it was."""


class Context:
    """Condition keys by name, whatever their case."""

    def __init__(self, *layers: Mapping[str, str | Sequence[str]]) -> None:
        """Takes mappings of key to value or values; a later mapping wins over an earlier one."""
        self._values: dict[str, tuple[str, ...]] = {}
        for layer in layers:
            self._values.update({key.lower(): _values(value) for key, value in layer.items()})

    def values(self, key: str) -> tuple[str, ...]:
        """The values of a key; empty when the key is absent."""
        return self._values.get(key.lower(), ())

    def unknown(self, key: str) -> bool:
        """Whether the caller marked this key as one that cannot be known."""
        return any(isinstance(value, _Unknown) for value in self.values(key))


def _values(value: str | Iterable[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
