"""Trail files kept on this machine, so that the next investigation need not fetch them again.

Files are named by the hash of their key and ETag: a key with `..` in it cannot leave the folder, and an
object that was put in the place of another is not taken for it. They are evidence, so nobody else on the
machine may read them.
"""

import hashlib
import os
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

#: What no investigation asked for in this time is removed.
KEPT = timedelta(days=7)


@dataclass(frozen=True)
class FileCache:
    """A folder that many investigations may use at once."""

    folder: Path

    def open(self) -> None:
        """Makes the folder, and forgets what has not been used for long."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        oldest = time.time() - KEPT.total_seconds()
        for path in self.folder.iterdir():
            with suppress(FileNotFoundError):  # another investigation was faster
                if path.stat().st_mtime < oldest:
                    path.unlink()

    def get(self, key: str, etag: str, size: int, fetch: Callable[[str], bytes]) -> Path:
        """The file with the object's content, fetched where it is not here yet in that size."""
        name = f"{key}\n{etag}".encode("utf-8", "surrogatepass")
        path = self.folder / hashlib.sha256(name).hexdigest()
        if path.exists() and path.stat().st_size == size:
            os.utime(path)
        else:
            self._put(path, fetch(key))
        return path

    def _put(self, path: Path, content: bytes) -> None:
        # Under a name of its own until it is whole: another investigation may be writing the same file.
        handle, unfinished = tempfile.mkstemp(dir=self.folder, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(unfinished).replace(path)
        except OSError:
            # A full disk must not be kept full.
            Path(unfinished).unlink(missing_ok=True)
            raise
