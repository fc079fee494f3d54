import gzip
import io
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evidence.access_logs.find import LineFinder
from bot.evidence.access_logs.line import LONGEST
from bot.evidence.access_logs.reading import Piece, pieces, search_piece
from bot.evidence.scan.files import ForeignFileError, NotReadableError
from bot.evidence.wanted import Wanted
from tests.evidence.access_logs.lines import BUCKET, line, numbered

FINDER = LineFinder(Wanted(bucket=BUCKET))


def read(data: bytes, size: int = 4096) -> list[Piece]:
    return list(pieces(io.BytesIO(data), size))


@given(st.integers(1, 40), st.integers(300, 5000), st.booleans(), st.booleans())
def test_pieces_are_whole_lines_and_together_the_file(
    count: int,
    size: int,
    ended: bool,
    packed: bool,
) -> None:
    lines = list(numbered(count))
    data = b"\n".join(lines) + b"\n" * ended
    found = read(gzip.compress(data) if packed else data, size)
    assert b"".join(piece.data for piece in found) == data
    assert all(piece.data.endswith(b"\n") for piece in found[:-1])
    assert [piece.number for piece in found] == list(range(len(found)))
    before = 0
    for piece in found:
        assert piece.before == before
        before += piece.data.count(b"\n")
    assert found[-1].cut == (not ended)


def test_gzip_of_two_members() -> None:
    first, second = numbered(2)
    packed = gzip.compress(first + b"\n") + gzip.compress(second + b"\n")
    assert b"".join(piece.data for piece in read(packed)) == first + b"\n" + second + b"\n"


def test_damage_is_told_after_what_could_be_read() -> None:
    packed = gzip.compress(b"\n".join(numbered(3000)) + os.urandom(50_000))
    stream = pieces(io.BytesIO(packed[:-20_000]), 4096)
    assert next(stream).data.startswith(line(request_id="REQ00000000"))
    with pytest.raises(NotReadableError, match="cut short"):
        list(stream)
    packed = bytearray(gzip.compress(b"\n".join(numbered(3000))))
    packed[2000:2010] = b"\xff" * 10
    for damaged in (b"\x1f\x8b" + b"x" * 100, bytes(packed)):
        with pytest.raises(NotReadableError, match="damaged"):
            read(damaged)


@pytest.mark.parametrize("data", [b'{"Records":[]}\n', b"\x89PNG\r\n\x1a\n" * 10, b"a b c\n" * 50])
def test_other_files_are_foreign(data: bytes) -> None:
    with pytest.raises(ForeignFileError):
        read(data)


def test_an_empty_file_has_no_pieces() -> None:
    assert read(b"") == []


@pytest.mark.parametrize("size", [4096, 1 << 16, 8 << 20])
def test_a_line_of_ten_megabytes_is_left_out_and_counted(size: int) -> None:
    first, last = numbered(2)
    found = read(b"\n".join([first, b"x" * (10 * LONGEST), last, b""]), size)
    parts = [search_piece("log", "1", piece, FINDER) for piece in found]
    assert sorted(one for part in parts for one in part.found) == [first, last]
    assert max(len(piece.data) for piece in found) <= max(size, LONGEST) + 10 * LONGEST * (
        size > 10 * LONGEST
    )


def test_bad_lines_are_counted_and_the_first_is_named() -> None:
    data = b"\n".join([*numbered(2), line()[:100], line(status="x"), b"garbage", *numbered(2), line()[:200]])
    (piece,) = read(data, 1 << 20)
    part = search_piece("file", "1", piece, FINDER)
    (problem,) = part.problems
    assert str(problem).startswith("file: 4 lines were left out (line 3: it ")
    assert (len(part.found), part.records, part.log) == (4, 8, "access log")


def test_numbers_of_lines_count_from_the_files_beginning() -> None:
    data = b"\n".join([*numbered(100), line()[:100], b""])
    found = [search_piece("file", "1", piece, FINDER) for piece in read(data)]
    (problem,) = [problem for part in found for problem in part.problems]
    assert "line 101:" in problem.reason


def test_a_line_cut_short_at_the_end_is_told_also_where_nothing_is_wanted_of_it() -> None:
    (piece,) = read(line() + b"\n" + line()[:200])
    part = search_piece("file", "1", piece, LineFinder(Wanted(keys=frozenset({"AKIAX"}))))
    assert [problem.reason for problem in part.problems] == [
        "1 lines were left out (line 2: it does not begin as an S3 access log line does)"
    ]
