"""The evidence store: files named by the hash of their content, compressed, never changed after they are
written, and a hash-chained manifest that tells of each.

What was received (log records) is sealed byte for byte as it was received, live secrets included, and leaves
the vault only through `as_received`; everything that shows it takes `read`, which takes the secrets out.
Anybody with the right to can check a file: `gzip -dc FILE | sha256sum`.
"""

import gzip
import hashlib
import os
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path

from bot.evidence.redact import redact_bytes
from bot.evidence.report import SCHEMA_VERSION
from bot.evidence.vault.manifest import Chain, Custody, Entry, Head, check, following, parsed
from bot.evidence.vault.stores import UNFINISHED, Disk, Store

_CHUNK = 1 << 20


class DamagedError(OSError):
    """A file that is not, or no longer, what was put there."""


@dataclass(frozen=True)
class Artefact:
    """One stored file: where it lies under the vault's root, SHA-256 and size of its uncompressed content.

    `kind` says what it is ("events", "parts", "investigation", "report"), `query` what produced it.
    """

    path: str
    sha256: str
    size: int
    kind: str
    query: str


@dataclass(frozen=True)
class Vault:
    """A folder of artefacts, and copies of all of it elsewhere. What is put is in all of them before the call
    returns. Equal content is stored once, and noted in the manifest each time.
    """

    root: Path
    copies: tuple[Store, ...] = ()

    @property
    def stores(self) -> tuple[Store, ...]:
        """Every place, the local folder first."""
        return (Disk(self.root), *self.copies)

    def put(self, name: str, data: bytes, kind: str, query: str, custody: Custody | None = None) -> Artefact:
        """Stores a document of the bot's own, secrets taken out. `name` is for people, in the manifest only.

        Raises OSError.
        """
        return self._store(name, [redact_bytes(data)], Artefact("", "", 0, kind, query), custody)

    def seal(
        self, name: str, source: Path, kind: str, query: str, custody: Custody | None = None
    ) -> Artefact:
        """Stores a file as it is, byte for byte. Raises OSError."""
        with source.open("rb") as file:
            return self.seal_parts(name, iter(partial(file.read, _CHUNK), b""), kind, query, custody)

    def seal_parts(
        self, name: str, parts: Iterable[bytes], kind: str, query: str, custody: Custody | None = None
    ) -> Artefact:
        """Stores what comes piece by piece, as it is. Raises OSError."""
        return self._store(name, parts, Artefact("", "", 0, kind, query), custody)

    def read(self, artefact: Artefact) -> bytes:
        """The content for people, secrets taken out. Raises OSError when it is gone or damaged."""
        return redact_bytes(self.as_received(artefact))

    def as_received(self, artefact: Artefact) -> bytes:
        """The content as it was sealed, live secrets included: never to be shown or sent. Raises OSError."""
        problem: OSError | None = None
        for store in self.stores:
            try:
                content = b"".join(_unpacked(store, artefact.path))
            except OSError as error:
                problem = problem or error
                continue
            if (hashlib.sha256(content).hexdigest(), len(content)) == (artefact.sha256, artefact.size):
                return content
            problem = problem or DamagedError("it is not what was put into the vault: its SHA-256 differs")
        assert problem is not None
        raise problem

    def verify(self, artefact: Artefact) -> bool:
        """Whether every store still holds what was stored: hash and size."""
        return all(damage(store, artefact) is None for store in self.stores)

    def entries(self) -> Iterator[Entry]:
        """What the local manifest tells, in order, as far as its lines can be read."""
        yield from self.chain().entries

    def chain(self) -> Chain:
        """The local manifest, read through."""
        return check(self.stores[0].lines())

    def head(self) -> Head | None:
        """The newest line of the manifest that all processes share: the copy's where there is one.

        None when it cannot be told. Raises OSError.
        """
        store = self.stores[-1]
        entry = parsed(store.newest() or b"")
        return Head(store.where, entry.seq, entry.hash) if entry else None

    def _store(
        self, name: str, parts: Iterable[bytes], wanted: Artefact, custody: Custody | None
    ) -> Artefact:
        Disk(self.root).prepare()
        with _packed(self.root, parts) as (packed, sha256, size):
            path = f"{sha256[:2]}/{sha256}.gz"
            # The local folder comes last: it takes the file itself.
            for store in (*self.copies, self.stores[0]):
                store.put(path, packed)
        artefact = Artefact(path, sha256, size, wanted.kind, wanted.query)
        entry = _entry(name, artefact, custody or Custody(query=wanted.query))
        for store in self.stores:
            store.append(partial(following, entry=entry))
        return artefact


def damage(store: Store, artefact: Artefact) -> str | None:
    """Why a store no longer holds what was put there; None when it does."""
    digest, size = hashlib.sha256(), 0
    try:
        for part in _unpacked(store, artefact.path):
            digest.update(part)
            size += len(part)
    except FileNotFoundError:
        return "it is gone"
    except OSError as error:
        return f"it cannot be read: {error}"
    if (digest.hexdigest(), size) != (artefact.sha256, artefact.size):
        return "its content was changed: the SHA-256 differs"
    return None


def _unpacked(store: Store, path: str) -> Iterator[bytes]:
    """The content piece by piece. Raises OSError, DamagedError for what is no whole gzip file."""
    try:
        with store.open(path) as packed, gzip.GzipFile(fileobj=packed) as stream:
            yield from iter(partial(stream.read, _CHUNK), b"")
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DamagedError(f"it is damaged: {error}") from error


@contextmanager
def _packed(folder: Path, parts: Iterable[bytes]) -> Iterator[tuple[Path, str, int]]:
    """A temporary file of the parts, packed and durable, with SHA-256 and size of what is in it."""
    handle, unfinished = tempfile.mkstemp(dir=folder, suffix=UNFINISHED)
    digest, size = hashlib.sha256(), 0
    try:
        with os.fdopen(handle, "wb") as file:
            # No file name and no time in the header: equal content makes equal files.
            with gzip.GzipFile("", "wb", 6, file, mtime=0) as stream:
                for part in parts:
                    stream.write(part)
                    digest.update(part)
                    size += len(part)
            file.flush()
            os.fsync(file.fileno())
        yield Path(unfinished), digest.hexdigest(), size
    finally:
        Path(unfinished).unlink(missing_ok=True)


def _entry(name: str, artefact: Artefact, custody: Custody) -> Entry:
    return Entry(
        seq=0,
        at=datetime.now(UTC).isoformat(timespec="microseconds"),
        name=name,
        kind=artefact.kind,
        path=artefact.path,
        sha256=artefact.sha256,
        size=artefact.size,
        reader=f"s3incident {version('s3incident')}, schema {SCHEMA_VERSION}",
        custody=custody,
    )
