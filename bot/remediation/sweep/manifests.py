"""Lists of objects: written line by line while they are found, named by their hash, read back line by line.

A line is a JSON object with sorted keys, so equal lists have equal hashes. The files lie where the vault
keeps its own (`ab/abcdef….gz`), packed as it packs them: `gzip -dc FILE | sha256sum` gives the name.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from bot.remediation.errors import RemediationError
from bot.remediation.plan import Manifest, State
from bot.remediation.words import sweeping

#: One line. `Key` and `VersionId` say which version of which object, `Size` its bytes where they are known.
Item = dict[str, Any]

EXAMPLES = 3
_CHUNK = 1 << 20
_UNFINISHED = ".part"


class ManifestError(RemediationError):
    """The list is not here, or is not the one that was approved. Its text is the sentence."""


class Pile:
    """A list that grows: counted, hashed and, where there is a file, written. Holds a few examples only."""

    def __init__(self, file: BinaryIO | None = None) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self._items = self._bytes = self._largest = 0
        self._examples: list[str] = []
        self._why: dict[str, int] = {}

    def add(self, item: Item) -> None:
        line = _line(item)
        self._digest.update(line)
        self._items += 1
        size = int(item.get("Size", 0))
        self._bytes += size
        self._largest = max(self._largest, size)
        if len(self._examples) < EXAMPLES:
            self._examples.append(item["Key"])
        if why := item.get("Why"):
            self._why[why] = self._why.get(why, 0) + 1
        if self._file is not None:
            self._file.write(line)

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def summary(self) -> State:
        """What a state says of the list: hash, counts, the first keys, how many lines for which reason."""
        counts = {"sha256": self.sha256, "items": self._items, "bytes": self._bytes}
        counts["largest"] = self._largest
        return {**counts, "examples": self._examples, **({"why": self._why} if self._why else {})}


#: The list with nothing on it: what is left to do when all is done.
NOTHING_LEFT: State = Pile().summary()


def manifest_of(summary: State) -> Manifest:
    return Manifest(sha256=summary["sha256"], items=summary["items"], bytes=summary["bytes"])


class Manifests(Protocol):
    """Where lists are kept. All methods raise OSError when the place cannot be used."""

    def pile(self) -> Any:
        """A context with a new Pile; the list is kept once the context ends well."""
        ...

    def check(self, manifest: Manifest) -> None:
        """Reads the list through. Raises ManifestError unless it is that one, whole and unchanged."""
        ...

    def lines(self, manifest: Manifest, skip: int = 0) -> Iterator[Item]:
        """The lines in order, without the first `skip`. Raises ManifestError when they cannot be had."""
        ...


class ManifestFolder:
    """Lists in a folder that only the bot's own user can read. Never holds a list in memory."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, sha256: str) -> Path:
        return self.root / sha256[:2] / f"{sha256}.gz"

    @contextmanager
    def pile(self) -> Iterator[Pile]:
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, unfinished = tempfile.mkstemp(dir=self.root, suffix=_UNFINISHED)
        try:
            with os.fdopen(handle, "wb") as file:
                with gzip.GzipFile("", "wb", 6, file, mtime=0) as stream:
                    yield (pile := Pile(stream))  # type: ignore[arg-type]
                file.flush()
                os.fsync(file.fileno())
            kept = self.path(pile.sha256)
            kept.parent.mkdir(mode=0o700, exist_ok=True)
            Path(unfinished).replace(kept)
        finally:
            Path(unfinished).unlink(missing_ok=True)

    def check(self, manifest: Manifest) -> None:
        digest = hashlib.sha256()
        for chunk in self.chunks(manifest.sha256):
            digest.update(chunk)
        if digest.hexdigest() != manifest.sha256:
            raise ManifestError(sweeping.OTHER_LIST)

    def lines(self, manifest: Manifest, skip: int = 0) -> Iterator[Item]:
        with self._open(manifest.sha256) as stream:
            try:
                for line in islice(stream, skip, None):
                    yield json.loads(line)
            except (OSError, EOFError, zlib.error, ValueError) as error:
                raise ManifestError(sweeping.OTHER_LIST) from error

    def chunks(self, sha256: str) -> Iterator[bytes]:
        """The list's bytes, piece by piece. Raises ManifestError."""
        with self._open(sha256) as stream:
            try:
                yield from iter(partial(stream.read, _CHUNK), b"")
            except (OSError, EOFError, zlib.error) as error:
                raise ManifestError(sweeping.OTHER_LIST) from error

    @contextmanager
    def _open(self, sha256: str) -> Iterator[gzip.GzipFile]:
        try:
            packed = self.path(sha256).open("rb")
        except OSError as error:
            raise ManifestError(sweeping.no_list(str(self.path(sha256)))) from error
        with packed, gzip.GzipFile(fileobj=packed) as stream:
            yield stream


def _line(item: Item) -> bytes:
    return json.dumps(item, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode() + b"\n"
