"""Where the vault's files lie. A store keeps files that never change, and a manifest that only grows."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedRandom
from pathlib import Path
from typing import BinaryIO, Protocol

from bot.evidence.vault.manifest import Follow

MANIFEST = "manifest.jsonl"

#: How the names of files end that are being written; one older than a day is nobody's any more.
UNFINISHED = ".part"
_DAY = 24 * 3600

#: Bytes read from the end of a manifest to find its last whole line; more only when lines are longer.
_TAIL = 64 * 1024


class Store(Protocol):
    """All methods raise OSError when the store cannot do what is asked."""

    @property
    def where(self) -> str:
        """The store's place, for people."""
        ...

    def put(self, path: str, packed: Path) -> None:
        """Stores the file `packed` at `path`; durable on return. It may be moved, or left where it is."""
        ...

    def open(self, path: str) -> BinaryIO:
        """The packed file."""
        ...

    def append(self, follow: Follow) -> bytes:
        """Adds the line that `follow` makes from the last lines, and returns it. One writer at a time."""
        ...

    def newest(self) -> bytes | None:
        """The manifest's last whole line, without its line break."""
        ...

    def lines(self) -> Iterator[bytes]:
        """The manifest's lines in order, with their line breaks; one that was cut short has none."""
        ...


class Disk:
    """A folder that only the bot's own user can read: folders 0700, files 0600."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def where(self) -> str:
        return str(self.root)

    def prepare(self) -> None:
        """Makes the folder, and takes away what killed processes left half written. Raises OSError."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        for unfinished in self.root.glob(f"*{UNFINISHED}"):
            with suppress(FileNotFoundError):
                if time.time() - unfinished.stat().st_mtime > _DAY:
                    unfinished.unlink()

    def put(self, path: str, packed: Path) -> None:
        target = self.root / path
        target.parent.mkdir(mode=0o700, exist_ok=True)
        packed.replace(target)
        _flush(target.parent)
        _flush(self.root)

    def open(self, path: str) -> BinaryIO:
        return (self.root / path).open("rb")

    def append(self, follow: Follow) -> bytes:
        self.prepare()
        with _locked(self.root / MANIFEST) as manifest:
            tail, torn = _tail(manifest)
            line = follow(tail, torn)
            manifest.seek(0, os.SEEK_END)
            # A kill can have left half a line: it is ended here, and the new line says that it mends it.
            manifest.write((b"\n" if torn else b"") + line + b"\n")
            manifest.flush()
            os.fsync(manifest.fileno())
        _flush(self.root)
        return line

    def newest(self) -> bytes | None:
        try:
            with (self.root / MANIFEST).open("r+b") as manifest:
                lines, _ = _tail(manifest)
        except FileNotFoundError:
            return None
        return lines[-1] if lines else None

    def lines(self) -> Iterator[bytes]:
        try:
            with (self.root / MANIFEST).open("rb") as manifest:
                yield from manifest
        except FileNotFoundError:
            return


@contextmanager
def _locked(path: Path) -> Iterator[BufferedRandom]:
    """The file, open to read and to write, held by this process and thread alone; the lock dies with it."""
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def _tail(manifest: BufferedRandom) -> tuple[list[bytes], bytes]:
    """The last lines that have an end, at least two where there are two, and what follows without one."""
    size, wanted = manifest.seek(0, os.SEEK_END), _TAIL
    while True:
        manifest.seek(max(0, size - wanted))
        *lines, torn = manifest.read().split(b"\n")
        # The first piece may be half a line, unless this is the beginning of the file.
        if wanted >= size:
            return lines, torn
        if len(lines) > 2:
            return lines[1:], torn
        wanted *= 4


def _flush(folder: Path) -> None:
    """Makes the folder's own entries durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
