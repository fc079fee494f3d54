"""Parts of files: their ids, and what is left out because it was read."""

from pathlib import Path

import pytest

from bot.evidence.scan import reader, unpack
from bot.evidence.sources import log_files
from bot.evidence.sources.base import Part
from bot.evidence.sources.folder import LocalFolder
from bot.evidence.wanted import Wanted
from tests.evidence.records import BUCKET, write
from tests.evidence.scan.test_traps import story

WANTED = Wanted(BUCKET)


def search(folder: Path, done: set[str]) -> list[Part]:
    return list(LocalFolder(folder).search(WANTED, done.__contains__))


def test_a_part_is_a_file_in_one_state(tmp_path: Path) -> None:
    path = write(tmp_path, story())
    [part] = search(tmp_path, set())
    state = path.stat()
    name = str(path.relative_to(tmp_path))
    assert (part.id, part.name) == (f"{name} {state.st_size} {state.st_mtime_ns}", name)
    assert (len(part.found), part.records, part.regions, part.final) == (2, 6, {"us-east-1"}, True)
    assert part.time is not None
    assert search(tmp_path, {part.id}) == []
    write(tmp_path, [*story(), *story()])
    assert [len(fresh.found) for fresh in search(tmp_path, {part.id})] == [4]


def test_a_large_file_has_numbered_parts_and_the_last_one_closes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (unpack, reader):
        monkeypatch.setattr(module, "MOST_AT_ONCE", 2000)
    monkeypatch.setattr(unpack, "_CHUNK", 3000)
    write(tmp_path, story() * 10)
    parts = search(tmp_path, set())
    *others, last = [part.id for part in parts]
    assert others == [f"{last}#{number}" for number in range(1, len(parts))]
    assert len({part.name for part in parts}) == len(parts)
    assert sum(len(part.found) for part in parts) == 20
    # Killed after two parts: read again, and the two are not told again.
    rest = search(tmp_path, set(others[:2]))
    assert [part.id for part in rest] == [*others[2:], last]
    # Whole: each is asked for once more, so that it is known to be there still.
    asked: list[str] = []
    known = {part.id for part in parts}

    def done(part_id: str) -> bool:
        asked.append(part_id)
        return part_id in known

    assert list(LocalFolder(tmp_path).search(WANTED, done)) == []
    assert known <= set(asked)


def test_many_bytes_are_read_by_processes_and_answer_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(20):
        write(tmp_path, story(), name=f"20261123T02{number:02d}Z_x")
    here = search(tmp_path, set())
    monkeypatch.setattr(log_files, "FEW_BYTES", 1)
    assert sorted(search(tmp_path, set()), key=lambda part: part.id) == here


def test_a_file_that_vanishes_is_named_and_tried_again_next_time(tmp_path: Path) -> None:
    kept = write(tmp_path, story(), name="20261123T0200Z_x")
    lost = write(tmp_path, story(), name="20261123T0201Z_x")

    def done(part_id: str) -> bool:
        if lost.name in part_id:
            lost.unlink()
        return False

    source = LocalFolder(tmp_path)
    good, bad = source.search(WANTED, done)
    assert (len(good.found), good.final, good.name) == (2, True, str(kept.relative_to(tmp_path)))
    assert [str(problem) for problem in bad.problems] == [
        f"{lost.relative_to(tmp_path)}: could not be read: No such file or directory"
    ]
    assert not bad.final
    assert source.coverage().files == 1
