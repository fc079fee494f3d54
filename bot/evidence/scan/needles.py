"""From what is wanted to what is searched for in the bytes of a file.

A hit only says which record needs decoding; a miss must be certain. So every value is searched for in a form
that its record cannot lack: bare or in quotes, without `/` (`\\/` is legal JSON). Where a text spells plain
characters as `\\u00XX` the search is in doubt, and the text must be parsed instead.

Measured on CloudTrail, one core: one value with a SIMD substring search takes 0.03 ms a MB; a hundred event
names with Hyperscan 0.13 ms where they hang on their member's name, and 0.4 ms where they stand alone.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import chain

import hyperscan

from bot.evidence.scan.substring import find
from bot.evidence.wanted import Wanted

#: So many values of a kind are searched for one after the other; for more, one search for all is quicker.
_FEW = 3

#: Values in one expression: Hyperscan takes expressions of up to 16,000 characters. With fewer than the least
#: it looks for each of them, which takes three times as long as to look where their member is.
_MOST_VALUES, _LEAST_VALUES = 300, 16
_FILLERS = tuple(b"\x01%02d" % number for number in range(_LEAST_VALUES))  # which no JSON string holds

#: What JSON may put between a member's name and its value, and the inside of a string.
_COLON = rb"[ \t\r\n]*:[ \t\r\n]*"
_STRING = rb'(?:[^"\\]|\\[\x00-\xff])*'

#: Two characters beyond ASCII are ASCII letters in lower case: KELVIN SIGN, I WITH DOT ABOVE.
_LOWERED = {"k": b"\xe2\x84\xaa", "i": b"\xc4\xb0"}

#: What values can be written with: see `_plain`.
_SIGNS = frozenset(map(chr, range(0x20, 0x7F))) - set('"\\/')

_ESCAPE = b"\\u"
_ESCAPED_SIGNS = frozenset({b"212a", b"0130"} | {b"%04x" % ord(sign) for sign in _SIGNS})

_ACCOUNT = re.compile(r"AWS account (\d+)(?: \((.+)\))?")


class Unsearchable(Exception):  # noqa: N818
    """A value that may be wanted of a record whose bytes do not hold it: everything must be decoded."""


class Needles:
    """The search for what one `Wanted` wants. Not for several threads at once.

    `literals` are searched for one after the other with `find`; `places` finds all else.
    """

    def __init__(self, wanted: Wanted) -> None:
        self._everything = False
        self.literals: tuple[bytes, ...] = ()
        expressions: list[bytes] = []
        try:
            self.literals = tuple(dict.fromkeys(_literals(wanted)))
            expressions = list(_expressions(wanted))
        except Unsearchable:
            self._everything = True
        # Each for itself: together they take longer than one after the other.
        self._machines = tuple(_Machine(expression) for expression in expressions)

    def in_doubt(self, text: bytearray) -> bool:
        """Whether a value may stand in the text in a form that is not searched for."""
        if self._everything:
            return True
        at = find(text, _ESCAPE)
        while at >= 0:
            if bytes(text[at + 2 : at + 6].lower()) in _ESCAPED_SIGNS:
                return True
            at = find(text, _ESCAPE, at + 2)
        return False

    def places(self, text: bytearray) -> list[int]:
        """Offsets inside the values found, ascending; one value may have several."""
        return sorted(chain.from_iterable(machine.places(text) for machine in self._machines))


class _Machine:
    """Hyperscan, compiled once, with the memory it needs while it runs."""

    def __init__(self, expression: bytes) -> None:
        self._database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        self._database.compile(expressions=[expression])
        self._scratch = hyperscan.Scratch(self._database)

    def places(self, text: bytearray) -> list[int]:
        found: list[int] = []

        def matched(_id: int, _start: int, end: int, _flags: int, _context: object) -> None:
            found.append(end - 1)

        self._database.scan(text, match_event_handler=matched, scratch=self._scratch)  # type: ignore[type-var]
        return found


def _literals(wanted: Wanted) -> Iterator[bytes]:
    """Values of which there are few."""
    if wanted.bucket is not None:
        yield _plain(wanted.bucket)
    for kind in sorted(wanted.kinds):
        yield from _of_kind(kind)
    for form, values in (
        (b'"%b', wanted.names),
        (b"%b", wanted.keys),
        (b'"%b"', wanted.addresses),
    ):
        yield from (form % _plain(value) for value in sorted(values) if len(values) <= _FEW)
    principals = list(_of_principals(wanted))
    yield from principals if len(principals) <= _FEW else []


def _expressions(wanted: Wanted) -> Iterator[bytes]:
    """Values of which there are many."""
    # A name may be followed by an API version, in digits of any script: see `plain`.
    yield from _members(b"eventName", wanted.names, rb"[^A-Za-z]")
    yield from _members(b"accessKeyId", wanted.keys, b'"')
    yield from _members(b"sourceIPAddress", wanted.addresses, b'"')
    principals = list(_of_principals(wanted))
    yield from map(_either, _in_lots(principals) if len(principals) > _FEW else [])
    for some in _in_lots(_plain(max(agent.split("/"), key=len)) for agent in sorted(wanted.agents)):
        anywhere = b"|".join(_caseless(one) for one in some)
        yield b'"userAgent"%b"%b(?:%b)' % (_COLON, _STRING, anywhere)


def _members(member: bytes, values: frozenset[str], end: bytes) -> Iterator[bytes]:
    if len(values) > _FEW:
        for some in _in_lots(_plain(value) for value in sorted(values)):
            either = _either(some + list(_FILLERS[len(some) :]))
            yield b'"%b"%b"%b%b' % (member, _COLON, either, end)


def _of_principals(wanted: Wanted) -> Iterator[bytes]:
    return chain.from_iterable(map(_of_principal, sorted(wanted.principals)))


def _of_kind(kind: str) -> Iterator[bytes]:
    """userIdentity.type; two of its values stand for its absence (see `identify`)."""
    if kind == "Unknown":
        raise Unsearchable
    if kind == "AWSService":
        yield b'"invokedBy"'
    yield b'"%b"' % _plain(kind)


def _of_principal(principal: str) -> Iterator[bytes]:
    """An ARN's own part, not its head, which stands in every record; for `Identity.principal`'s other forms
    what they are made of.
    """
    if principal in ("unknown", "an AWS service"):
        raise Unsearchable
    if principal == "anonymous":
        yield from (b"anonymous", b"ANONYMOUS_PRINCIPAL")
    elif account := _ACCOUNT.fullmatch(principal):
        yield _plain(account[2] or account[1])
    else:
        head, *rest = principal.split("/")
        yield _plain(max(rest, key=len) if any(rest) else head)


def _in_lots(values: Iterable[bytes]) -> Iterator[list[bytes]]:
    whole = list(values)
    for start in range(0, len(whole), _MOST_VALUES):
        yield whole[start : start + _MOST_VALUES]


def _either(values: Iterable[bytes]) -> bytes:
    return b"(?:" + b"|".join(re.escape(value) for value in values) + b")"


def _caseless(value: bytes) -> bytes:
    """An expression for whatever becomes the value in lower case."""
    return b"".join(_either(_forms(sign)) for sign in value.decode())


def _forms(sign: str) -> list[bytes]:
    forms = {sign.encode(), sign.upper().encode(), _LOWERED.get(sign, sign.encode())}
    return sorted(forms)


def _plain(value: str) -> bytes:
    """The value as it must stand in the bytes. Raises Unsearchable when JSON may write it in several ways."""
    if not value or not set(value) <= _SIGNS:
        raise Unsearchable
    return value.encode()
