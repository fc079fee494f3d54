"""What is in a packed file, piece by piece: its hash is all that is wanted of a log file."""

import hashlib
import io
import zlib
from collections.abc import Iterator
from functools import partial

from isal import igzip

_GZIP = b"\x1f\x8b"
_CHUNK = 1 << 20
#: CloudTrail packs at most 50 MB into a file; one that unpacks to ten times that is none of its own.
_MOST = 512 << 20


def pieces(data: bytes) -> Iterator[bytes]:
    """The content, unpacked where it is packed. Raises ValueError for damaged or endless files."""
    if not data.startswith(_GZIP):
        yield data
        return
    size = 0
    try:
        with igzip.open(io.BytesIO(data)) as stream:  # type: ignore[no-untyped-call]
            for piece in iter(partial(stream.read, _CHUNK), b""):
                size += len(piece)
                if size > _MOST:
                    raise ValueError(
                        f"it unpacks to more than {_MOST >> 20} MB, which no CloudTrail file does"
                    )
                yield piece
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"the gzip data is damaged: {error}") from error


def sha256(data: bytes) -> str:
    """SHA-256 of the content, hexadecimal. Raises ValueError."""
    digest = hashlib.sha256()
    for piece in pieces(data):
        digest.update(piece)
    return digest.hexdigest()
