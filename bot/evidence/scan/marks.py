"""Who is in a file, noted while it is read, so that a later search need not open it again.

Noted are all long-term access keys (AKIA...), users by their ARNs, and addresses that are not of 10.0.0.0/8:
what the search for a leaked key's other acts looks for. Marks have no gaps: what a text spells in any other
way than CloudTrail does has none, and is read again.
"""

from collections.abc import Iterable, Iterator
from operator import itemgetter
from typing import Any

from bot.evidence.scan.substring import pieces
from bot.evidence.wanted import Wanted

_LONG_TERM, _USER, _PRIVATE = "AKIA", ":user/", "10."

#: Characters of an access key that are noted; ids of today have so many.
_KEY = 20

#: Where a value is looked for, and how many of the characters after it are looked at. Members' names stand
#: without their colon, and ARNs without their slash, so that no spelling is missed.
_KEYS, _AFTER_KEY = b'"AKIA', itemgetter(slice(0, _KEY - len(_LONG_TERM)))
_USERS, _AFTER_USER = b":user", itemgetter(slice(0, 160))
_ADDRESSES, _AFTER_ADDRESS = b'"sourceIPAddress"', slice(0, 48)

#: How an address begins that is not noted.
_NOT_NOTED = f':"{_PRIVATE}'

_END = b"\n"


class _OddError(Exception):
    """Not as CloudTrail spells it, or longer than what is looked at."""


def marks_in(text: bytearray) -> bytes | None:
    """The marks of a text without escapes of plain characters; None where something is spelled oddly."""
    try:
        found = {
            *(b"AKIA" + one for one in _distinct(text, _KEYS, _AFTER_KEY)),
            *(b":user" + _value(one) for one in _distinct(text, _USERS, _AFTER_USER)),
            *_addresses(text),
        }
    except _OddError:
        return None
    return _END + _END.join(sorted(found)) + _END


def rule_out(marks: bytes, needles: Iterable[bytes]) -> bool:
    """Whether nothing that is looked for can be in the text of these marks."""
    return not any(needle in marks for needle in needles)


def needles_of(wanted: Wanted) -> list[bytes] | None:
    """What stands in the marks of every text that holds something wanted; None: marks do not tell."""
    others = wanted.bucket, wanted.names, wanted.agents, wanted.kinds
    if any(others) or not all(map(_is_noted, _values(wanted))):
        return None
    return [
        *(_END + key[:_KEY].encode() for key in wanted.keys),
        *(_USER.encode() + arn.partition(_USER)[2].encode() + _END for arn in wanted.principals),
        *(_END + address.encode() + _END for address in wanted.addresses),
    ]


def _values(wanted: Wanted) -> Iterator[tuple[str, bool]]:
    yield from ((key, key.startswith(_LONG_TERM)) for key in wanted.keys)
    yield from ((arn, _USER in arn and arn.startswith("arn:")) for arn in wanted.principals)
    yield from ((address, not address.startswith(_PRIVATE)) for address in wanted.addresses)


def _is_noted(value: tuple[str, bool]) -> bool:
    text, kind = value
    return kind and text.isascii() and text.isprintable() and not {'"', "\\"} & set(text)


def _distinct(text: bytearray, anchor: bytes, after: "itemgetter[slice]") -> Iterator[bytes]:
    """The different texts that follow the anchor."""
    return map(bytes, set(map(after, _following(text, anchor))))


def _following(text: bytearray, anchor: bytes) -> Iterator[Any]:
    """All that follows the anchor, up to the next one."""
    following = pieces(text, anchor)
    next(following)
    return following


def _value(text: bytes) -> bytes:
    """What stands before the string's end."""
    value, quote, _ = text.partition(b'"')
    if not quote or b"\\" in value:
        raise _OddError
    return value


def _addresses(text: bytearray) -> Iterator[bytes]:
    # Most are private ones: to leave them out first takes half the time.
    others = {one[_AFTER_ADDRESS] for one in _following(text, _ADDRESSES) if not one.startswith(_NOT_NOTED)}
    for one in map(bytes, others):
        if not one.startswith(b':"'):
            raise _OddError
        yield _value(one[2:])
