"""Events read again from the files that bot.evidence.vault.records made of the records found."""

from __future__ import annotations

from collections.abc import Iterator

import structlog

from bot.evidence.events import BadRecordError, Event
from bot.evidence.filing import read

log = structlog.get_logger(__name__)

_FRAME = frozenset({b"", b'{"Records":[', b"]}"})


def events_in(content: bytes, name: str) -> Iterator[Event]:
    """The events of one file in its order; a record that is none is left out, and the log says so."""
    for line in content.splitlines():
        record = line.strip().removesuffix(b",")
        if record not in _FRAME:
            try:
                yield read(record, line=name.endswith(".log"))
            except BadRecordError as error:
                log.warning("evidence.record_unreadable", file=name, error=str(error))
