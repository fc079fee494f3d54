"""Sigma's string patterns: `*` for any run of characters, `?` for exactly one (Sigma rules specification).

Values come from an attacker, so the time grows with pattern times text at worst: the pieces between `*`
are found one after the other, leftmost first, and nothing is ever tried again.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

from sigma.exceptions import SigmaPlaceholderError
from sigma.types import Placeholder, SigmaString, SpecialChars

TextTest = Callable[[str], bool]


def wildcard(pattern: SigmaString, *, cased: bool) -> TextTest:
    """The test of a text against a pattern as a whole; unless `cased`, texts must come in lower case.

    Raises SigmaPlaceholderError for a `%placeholder%` that nothing has replaced.
    """
    pieces = [_piece(parts, cased=cased) for parts in _split(pattern)]
    if len(pieces) == 1:
        return _whole(pieces[0])
    first, *middle, last = pieces
    if len(middle) == 1 and not first.length and not last.length and type(middle[0]) is _Literal:
        part = middle[0].text
        return lambda text: part in text

    def holds(text: str) -> bool:
        start = first.at_start(text)
        end = last.at_end(text)
        if start < 0 or end < start:
            return False
        for piece in middle:
            start = piece.find(text, start, end)
            if start < 0:
                return False
        return True

    return holds


def plain_text(pattern: SigmaString) -> str | None:
    """The text of a pattern without wildcards, else None."""
    if all(isinstance(part, str) for part in pattern.s):
        return "".join(str(part) for part in pattern.s)
    return None


class _Literal:
    """A piece without `?`: the methods give the place after it (at_end: before it), or -1."""

    def __init__(self, text: str) -> None:
        self.text, self.length = text, len(text)

    def at_start(self, text: str) -> int:
        return self.length if text.startswith(self.text) else -1

    def at_end(self, text: str) -> int:
        return len(text) - self.length if text.endswith(self.text) else -1

    def find(self, text: str, start: int, end: int) -> int:
        place = text.find(self.text, start, end)
        return place + self.length if place >= 0 else -1


class _Mask(_Literal):
    """A piece with `?`: of fixed length too, so that a regular expression for it never goes back."""

    def __init__(self, parts: Sequence[str | None]) -> None:
        super().__init__("")
        self.length = sum(1 if part is None else len(part) for part in parts)
        source = "".join("." if part is None else re.escape(part) for part in parts)
        self._mask = re.compile(source, re.DOTALL)

    def at_start(self, text: str) -> int:
        return self.length if self._mask.match(text) else -1

    def at_end(self, text: str) -> int:
        place = len(text) - self.length
        return place if place >= 0 and self._mask.match(text, place) else -1

    def find(self, text: str, start: int, end: int) -> int:
        found = self._mask.search(text, start, end)
        return found.end() if found else -1


def _whole(piece: _Literal) -> TextTest:
    if isinstance(piece, _Mask):
        return lambda text: len(text) == piece.length and piece.at_start(text) >= 0
    return piece.text.__eq__


def _split(pattern: SigmaString) -> list[list[str | None]]:
    """The pieces between `*`, each a list of texts and of None for `?`."""
    pieces: list[list[str | None]] = [[]]
    for part in pattern.s:
        if isinstance(part, Placeholder):
            raise SigmaPlaceholderError(
                f"the placeholder %{part.name}% has no values in placeholders.yml beside the rule"
            )
        if part is SpecialChars.WILDCARD_MULTI:
            pieces.append([])
        else:
            pieces[-1].append(part if isinstance(part, str) else None)
    return pieces


def _piece(parts: Sequence[str | None], *, cased: bool) -> Any:
    texts = [part if part is None or cased else part.lower() for part in parts]
    return _Mask(texts) if None in texts else _Literal("".join(filter(None, texts)))
