"""What bytes a line must have to be wanted: patterns for hyperscan, which finds thousands of them at once.

A line without any of these is not wanted; a line with one is read, and what was read decides. Percent
signs and letters beyond ASCII, with which a value can be written in other bytes, make a line be read, too.
"""

import re
from collections.abc import Iterator, Sequence

import hyperscan

from bot.evidence.access_logs.operations import COPIED_FROM, operations_named
from bot.evidence.access_logs.requester import S3_ITSELF, role_arn
from bot.evidence.wanted import Wanted

#: A letter or digit that somebody wrote as %XX in the query: no honest client does.
_HIDDEN = rb"\?[^ \n]*%(3[0-9]|4[1-9A-Fa-f]|5[0-9Aa]|6[1-9A-Fa-f]|7[0-9Aa])"
_BEYOND_ASCII = rb"^[^\x80-\xff\n]*[\x80-\xff]"
_REQUESTER = rb"\] +[^ \n]+ +"
_UNSIGNED = _REQUESTER + rb"- "
_CANONICAL = _REQUESTER + rb"[0-9a-f]{64} "
_SERVICE = _REQUESTER + rb"(svc:|AmazonS3 )"
_ANY = rb"^[^\n]"
_KINDS = {
    "AWSAccount": (_UNSIGNED, _CANONICAL),
    "AWSService": (_SERVICE,),
    "AssumedRole": (rb":assumed-role/",),
    "FederatedUser": (rb":federated-user/",),
    "IAMUser": (rb":user/",),
    "Root": (rb":root ", _CANONICAL),
    "Unknown": (_ANY,),
}
_ROLE = re.compile(r"arn:([^:]*):iam::([^:]*):role/(?:.*/)?([^/]+)")


def _none_of(words: Sequence[str]) -> Iterator[bytes]:
    """How text can begin that is none of these words."""
    for begun in sorted({word[:length] for word in words for length in range(len(word))}):
        following = {word[len(begun)] for word in words if word.startswith(begun)}
        yield f"{begun}[^{''.join(sorted(following))}]".encode()


#: The parts of a plain line in their order: how each is right, and how it first goes wrong. Months, and the
#: days that not all of them have, by the letter.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WORD = (rb"[^ \n]+ ", rb"([ \n]|[^ \n]+\n)")
_NUMBER = (rb"([0-9]+|-) ", rb"([^0-9-]|-[^ ]|[0-9]+[^0-9 ])")
_TIME = (
    (
        rb"[0-3][0-9]/",
        rb"([^0-3]|[0-3][^0-9]|[0-3][0-9][^/]|00|29/Feb|3[01]/Feb|31/(Apr|Jun|Sep|Nov)|3[2-9])",
    ),
    (b"(" + "|".join(_MONTHS).encode() + b")", b"(" + b"|".join(_none_of(_MONTHS)) + b")"),
    (rb"/(19|20)[0-9][0-9]:", rb"([^/]|/[^12]|/1[^9]|/2[^0]|/(19|20)([^0-9]|[0-9][^0-9]|[0-9][0-9][^:]))"),
    (rb"([01][0-9]|2[0-3]):", rb"([^0-2]|[01][^0-9]|2[^0-3]|([01][0-9]|2[0-3])[^:])"),
    (rb"[0-5][0-9]:", rb"([^0-5]|[0-5]([^0-9]|[0-9][^:]))"),
    (rb"[0-5][0-9]", rb"([^0-5]|[0-5][^0-9])"),
)
_REST = (
    *(_WORD,) * 3,
    (rb"[A-Z][A-Za-z0-9_.]+ ", rb"([^A-Z]|[A-Z]([^A-Za-z0-9_.]|[A-Za-z0-9_.]+[^A-Za-z0-9_. ]))"),
    _WORD,
    (rb'(-|"[^"\n]*") ', rb'([^"-]|-[^ ]|"[^"\n]*(\n|"[^ ]))'),
    (rb"([0-9][0-9][0-9]|-) ", rb"([^0-9-]|-[^ ]|[0-9]([^0-9]|[0-9]([^0-9]|[0-9][^ ])))"),
    _WORD,
    *(_NUMBER,) * 4,
)


def not_plain(bucket: str) -> bytes:
    """A line that is not both: whole and plain (no quote inside its Request-URI), and this bucket's.

    One pattern, because what is wrong is rare in a log of one bucket: lines without a hit need no reading.
    """
    parts = (
        (rb"[0-9a-f]{64}", rb"[0-9a-f]{0,63}[^0-9a-f]"),
        *_exactly(b" " + bucket.encode() + b" ["),
        *_TIME,
        *_exactly(b" +0000] "),
        *_REST,
    )
    wrong = b""
    for right, wrongly in reversed(parts):
        wrong = b"(" + wrongly + (b"|" + right + wrong if wrong else b"") + b")"
    return b"^" + wrong


def _exactly(text: bytes) -> Iterator[tuple[bytes, bytes]]:
    for letter in text:
        one = re.escape(bytes([letter]))
        yield one, b"[^" + one + b"]"


def of_bucket(bucket: str) -> bytes:
    """A line of this bucket's log."""
    return b" " + _literal(bucket) + rb" +\["


def others(wanted: Wanted) -> Iterator[tuple[bytes, int]]:
    """Patterns with their flags; every wanted line that is not the bucket's own has at least one."""
    yield from ((pattern, 0) for pattern in _plain(wanted))
    if wanted.bucket:
        # In the source's log the target of a copy is named by the endpoint, in any case.
        yield from ((b" " + _literal(operation) + b" ", 0) for operation in sorted(COPIED_FROM))
    yield from ((_literal(agent), hyperscan.HS_FLAG_CASELESS) for agent in sorted(wanted.agents))


def _plain(wanted: Wanted) -> Iterator[bytes]:
    for operation in sorted(operations_named(wanted.names)):
        yield rb" " + _literal(operation) + rb" "
    yield from map(_literal, sorted(wanted.keys))
    if wanted.keys:
        yield _HIDDEN
    if wanted.agents:
        yield _BEYOND_ASCII
    for address in sorted(wanted.addresses):
        yield _SERVICE if address.endswith(".amazonaws.com") else rb"\] +" + _literal(address) + rb" "
    for principal in sorted(wanted.principals):
        yield from _of_principal(principal)
    for kind in sorted(wanted.kinds):
        yield from _KINDS.get(kind, ())


def _of_principal(principal: str) -> Iterator[bytes]:
    if principal == "anonymous":
        yield _UNSIGNED
        return
    if principal == S3_ITSELF:
        yield _SERVICE
    yield _literal(principal.removeprefix("canonical user "))
    if role := _ROLE.fullmatch(principal):
        yield rb":assumed-role/" + _literal(role[3]) + rb"/"


def as_lines_say(principals: frozenset[str]) -> frozenset[str]:
    """The same principals, and roles also without their path, which access logs do not have."""
    roles = (_ROLE.fullmatch(principal) for principal in principals)
    return principals | {role_arn(*role.groups()) for role in roles if role}


def _literal(text: str) -> bytes:
    return re.escape(text.encode("utf-8", "surrogatepass"))
