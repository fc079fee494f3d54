"""Files of records as they were received, one on each line, for the vault.

CloudTrail records make files like CloudTrail's own, `{"Records":[...]}`: whatever reads those reads these. A
record is written byte for byte, also when an export had spread it over several lines. Lines of server access
logs make text files of such lines.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import msgspec

#: Bytes unpacked after which a new file is begun: CloudTrail itself packs at most 50 MB into one.
MOST = 48 * 1024 * 1024


class RecordFiles:
    """Numbered files in a folder, which is made. Use it as a context manager: leaving it ends the files."""

    def __init__(self, folder: Path, most: int = MOST) -> None:
        self._folder = folder
        self._most = most
        self._files: dict[str, _File] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> "RecordFiles":
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._files.values():
            file.end()

    def keep(self, raw: bytes) -> None:
        """One record: a JSON object, or a line of an access log."""
        suffix = "json" if raw.lstrip()[:1] == b"{" else "log"
        file = self._files.get(suffix)
        if file is None or file.size + len(raw) > self._most:
            file = self._files[suffix] = self._next(suffix, file)
        file.write(raw)

    def _next(self, suffix: str, before: "_File | None") -> "_File":
        if before:
            before.end()
        number = before.number + 1 if before else 1
        # Closed by `end`: a file outlives this call.
        stream = (self._folder / f"{number:04}.{suffix}").open("wb")
        return _Cloudtrail(stream, number) if suffix == "json" else _File(stream, number)


class _File:
    """Lines."""

    opening, between, ending = b"", b"\n", b"\n"

    def __init__(self, stream: BinaryIO, number: int) -> None:
        self._stream = stream
        self._records = 0
        self.number = number
        self.size = stream.write(self.opening)

    def write(self, raw: bytes) -> None:
        self.size += self._stream.write((self.between if self._records else b"") + raw)
        self._records += 1

    def end(self) -> None:
        self._stream.write(self.ending)
        self._stream.close()


class _Cloudtrail(_File):
    """A CloudTrail file with each record on a line of its own."""

    opening, between, ending = b'{"Records":[\n', b",\n", b"\n]}\n"


@contextmanager
def kept_in(folder: Path) -> Iterator[Callable[[bytes], None]]:
    """A function that keeps one record as received; the files are whole when the context is left."""
    with RecordFiles(folder) as files:
        yield files.keep


def files_in(folder: Path) -> list[Path]:
    """The files written, in order."""
    return sorted(folder.iterdir()) if folder.is_dir() else []


class _Document(msgspec.Struct):
    Records: list[msgspec.Raw]


def count_in(file: Path) -> int | None:
    """How many records a file of `RecordFiles` holds; None when one of them is not quite JSON."""
    data = file.read_bytes()
    if file.suffix == ".log":
        return data.count(b"\n")
    try:
        return len(msgspec.json.decode(data, type=_Document).Records)
    except msgspec.DecodeError:
        return None
