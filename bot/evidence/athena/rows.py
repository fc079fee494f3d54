"""What Athena's rows say: records again, and how many were looked through."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from bot.evidence.athena.columns import COLUMNS, RESOURCE, Column
from bot.evidence.athena.query import CENSUS_COLUMNS
from bot.evidence.events import BadRecordError, moment_of
from bot.evidence.scan.files import event_in
from bot.evidence.wanted import Wanted

Row = Sequence[str | None]

#: A record that was delivered more often is handed on so many times.
_MOST_COPIES = 100

_FLAGS = {"true": True, "false": False}


@dataclass
class Census:
    """What one query looked through: records, those that are none, Regions with management events, times."""

    records: int = 0
    bad: int = 0
    regions: set[str] = field(default_factory=set)
    times: list[datetime] = field(default_factory=list)

    def add(self, row: Row) -> None:
        """A row of the census."""
        _, region, management, bad, *times, count = row[:CENSUS_COLUMNS]
        self.records += int(count or 0)
        if bad == "true":
            self.bad += int(count or 0)
            return
        if management == "true":
            self.regions.add(region or "")
        with suppress(BadRecordError):
            self.times += [moment_of(time) for time in times if time]


def is_census(row: Row) -> bool:
    """Whether a row counts, and is no record."""
    return row[0] == "0"


def found_in(row: Row, wanted: Wanted) -> list[bytes]:
    """The record in a row, as often as it was delivered; nothing when it is not wanted after all."""
    raw = record_in(row[CENSUS_COLUMNS:])
    try:
        holds = wanted.holds(event_in(raw))
    except BadRecordError:
        return []
    return [raw] * min(int(row[CENSUS_COLUMNS - 1] or 1), _MOST_COPIES) if holds else []


def record_in(values: Row) -> bytes:
    """The record's JSON, made of its columns; what was null or not there is left out."""
    record: dict[str, Any] = {}
    for column, value in zip(COLUMNS, values, strict=True):
        if value is None:
            continue
        node = record
        for name in column.path[:-1]:
            node = node.setdefault(name, {})
        node[column.path[-1]] = _value(column, value)
    return msgspec.json.encode(record)


def _value(column: Column, text: str) -> Any:
    match column.kind:
        case "flag":
            return _FLAGS.get(text, text)
        case "json" | "map":
            return _json(text)
        case "resources":
            return [_resource(one) for one in msgspec.json.decode(text, type=list[list[str | None] | None])]
        case _:
            return text


def _resource(values: list[str | None] | None) -> dict[str, str]:
    named = zip(RESOURCE, values or (), strict=False)
    return {name: value for name, value in named if value is not None}


def _json(text: str) -> Any:
    """The JSON as it stands in the column: its numbers are not written anew. Other text is itself."""
    try:
        msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return text
    return msgspec.Raw(text.encode())
