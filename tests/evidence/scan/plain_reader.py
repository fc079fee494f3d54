"""The reader to compare with: the standard library, everything decoded, nothing clever."""

import gzip
import json

from bot.evidence.events import BadRecordError, event_from
from bot.evidence.wanted import Wanted


def plainly(data: bytes, wanted: Wanted) -> list[object]:
    """The wanted records of a trail file, decoded. Raises ValueError, EOFError or OSError for damage."""
    text = gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data
    document = json.loads(text.removeprefix(b"\xef\xbb\xbf"))
    return [record for record in document["Records"] if _holds(wanted, record)]


def _holds(wanted: Wanted, record: object) -> bool:
    try:
        return wanted.holds(event_from(record))
    except BadRecordError:
        return False
