"""Bars on standard error: what sources say, as text."""

from __future__ import annotations

from rich.console import Console
from rich.progress import Progress, TaskID

from bot.cli.investigation_progress import Bars


def shown() -> tuple[Bars, Progress]:
    progress = Progress(console=Console(record=True, width=100))
    return Bars(progress), progress


def test_each_source_has_a_bar_that_its_own_words_fill() -> None:
    bars, progress = shown()
    first, second = bars.bar("trail files"), bars.bar("event history")
    first("3 of 1,400 files")
    second("reading")
    one, two = (progress.tasks[TaskID(number)] for number in (0, 1))
    assert (one.description, one.completed, one.total) == ("trail files: 3 of 1,400 files", 3, 1400)
    assert (two.description, two.total) == ("event history: reading", None)


def test_what_is_no_count_leaves_the_bar_where_it_is() -> None:
    bars, progress = shown()
    tell = bars.bar("trail files")
    tell("2 of 4 files")
    tell("working out who did what")
    assert (progress.tasks[0].completed, progress.tasks[0].total) == (2, 4)


def test_a_name_from_outside_steers_nothing() -> None:
    bars, progress = shown()
    bars.bar("a\x1b[2Jb")("c\x1b]0;owned\x07")
    assert "\x1b" not in progress.tasks[0].description
    bars.say("[bold]not bold[/]\x1b[2J")
    assert "[bold]not bold[/]" in progress.console.export_text()
