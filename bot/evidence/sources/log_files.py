"""Log files on disk, made into parts: what local folders and fetched objects have in common."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.evidence.scan.child import Answer, Task
from bot.evidence.scan.pool import FEW_BYTES, read_all, read_here
from bot.evidence.scan.problems import FileProblem
from bot.evidence.sources.base import Done, Part
from bot.evidence.wanted import Wanted


@dataclass(frozen=True)
class LogFile:
    """A file to read. `name` is for people; `id` names it and the state of its content; `size` in bytes."""

    name: str
    id: str
    path: Path
    size: int


@dataclass(frozen=True)
class FilePart:
    """A part; `last` is the file's last one, and `readable` says then whether the file could be read."""

    part: Part
    last: bool = True
    readable: bool = True


def is_done(file_id: str, done: Done) -> bool:
    """Whether a file was read whole; then each part is asked for, which shows that it is still there."""
    if not done(file_id):
        return False
    number = 1
    while done(_numbered(file_id, number)):
        number += 1
    return True


def read_files(files: Iterable[LogFile], size: int, wanted: Wanted, done: Done) -> Iterator[FilePart]:
    """Parts of all files, in any order; `files` may take its time, `size` is that of all of them together.

    Mostly a part is a file. A large one has several: numbered ones, and a last one with the file's own id.
    """
    begun: dict[int, LogFile] = {}
    pieces: Counter[int] = Counter()
    good: set[int] = set()

    def tasks() -> Iterator[Task]:
        for number, file in enumerate(files):
            begun[number] = file
            yield Task(number, os.fsencode(file.path), file.size)

    read = read_here if size < FEW_BYTES else read_all
    for answer in read(tasks(), wanted):
        number, file = answer.number, begun[answer.number]
        if answer.scan.records or not answer.scan.problems:
            good.add(number)
        if answer.last:
            del begun[number]
            # What is read in pieces is opened again: the marks of one piece say nothing about the others.
            marks = None if pieces[number] else answer.scan.marks
            yield FilePart(_part(file.id, file.name, answer, marks), readable=number in good)
            good.discard(number)
            continue
        pieces[number] += 1
        piece_id = _numbered(file.id, pieces[number])
        if not done(piece_id):
            yield FilePart(_part(piece_id, _numbered(file.name, pieces[number]), answer), last=False)


def unread(name: str, reason: str) -> FilePart:
    """A file that could not even be opened: next time it is tried again."""
    return FilePart(Part(name, name=name, problems=(FileProblem(name, reason),), final=False), readable=False)


def _numbered(name: str, number: int) -> str:
    return f"{name}#{number}"


def _part(part_id: str, name: str, answer: Answer, marks: bytes | None = None) -> Part:
    scan = answer.scan
    return Part(
        part_id,
        scan.found,
        records=scan.records,
        size=scan.size,
        regions=scan.regions,
        problems=tuple(FileProblem(name, one.reason, one.lost) for one in scan.problems),
        name=name,
        final=not any(one.again for one in scan.problems),
        time=scan.time,
        marks=marks,
    )
