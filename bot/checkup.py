"""One line of a check-up: what was looked at, how it is, and what to do when it is not well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Line:
    """`state`: well, worry (works, but look) or ill (will not work). `todo` is empty when all is well."""

    what: str
    state: Literal["well", "worry", "ill"]
    found: str
    todo: str = ""


def well(what: str, found: str) -> Line:
    return Line(what, "well", found)


def worry(what: str, found: str, todo: str) -> Line:
    return Line(what, "worry", found, todo)


def ill(what: str, found: str, todo: str) -> Line:
    return Line(what, "ill", found, todo)
