"""The child process that reads files for `pool`: batches in, what they hold out, until its input ends.

It is a process of its own because the search keeps a core busy, and the bot must answer while it runs. It
yields to everything else on the machine, and ends with its parent, however that ends: its input closes.
"""

import gc
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import msgspec

from bot.evidence.scan.reader import FileScan, Reader, Unread
from bot.evidence.wanted import Wanted

#: To be the last in line for the processor, but not so far back as to starve.
_NICENESS = 10

#: Bytes of records held before they are handed over.
_HANDFUL = 1 << 20


class Task(msgspec.Struct, frozen=True):
    """A file to read: its place in the caller's list, its path (bytes: names need not be text), its size."""

    number: int
    path: bytes
    size: int


class Answer(msgspec.Struct, frozen=True):
    """What a file, or a piece of a large one, holds; `last` with its last piece."""

    number: int
    scan: FileScan
    last: bool


#: What a child is told: what to look for from now on, or files to read.
ORDERS = msgspec.msgpack.Decoder(Wanted | list[Task])
ANSWERS = msgspec.msgpack.Decoder(list[Answer])


def send(stream: IO[bytes], message: object) -> None:
    """One message: its length in eight bytes, then itself."""
    body = msgspec.msgpack.encode(message)
    left = memoryview(len(body).to_bytes(8, "big") + body)
    while left:
        left = left[stream.write(left) :]
    stream.flush()


def receive(stream: IO[bytes]) -> bytes | None:
    """The next message; None when there are no more."""
    size = _exactly(stream, 8)
    return _exactly(stream, int.from_bytes(size, "big")) if size else None


def _exactly(stream: IO[bytes], size: int) -> bytes | None:
    """So many bytes, also from a pipe that gives them piece by piece; None when it ends before."""
    pieces: list[bytes] = []
    while size and (piece := stream.read(size)):
        pieces.append(piece)
        size -= len(piece)
    return None if size else b"".join(pieces)


def scans(reader: Reader, path: Path) -> Iterator[tuple[FileScan, bool]]:
    """What a file holds, piece by piece, each with whether it is the last; or why it cannot be read."""
    held: FileScan | None = None
    try:
        for scan in reader.file(path):
            if held is not None:
                yield held, False
            held = scan
    except OSError as problem:
        failed = FileScan(problems=[Unread(f"could not be read: {problem.strerror or problem}", again=True)])
    except MemoryError:
        failed = FileScan(
            problems=[Unread("there is not enough memory to read it; the file was skipped", again=True)]
        )
    else:
        yield held or FileScan(), True
        return
    if held is not None:
        yield held, False
    yield failed, True


def main() -> None:
    """Reads tasks from the standard input and writes answers to the standard output."""
    os.nice(_NICENESS)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to act on
    inbox, outbox = sys.stdin.buffer, sys.stdout.buffer
    # What is read has no cycles, and what is imported stays: there is no garbage to look for.
    gc.disable()
    wanted = Wanted()
    reader = Reader(wanted)
    try:
        while (message := receive(inbox)) is not None:
            order = ORDERS.decode(message)
            if isinstance(order, Wanted):
                wanted, reader = order, Reader(order) if order != wanted else reader
            else:
                _work(reader, order, outbox)
    except BrokenPipeError:
        os._exit(0)  # the parent is gone, and nobody waits for what is still held


def _work(reader: Reader, tasks: list[Task], outbox: IO[bytes]) -> None:
    answers: list[Answer] = []
    size = 0
    for task in tasks:
        for scan, last in scans(reader, Path(os.fsdecode(task.path))):
            answers.append(Answer(task.number, scan, last))
            size += sum(map(len, scan.found))
            if size > _HANDFUL or not last:
                send(outbox, answers)
                answers, size = [], 0
    send(outbox, answers)


if __name__ == "__main__":
    main()
