"""Progress on the terminal: one bar for each source and one for the work between, on standard error."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from bot.evidence.wording import short

Tell = Callable[[str], None]

_OF = re.compile(r"([\d,]+) of ([\d,]+)\b")


class Bars:
    """Each bar has a name and says what its source says; `3 of 40 files` fills it."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def bar(self, name: str) -> Tell:
        """A bar that shows what it is told."""
        name = short(name, 40)
        # Markup is off in the column: names of files and buckets may hold brackets.
        task = self._progress.add_task(name, total=None)

        def tell(text: str) -> None:
            said = f"{name}: {short(text, 100)}"
            if counted := _OF.search(text):
                done, total = (int(one.replace(",", "")) for one in counted.groups())
                self._progress.update(task, description=said, completed=done, total=total)
            else:
                self._progress.update(task, description=said)

        return tell

    def say(self, text: str) -> None:
        """A line that stays, above the bars."""
        self._progress.console.print(short(text, 1000), markup=False, highlight=False)


@contextmanager
def bars() -> Iterator[Bars]:
    """Bars while the context lasts; standard output stays clean for pipes."""
    text = TextColumn("{task.description}", markup=False)
    columns = (SpinnerColumn(), text, BarColumn(bar_width=24), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield Bars(progress)
