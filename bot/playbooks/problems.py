"""What is wrong with a playbook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake: where (`line` from 1), what it is, and what to do."""

    path: Path
    line: int
    what: str
    todo: str = ""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what} {self.todo}".rstrip()


class PlaybookError(Exception):
    """A playbook that cannot be used; one line for each problem."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)
