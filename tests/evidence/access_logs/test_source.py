import gzip
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.evidence.access_logs.reading import PIECE
from bot.evidence.sources.access_logs import AccessLogFolder, AccessLogPrefix
from bot.evidence.sources.base import ACCESS_LOGS, Part, Source
from bot.evidence.wanted import Wanted
from tests.evidence.access_logs.lines import BUCKET, line, numbered

WINDOW = (datetime(2026, 11, 23, 2, tzinfo=UTC), datetime(2026, 11, 23, 20, tzinfo=UTC))
WANTED = Wanted(bucket=BUCKET)


def searched(source: Source, done: set[str] | None = None) -> list[Part]:
    return list(source.search(WANTED, (done or set()).__contains__))


def found(parts: list[Part]) -> list[bytes]:
    return [one for part in parts for one in part.found]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sub").mkdir()
    one, two, three = numbered(3)
    (tmp_path / "2026-11-23-03-00-00-0A").write_bytes(one + b"\n")
    (tmp_path / "sub" / "2026-11-23-04-00-00-0B.gz").write_bytes(gzip.compress(two + b"\n"))
    (tmp_path / "2026-11-20-03-00-00-0C").write_bytes(three + b"\n")
    return tmp_path


class TestFolder:
    def test_files_of_the_window_are_searched(self, folder: Path) -> None:
        source = AccessLogFolder(folder, WINDOW)
        assert found(searched(source)) == list(numbered(2))
        coverage = source.coverage()
        assert (coverage.kind, coverage.files, coverage.skipped) == (ACCESS_LOGS, 2, 1)
        assert len(found(searched(AccessLogFolder(folder)))) == 3

    def test_is_never_complete_and_says_why(self, folder: Path) -> None:
        coverage = AccessLogFolder(folder).coverage()
        assert not coverage.complete
        assert "does not promise" in coverage.note

    def test_parts_that_are_done_are_not_read_again(self, folder: Path) -> None:
        first = searched(AccessLogFolder(folder, WINDOW))
        source = AccessLogFolder(folder, WINDOW)
        assert searched(source, {part.id for part in first}) == []
        assert source.coverage().files == 2
        grown = folder / "2026-11-23-03-00-00-0A"
        grown.write_bytes(grown.read_bytes() + line(request_id="NEW") + b"\n")
        (again,) = searched(source, {part.id for part in first})
        assert (again.name, len(again.found)) == (first[0].name, 2)

    def test_a_large_file_is_searched_in_pieces(self, tmp_path: Path) -> None:
        path = tmp_path / "all.log"
        path.write_bytes(b"\n".join(numbered(PIECE // 250)) + b"\n")
        parts = searched(AccessLogFolder(path))
        assert len(parts) > 1
        assert sum(part.size for part in parts) == path.stat().st_size
        assert sorted(found(parts)) == list(numbered(PIECE // 250))
        assert sum(part.records for part in parts) == PIECE // 250
        left = searched(AccessLogFolder(path), {part.id for part in parts[1:]})
        assert [part.id for part in left] == [parts[0].id]

    def test_large_files_plain_and_packed_give_the_same(self, tmp_path: Path) -> None:
        lines = [*numbered(PIECE // 200), line()[:100], b"\xff" * 50, *numbered(5, bucket="other"), line()]
        found_in, told = [], []
        for name, data in (("a.log", b"\n".join(lines)), ("b.gz", gzip.compress(b"\n".join(lines)))):
            (tmp_path / name).write_bytes(data)
            parts = searched(AccessLogFolder(tmp_path / name))
            found_in.append(sorted(found(parts)))
            told.append([problem.reason for part in parts for problem in part.problems])
        assert found_in[0] == found_in[1] == sorted([*numbered(PIECE // 200), line()])
        assert told[0] == told[1]
        assert told[0][0].startswith(f"2 lines were left out (line {PIECE // 200 + 1}: it ")

    def test_a_line_of_ten_megabytes_is_left_out(self, tmp_path: Path) -> None:
        path = tmp_path / "all.log"
        path.write_bytes(b"\n".join([line(), b"x" * 10_000_000, line(request_id="NEXT"), b""]))
        parts = searched(AccessLogFolder(path))
        assert found(parts) == [line(), line(request_id="NEXT")]
        assert ["more than 1 MB" in problem.reason for part in parts for problem in part.problems] == [True]

    def test_what_cannot_be_read_is_named_and_the_rest_is_read(self, folder: Path) -> None:
        (folder / "other.json").write_text('{"Records": []}')
        (folder / "damaged.gz").write_bytes(gzip.compress(line())[:-8])
        source = AccessLogFolder(folder, WINDOW)
        parts = searched(source)
        assert len(found(parts)) >= 2
        problems = {problem.path: problem for part in parts for problem in part.problems}
        assert str(problems["other.json"]) == "other.json: no S3 access log; the file was skipped"
        assert not problems["other.json"].lost
        assert problems["damaged.gz"].lost
        assert [part.final for part in parts if part.problems] == [False, False]
        assert source.coverage().files + source.coverage().skipped == 5

    def test_cost_and_progress(self, folder: Path) -> None:
        told: list[str] = []
        source = AccessLogFolder(folder, WINDOW, told.append)
        assert source.cost(WANTED).size > len(line())
        searched(source)
        assert told == ["1 of 2 access log files", "2 of 2 access log files"]


class Objects:
    """A bucket in memory; tells what was listed and fetched."""

    def __init__(self, content: dict[str, bytes]) -> None:
        self.content = content
        self.listed: list[str] = []
        self.fetched: list[str] = []

    def list(self, prefix: str, after: str | None = None) -> Iterator[tuple[str, int]]:
        for key in sorted(self.content):
            if key.startswith(prefix) and key > (after or ""):
                self.listed.append(key)
                yield key, len(self.content[key])

    def fetch(self, key: str) -> bytes:
        self.fetched.append(key)
        if self.content[key] == b"gone":
            raise OSError(f"AWS did not give {key}")
        return self.content[key]


SIMPLE = {
    f"logs/{moment}-0A1B": line(request_id=moment) + b"\n"
    for moment in (
        "2026-11-01-00-00-00",
        "2026-11-23-01-00-00",
        "2026-11-23-03-00-00",
        "2026-11-24-10-00-00",
        "2026-11-26-10-00-00",
        "2026-11-27-10-00-00",
    )
}


class TestPrefix:
    def test_only_keys_near_the_window_are_listed_and_fetched(self) -> None:
        objects = Objects(SIMPLE | {"logs/readme.txt": b"x", "a/2026-11-23-03-00-00-0A": b"x", "z": b"x"})
        parts = searched(AccessLogPrefix(objects, WINDOW, prefixes=["logs/"]))
        keys = ["logs/2026-11-23-03-00-00-0A1B", "logs/2026-11-24-10-00-00-0A1B"]
        assert sorted(objects.fetched) == keys
        assert objects.listed == [*keys, "logs/2026-11-26-10-00-00-0A1B"]
        assert [part.name for part in parts] == [f"{key}#0" for key in keys]

    def test_a_prefix_that_is_no_folder(self) -> None:
        content = {f"access-{key.removeprefix('logs/')}": data for key, data in SIMPLE.items()}
        objects = Objects(content | {"b/2026-11-23-03-00-00-0A": b"x"})
        assert len(found(searched(AccessLogPrefix(objects, WINDOW, prefixes=["access-"])))) == 2

    def test_partitioned_keys_by_day(self) -> None:
        days = ("2026/11/22", "2026/11/23", "2026/11/24", "2026/11/25")
        place = "logs/111122223333/us-east-1/acme-payroll/"
        objects = Objects({f"{place}{day}/{day.replace('/', '-')}-00-00-00-0A": line() for day in days})
        source = AccessLogPrefix(objects, WINDOW, partitioned=[place])
        assert len(searched(source)) == 2
        assert source.cost(WANTED).calls == 3
        assert source.coverage().files == 2

    def test_what_cannot_be_had_is_named(self) -> None:
        objects = Objects({"logs/2026-11-23-03-00-00-0A": b"gone", "logs/2026-11-23-04-00-00-0A": line()})
        parts = searched(AccessLogPrefix(objects, WINDOW, prefixes=["logs/"]))
        assert [problem.reason for part in parts for problem in part.problems] == [
            "AWS did not give logs/2026-11-23-03-00-00-0A; the file was skipped"
        ]
        assert found(parts) == [line()]

    def test_objects_that_are_done_are_not_fetched_again(self) -> None:
        objects = Objects(SIMPLE)
        source = AccessLogPrefix(objects, WINDOW, prefixes=["logs/"])
        first = searched(source)
        objects.fetched.clear()
        assert searched(source, {first[0].id}) == first[1:]
        assert objects.fetched == [first[1].name.removesuffix("#0")]
