"""Gunzip: as fast as it can be done with what CloudTrail writes, and as careful as needed with all else.

libdeflate is a third faster than any other, and has two traps: of a file of several gzip members it may give
the first one only, and of a file with padding nothing. So it is trusted where no second member shows, and its
last four bytes (ISIZE, RFC 1952: the length unpacked) agree with what came out. Everything else goes
through igzip, which reads member after member and says what is wrong.
"""

import io
import zlib
from collections.abc import Iterator
from typing import BinaryIO

import deflate
from isal import igzip
from isal.igzip_lib import IsalError

from bot.evidence.scan.problems import NotReadableError
from bot.evidence.scan.substring import find

GZIP_MAGIC = b"\x1f\x8b"

#: Bytes. Unpacked at once up to here; larger content is read piece by piece, so that memory stays flat.
MOST_AT_ONCE = 32 << 20

#: A file may unpack to this many bytes, or, if that is more, to MOST_RATIO times its own size. CloudTrail's
#: files hold at most 50 MB and shrink to a tenth; gzip's limit is 1032 to one, which no log comes near.
MOST_UNPACKED = 512 << 20
MOST_RATIO = 100

#: Deflate cannot do better than this (zlib's technical notes).
_BEST_RATIO = 1032

#: How a member begins: gzip's magic, and deflate as its method.
_MEMBER = GZIP_MAGIC + b"\x08"

_CHUNK = 4 << 20


class TooLargeError(Exception):
    """The content is larger than what is held in memory at once."""


def unpack(data: bytes) -> bytearray:
    """The content, gunzipped where it is packed. Raises NotReadableError for damage, TooLargeError."""
    size = int.from_bytes(data[-4:], "little")
    whole = data.startswith(GZIP_MAGIC) and 0 < size <= min(MOST_AT_ONCE, _BEST_RATIO * len(data))
    if whole and find(data, _MEMBER, len(_MEMBER)) < 0:
        try:
            content = deflate.gzip_decompress(data)
        except (deflate.DeflateError, ValueError):  # the latter for what is shorter than a gzip header
            return _carefully(data)  # which says what is wrong
        if len(content) == size:
            return content
    return _carefully(data)


def _carefully(data: bytes) -> bytearray:
    content = bytearray()
    for part in unpacked(io.BytesIO(data), len(data)):
        content += part
        if len(content) > MOST_AT_ONCE:
            raise TooLargeError
    return content


def unpacked(stream: BinaryIO, packed: int) -> Iterator[bytes]:
    """The content in pieces of a few MB, gunzipped where it is packed (`packed`: the stream's own length).

    Raises NotReadableError where the data is cut short, damaged, or unpacks to more than any log does.
    """
    head = stream.read(len(GZIP_MAGIC))
    stream.seek(-len(head), io.SEEK_CUR)
    if head != GZIP_MAGIC:
        yield from iter(lambda: stream.read(_CHUNK), b"")
        return
    most, size = max(MOST_UNPACKED, MOST_RATIO * packed), 0
    for part in _gunzipped(stream):
        size += len(part)
        if size > most:
            raise NotReadableError(f"it unpacks to more than {most >> 20} MB, which no CloudTrail file does")
        yield part


def _gunzipped(stream: BinaryIO) -> Iterator[bytes]:
    try:
        with igzip.open(stream) as file:  # type: ignore[no-untyped-call]
            while part := file.read(_CHUNK):
                yield part
    except EOFError:
        raise NotReadableError("the gzip data is cut short") from None
    except (OSError, zlib.error, IsalError) as problem:  # type: ignore[misc]  # a class, not an instance
        raise NotReadableError(f"the gzip data is damaged: {problem}") from None
