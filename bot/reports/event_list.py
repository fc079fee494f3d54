"""The list of events as CSV: one row for each event about the bucket, and for each act of a suspect.

A cell that begins like a formula would be calculated by the spreadsheet that opens the file (OWASP, "CSV
Injection"), and most cells were written by whoever made the request: such cells get an apostrophe in front.
Secrets are taken out of every cell.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from typing import Protocol

from bot.evidence.events import Event
from bot.evidence.redact import redact
from bot.evidence.report import Investigation
from bot.evidence.touching import touches
from bot.evidence.view_words import ABOUT_BUCKET, BY_SUSPECT

COLUMNS = (
    "time",
    "event_id",
    "principal",
    "label",
    "access_key_id",
    "source_ip",
    "user_agent",
    "action",
    "outcome",
    "error",
    "bucket",
    "object",
    "bytes_out",
    "region",
    "account",
    "why",
)
#: Characters of a cell; spreadsheets take 32,767.
MOST = 4000

# Full-width forms are read as the plain signs by some spreadsheets; where a semicolon separates, what
# follows one begins a cell as well.
_SIGNS = (
    "=+@\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}\N{FULLWIDTH HYPHEN-MINUS}"
    "\N{FULLWIDTH COMMERCIAL AT}-"
)
_FORMULA = re.compile(rf"(^|;)(\s*[{_SIGNS}])")


class Written(Protocol):
    """Where the list goes: a text file opened with newline=""."""

    def write(self, text: str, /) -> object: ...


def write_events(found: Investigation, events: Iterable[Event], target: Written) -> int:
    """Writes the list, one event after the other, and returns how many rows it has."""
    told, number = _Told(found), 0
    writer = csv.writer(target, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    for event in events:
        if why := told.why(event):
            writer.writerow([cell(one) for one in _row(event, told.label(event), why)])
            number += 1
    return number


def cell(value: object) -> str:
    """Text that stays text: one line, no secrets, no control characters, and never a formula."""
    text = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in redact(str(value)))
    text = text if len(text) <= MOST else f"{text[: MOST - 1]}…"
    return _FORMULA.sub(r"\1'\2", text)


def _row(event: Event, label: str, why: str) -> Iterator[object]:
    yield event.time.isoformat().replace("+00:00", "Z")
    yield event.event_id
    yield event.who.principal
    yield label
    yield event.who.access_key or ""
    yield event.source_ip
    yield event.user_agent
    yield f"{event.service}:{event.name}"
    yield "ok" if event.succeeded else "denied" if event.denied else "failed"
    yield event.error_code or ""
    yield event.bucket or ""
    yield event.key or ""
    yield "" if event.bytes_out is None else event.bytes_out
    yield event.region
    yield event.account or ""
    yield why


class _Told:
    """What the investigation says of single events."""

    def __init__(self, found: Investigation) -> None:
        self._bucket = found.bucket
        self._labels = {
            (one.principal, address): one.label for one in found.actors for address in one.source_ips
        }
        self._suspicious = {
            (actor.principal, one.access_key_id, one.source_ip, one.user_agent)
            for actor in found.actors
            for one in actor.origins
            if one.suspicious
        }
        self._titles: dict[str, list[str]] = {}
        for finding in found.findings:
            for event_id in finding.event_ids:
                self._titles.setdefault(event_id, []).append(f"{finding.rule} {finding.title}")

    def label(self, event: Event) -> str:
        return self._labels.get((event.who.principal, event.source_ip), "")

    def why(self, event: Event) -> str:
        """Why the event is in the list; empty when it does not belong there."""
        who = event.who
        place = (who.principal, who.access_key, event.source_ip, event.user_agent)
        reasons = list(self._titles.get(event.event_id, ()))
        reasons += [ABOUT_BUCKET] if touches(event, self._bucket) else []
        reasons += [BY_SUSPECT] if place in self._suspicious else []
        return "; ".join(reasons)
