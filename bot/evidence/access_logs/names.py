"""What the name of an access log file tells: when it was delivered, or of which day its lines are.

Source: S3 User Guide, "Log object key format": `[prefix]YYYY-MM-DD-hh-mm-ss-UNIQUE`, or partitioned
`[prefix]ACCOUNT/REGION/BUCKET/YYYY/MM/DD/YYYY-MM-DD-hh-mm-ss-UNIQUE`, where the date is that of delivery or,
by the bucket's choice, that of the events (then the time of day is 00-00-00).
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta

from bot.evidence.sources.base import Window

#: S3 delivers "within a few hours", without a promise; later than two days is one line in 100,000.
LATE = timedelta(hours=24)

_STAMP = re.compile(r"(\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d)-[0-9A-Za-z]+(?:\.gz)?$")
_FORMAT = "%Y-%m-%d-%H-%M-%S"


def stamp(name: str) -> datetime | None:
    """The time in a file's name (UTC); None when the name is not S3's."""
    match = _STAMP.search(name)
    try:
        return datetime.strptime(match[1], _FORMAT).replace(tzinfo=UTC) if match else None
    except ValueError:
        return None


def may_hold(name: str, window: Window | None) -> bool:
    """Whether a file can hold lines of the window, judged by its name."""
    moment = stamp(name)
    if window is None or moment is None:
        return True
    # Midnight may stand for the whole day.
    last = moment + timedelta(days=1) if moment.time() == time() else moment
    return last >= window[0] and moment <= window[1] + LATE


def start_after(prefix: str, window: Window) -> str:
    """The key after which, in the order of names, keys of the simple format can hold lines of the window."""
    # A minute earlier: delivery and event may fall into the same second.
    return prefix + (window[0] - timedelta(minutes=1)).strftime(_FORMAT)


def day_folders(prefixes: Sequence[str], window: Window) -> Iterator[str]:
    """`PREFIX/YYYY/MM/DD/` for each day of the window and for those of late delivery."""
    for prefix in prefixes:
        day, last = window[0].date(), (window[1] + LATE).date()
        while day <= last:
            yield f"{prefix.rstrip('/')}/{day:%Y/%m/%d}/"
            day += timedelta(days=1)
