"""A log file in pieces of whole lines, unpacked where needed; and what came of searching one piece."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import SEEK_END
from pathlib import Path
from typing import BinaryIO, cast

import stringzilla  # type: ignore[import-not-found,unused-ignore]
from isal import igzip
from isal.igzip_lib import IsalError

from bot.evidence.access_logs.find import FoundLines, LineFinder
from bot.evidence.access_logs.line import LONGEST, line_in
from bot.evidence.events import BadRecordError
from bot.evidence.scan.files import FileProblem, ForeignFileError, NotReadableError
from bot.evidence.sources.base import Part

#: Bytes of one piece: what stays in the processor's cache from reading to searching.
PIECE = 1 << 20

#: Among so many bad lines the first is looked for.
_LOOKED_AT = 50


@dataclass(frozen=True)
class Piece:
    """Whole lines of a file: the n-th piece, the number of lines before it, and how many of those were too
    long to keep and stood right before it. `cut` says that the file ends here without a line feed.
    """

    data: bytes
    number: int = 0
    before: int = 0
    too_long: int = 0
    cut: bool = False


def pieces(stream: BinaryIO, size: int = PIECE) -> Iterator[Piece]:
    """The file from its beginning; raises NotReadableError where it is damaged or is no access log."""
    source = cast("BinaryIO", igzip.open(stream)) if is_packed(stream) else stream  # type: ignore[no-untyped-call]
    number, before = 0, 0
    for data, too_long in _whole_lines(source, size):
        if number == 0:
            check(data)
        before += too_long
        yield Piece(data, number, before, too_long, cut=bool(data) and not data.endswith(b"\n"))
        number, before = number + 1, before + stringzilla.count(data, b"\n")


def is_packed(stream: BinaryIO) -> bool:
    """Whether a file is gzipped; it is at its beginning then."""
    head = stream.read(2)
    stream.seek(0)
    return head == b"\x1f\x8b"


def spans(stream: BinaryIO, size: int = PIECE) -> list[tuple[int, int]] | None:
    """Where the pieces of a plain file begin and end; None where a line is so long that pieces would be."""
    length = stream.seek(0, SEEK_END)
    found, start = [], 0
    while start < length:
        stream.seek(start + size - 1)
        rest = stream.readline(LONGEST)
        end = stream.tell() if rest else length
        if rest and not rest.endswith(b"\n") and end < length:
            return None
        found.append((start, end))
        start = end
    return found


def read_span(path: Path, span: tuple[int, int], number: int) -> Piece:
    """One piece of a plain file. Raises OSError."""
    with path.open("rb", buffering=0) as stream:
        stream.seek(span[0])
        data = stream.read(span[1] - span[0]) or b""
    return Piece(data, number, cut=bool(data) and not data.endswith(b"\n"))


def lines_before(path: Path, start: int) -> int:
    """How many lines a plain file has before a place. Raises OSError."""
    with path.open("rb") as stream:
        parts = iter(lambda: stream.read(min(PIECE, start - stream.tell())), b"")
        return sum(part.count(b"\n") for part in parts)


def _whole_lines(source: BinaryIO, size: int) -> Iterator[tuple[bytes, int]]:
    """Lines, and how many before them were left out for their length."""
    rest, too_long, dropping = b"", 0, False
    following = _read(source, size)
    while part := following:
        following = _read(source, size)
        if dropping:
            _, ended, part = part.partition(b"\n")
            dropping = not ended
        # The last line of a file may lack its line feed.
        end = part.rfind(b"\n") + 1 if following else len(part)
        if end:
            yield b"".join((rest, memoryview(part)[:end])), too_long
            rest, too_long = b"", 0
        rest += b"" if dropping else part[end:]
        if len(rest) > LONGEST:
            rest, too_long, dropping = b"", too_long + 1, True
    if rest or too_long:
        yield rest, too_long


def _read(source: BinaryIO, size: int) -> bytes:
    try:
        return source.read(size)
    except EOFError:
        raise NotReadableError("the gzip data is cut short") from None
    except (OSError, zlib.error, IsalError) as problem:  # type: ignore[misc]
        raise NotReadableError(f"the gzip data is damaged: {problem}") from None


def check(data: bytes) -> None:
    """A file is an access log if one of its first lines is one; raises ForeignFileError if none is."""
    first = data[: 1 << 16].split(b"\n", 20)[:20]
    for line in first:
        try:
            line_in(line.removesuffix(b"\r"))
        except BadRecordError:
            continue
        return
    if any(line.strip() for line in first):
        raise ForeignFileError("no S3 access log")


def search_piece(name: str, state: str, piece: Piece, finder: LineFinder) -> Part:
    """The part that one piece of a file makes."""
    found = finder.find(piece.data)
    return Part(
        id=part_id(name, state, piece.number),
        name=piece_name(name, piece.number),
        found=found.lines,
        records=found.records,
        size=len(piece.data),
        problems=tuple(_problems(name, piece, found)),
        log="access log",
    )


def search_span(
    path: Path, name: str, state: str, span: tuple[int, int], number: int, finder: LineFinder
) -> Part:
    """The same for a piece of a plain file, read here: lines before it are counted only where they matter."""
    try:
        piece = read_span(path, span, number)
        part = search_piece(name, state, piece, finder)
        if part.problems and span[0]:
            part = search_piece(name, state, replace(piece, before=lines_before(path, span[0])), finder)
    except OSError as problem:
        return unread(name, state, number, problem)
    return part


def unread(name: str, state: str, number: int, problem: Exception) -> Part:
    """The part that stands for a file from its n-th piece on, where it could not be read."""
    reason = problem.strerror if isinstance(problem, OSError) and problem.strerror else str(problem)
    lost = not isinstance(problem, ForeignFileError)
    what = "the rest of it was not read" if number else "the file was skipped"
    return Part(
        id=part_id(name, state, number),
        name=piece_name(name, number),
        problems=(FileProblem(name, f"{reason}; {what}", lost),),
        log="access log",
        final=False,
    )


def part_id(name: str, state: str, number: int) -> str:
    """The piece and the state of its file."""
    return f"{piece_name(name, number)} {state}"


def piece_name(name: str, number: int) -> str:
    """The piece whatever the state of its file."""
    return f"{name}#{number}"


def _problems(name: str, piece: Piece, found: FoundLines) -> Iterator[FileProblem]:
    if piece.too_long:
        yield FileProblem(name, f"{piece.too_long} lines of more than {LONGEST >> 20} MB were left out")
    bad = list(found.bad)
    if piece.cut:
        bad += _cut_short(piece.data, bad)
    if bad:
        number, why = _first(bad[:_LOOKED_AT], piece)
        yield FileProblem(name, f"{len(bad)} lines were left out (line {number}: {why})")


def _first(bad: list[tuple[bytes, str]], piece: Piece) -> tuple[int, str]:
    """The number of the first bad line, from 1 in the whole file, and what is wrong with it."""
    text = b"\n" + piece.data.replace(b"\r\n", b"\n") + b"\n"
    place, why = min((text.find(b"\n" + line + b"\n"), why) for line, why in bad)
    return piece.before + text.count(b"\n", 0, place + 1), why


def _cut_short(data: bytes, known: list[tuple[bytes, str]]) -> Iterator[tuple[bytes, str]]:
    """The last line, where the file ends within it and it was not read for another reason."""
    last = data.rpartition(b"\n")[2]
    try:
        line_in(last)
    except BadRecordError as problem:
        if last not in {line for line, _ in known}:
            yield last, str(problem)
