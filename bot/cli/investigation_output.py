"""The files that `s3incident investigate` writes: JSON, CSV and HTML."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO

import msgspec

from bot.cli.investigation_inputs import refuse
from bot.evidence.events import Event
from bot.evidence.report import Investigation
from bot.reports.event_list import write_events
from bot.reports.evidence_page import render_page
from bot.reports.pictures.pictures import pictures

#: Spreadsheets take a file for UTF-8 only when it begins with the mark that this writes.
_CSV = "utf-8-sig"


def write_json(found: Investigation, target: Path) -> None:
    """The whole result; `-` is standard output."""
    text = msgspec.json.format(msgspec.json.encode(found.to_json()), indent=2) + b"\n"
    if str(target) == "-":
        sys.stdout.buffer.write(text)
        sys.stdout.buffer.flush()
        return
    _write(target, "utf-8", lambda file: file.write(text.decode()))


def write_csv(found: Investigation, events: Iterable[Event], target: Path) -> None:
    """A row for each event about the bucket and for each act of a suspect."""
    _write(target, _CSV, lambda file: write_events(found, events, file))


def write_html(found: Investigation, target: Path) -> None:
    """One page with its pictures in it."""
    page = render_page(found, pictures(found))
    _write(target, "utf-8", lambda file: file.write(page))


def _write(target: Path, encoding: str, fill: Callable[[IO[str]], object]) -> None:
    try:
        with target.open("w", encoding=encoding, newline="") as file:
            fill(file)
    except OSError as problem:
        refuse(f"The result could not be written to {target}: {problem.strerror}.")
