"""The cache of trail files, used by several investigations at once, on a disk that may be full."""

import os
from pathlib import Path

import pytest

from bot.evidence.sources.file_cache import FileCache


def test_a_file_that_another_investigation_takes_away_meanwhile_is_no_error(tmp_path: Path) -> None:
    # What was listed and is gone when it is looked at; a link to nowhere is that for ever.
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    old = tmp_path / "old"
    old.touch()
    os.utime(old, (0, 0))
    FileCache(tmp_path).open()
    assert not old.exists()


def test_what_could_not_be_written_whole_is_not_kept(tmp_path: Path) -> None:
    cache = FileCache(tmp_path / "cache")
    cache.open()
    name = cache.get("key", "etag", 3, lambda _: b"abc")
    name.unlink()
    name.mkdir()  # in the file's place, so that it cannot be put there
    with pytest.raises(OSError):  # noqa: PT011 - which one is the system's choice
        cache.get("key", "etag", 3, lambda _: b"abc")
    assert list(cache.folder.iterdir()) == [name]
