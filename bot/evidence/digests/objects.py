"""Where digests and log files are read from: a folder, or an `s3://` prefix."""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol


class Objects(Protocol):
    """Files by name, with `/` between folders, relative to one place."""

    @property
    def where(self) -> str:
        """The place, for people."""
        ...

    @property
    def bucket(self) -> str | None:
        """The bucket, where it is one: a digest must name the same."""
        ...

    def names(self) -> Iterator[str]:
        """Every file's name. Raises OSError."""
        ...

    def fetch(self, name: str) -> bytes:
        """A file's content, as stored. Raises OSError."""
        ...

    def signature(self, name: str) -> str | None:
        """A digest's own signature, hexadecimal, from the object's metadata; None where that is not kept."""
        ...


class Folder:
    """A folder with a copy of a trail's files. A copy has no metadata: the newest signature is not in it."""

    bucket = None

    def __init__(self, root: Path) -> None:
        self._root = root
        self.where = str(root)

    def names(self) -> Iterator[str]:
        for folder, _, files in os.walk(self._root):
            for file in files:
                yield Path(folder, file).relative_to(self._root).as_posix()

    def fetch(self, name: str) -> bytes:
        return (self._root / name).read_bytes()

    def signature(self, name: str) -> str | None:  # noqa: ARG002
        return None


class Names:
    """Finds the file that stands for an object's key, in a place that may be any part of the bucket."""

    def __init__(self, names: Iterable[str]) -> None:
        self._by_last: defaultdict[str, list[str]] = defaultdict(list)
        for name in names:
            self._by_last[name.rsplit("/", 1)[-1]].append(name)

    def find(self, key: str) -> str | None:
        """The file's name; None when there is none."""
        candidates = self._by_last.get(key.rsplit("/", 1)[-1], ())
        return next((name for name in candidates if same_place(name, key)), None)


def same_place(name: str, key: str) -> bool:
    """Whether a file lies where the object with this key would be copied to."""
    if f"/{key}".endswith(f"/{name}") or f"/{name}".endswith(f"/{key}"):
        return True
    # A copy below another folder than the trail's own prefix.
    return "AWSLogs/" in name and _below(name) == _below(key)


def _below(path: str) -> str:
    return path[path.rfind("AWSLogs/") :]
