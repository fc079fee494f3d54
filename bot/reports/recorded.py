"""Events read again from the files that bot.evidence.vault.records made of the records found."""

from __future__ import annotations

from collections.abc import Iterator

import structlog

from bot.evidence.events import BadRecordError, Event
from bot.evidence.filing import read
from bot.evidence.scan.elements import records_in
from bot.evidence.scan.problems import NotReadableError

log = structlog.get_logger(__name__)


def events_in(content: bytes, name: str) -> Iterator[Event]:
    """The events of one file in its order; a record that is none is left out, and the log says so."""
    line = name.endswith(".log")
    try:
        for record in _lines_in(content) if line else records_in(content):
            try:
                yield read(record, line=line)
            except BadRecordError as error:
                log.warning("evidence.record_unreadable", file=name, error=str(error))
    except NotReadableError as error:
        log.warning("evidence.file_unreadable", file=name, error=str(error))


def _lines_in(content: bytes) -> Iterator[bytes]:
    # Only a line feed ends a line of an access log: what a caller writes may hold any other sign.
    return filter(None, content.split(b"\n"))
