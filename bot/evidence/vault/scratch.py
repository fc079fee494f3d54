"""A folder for records on their way to where they stay: it goes with its process, also with a killed one.

The records are as received, with live secrets in them, so only this user can read the folder, and what a
killed process left is taken away by the next one.
"""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PREFIX = "s3incident-records-"

#: Seconds in which a folder may be made and not yet held.
_NEW = 60


@contextmanager
def scratch() -> Iterator[Path]:
    """An empty folder, which ends with the context, held by a lock that ends with the process."""
    _take_away_left()
    with tempfile.TemporaryDirectory(prefix=PREFIX) as folder:
        held = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield Path(folder)
        finally:
            os.close(held)


def _take_away_left() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            state = folder.lstat()
            if state.st_uid == os.getuid() and time.time() - state.st_mtime > _NEW:
                _remove_unless_held(folder)
        except OSError:
            # Another process was faster, or it is none of ours.
            continue


def _remove_unless_held(folder: Path) -> None:
    # A link that somebody put there under such a name is not followed.
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(handle)
