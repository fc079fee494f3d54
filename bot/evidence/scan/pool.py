"""Many files, read by two child processes at once; few, read right here.

Processes take a while to start: where several searches follow each other, `kept` lets them wait in between.
Each child has a batch more at hand than it works on, and answers come in any order. A child that dies is
replaced: what it had not answered is read again, file by file, and a file that kills a child alone is named
and left.
"""

import os
import selectors
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import IO

import bot
from bot.evidence.scan.child import ANSWERS, Answer, Task, receive, scans, send
from bot.evidence.scan.reader import FileScan, Reader, Unread
from bot.evidence.wanted import Wanted

#: Packed bytes: less than this is read without starting processes, which takes a quarter of a second.
FEW_BYTES = 8 << 20

#: Children, where the machine has as many processors.
_MOST_CHILDREN = 2

#: A batch is so many files, or fewer when they have so many bytes; a child has so many batches at hand.
_BATCH_FILES, _BATCH_BYTES = 8, 1 << 20
_AT_HAND = 2

#: Children that may die one after the other without one answer: then it is not a file that kills them.
_MOST_DEATHS = 5


#: What glibc is told: a child uses the same few MB for file after file, and the system need not clear them
#: each time. (Bytes.)
_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(64 << 20), "MALLOC_TRIM_THRESHOLD_": str(96 << 20)}

#: Children that wait for the next search, where somebody keeps them.
_WAITING: ContextVar["list[_Child] | None"] = ContextVar("_WAITING", default=None)


@contextmanager
def kept() -> Iterator[None]:
    """Within it the children that are done with one search wait for the next; with it they end."""
    waiting: list[_Child] = []
    token = _WAITING.set(waiting)
    try:
        yield
    finally:
        _WAITING.reset(token)
        for child in waiting:
            child.process.kill()  # all at once: a process takes a while to give back its memory
        for child in waiting:
            child.end()


def get_ready(wanted: Wanted) -> None:
    """Starts the children already that a search for this is going to take, where somebody keeps them."""
    waiting = _WAITING.get()
    if waiting is None:
        return
    for child in waiting:
        child.look_for(wanted)
    while len(waiting) < _children():
        waiting.append(_Child(wanted))


def _children() -> int:
    return min(_MOST_CHILDREN, os.cpu_count() or 1)


def read_here(tasks: Iterable[Task], wanted: Wanted) -> Iterator[Answer]:
    """Every file, one after the other, in this process."""
    reader = Reader(wanted)
    for task in tasks:
        for scan, last in scans(reader, Path(os.fsdecode(task.path))):
            yield Answer(task.number, scan, last)


def read_all(tasks: Iterable[Task], wanted: Wanted) -> Iterator[Answer]:
    """Every file, by child processes. May be left at any moment: they end with it, if nobody keeps them."""
    pool = _Pool(wanted, iter(tasks), _WAITING.get())
    try:
        yield from pool.answers()
    finally:
        pool.close()


class _Child:
    """A process, and the batches that it has not answered yet, the oldest first."""

    def __init__(self, wanted: Wanted) -> None:
        # -P: whatever stands in the current folder is not imported.
        command = [sys.executable, "-P", "-m", "bot.evidence.scan.child"]
        home = str(Path(bot.__path__[0]).parent)
        environment = (
            os.environ
            | _MEMORY
            | {"PYTHONPATH": os.pathsep.join(filter(None, (home, os.environ.get("PYTHONPATH"))))}
        )
        self.process = subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,  # nothing may wait in a buffer while the selector looks at the pipe
            env=environment,
        )
        self.batches: deque[list[Task]] = deque()
        self.alone = False
        self.look_for(wanted)

    @property
    def inbox(self) -> IO[bytes]:
        """Where its answers come from."""
        assert self.process.stdout is not None
        return self.process.stdout

    def look_for(self, wanted: Wanted) -> None:
        """From the next batch on."""
        self._send(wanted)

    def give(self, batch: list[Task]) -> None:
        """One more batch."""
        self.alone = len(batch) == 1 and not self.batches
        self.batches.append(batch)
        self._send(batch)

    def _send(self, message: object) -> None:
        assert self.process.stdin is not None
        # One that is dead already shows by what it does not answer.
        with suppress(BrokenPipeError):
            send(self.process.stdin, message)

    def take(self) -> list[Answer] | None:
        """What it answers next; None when it is dead."""
        message = receive(self.inbox)
        if message is None:
            return None
        answers = ANSWERS.decode(message)
        for answer in answers:
            if answer.last:
                self._answered(answer.number)
        return answers

    def _answered(self, number: int) -> None:
        self.batches[0] = [task for task in self.batches[0] if task.number != number]
        if not self.batches[0]:
            self.batches.popleft()

    def end(self) -> int:
        """Ends it, whatever it is doing; its exit status."""
        self.process.kill()
        status = self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            with suppress(BrokenPipeError):
                if pipe:
                    pipe.close()
        return status


@dataclass
class _Pool:
    wanted: Wanted
    tasks: Iterator[Task]
    waiting: list[_Child] | None
    again: deque[Task] = field(default_factory=deque)
    children: list[_Child] = field(default_factory=list)
    selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    deaths: int = 0

    def answers(self) -> Iterator[Answer]:
        for _ in range(_children()):
            self._start()
        while self._supply():
            for key, _ in self.selector.select():
                child: _Child = key.data
                answers = child.take()
                if answers is None:
                    yield from self._bury(child)
                else:
                    self.deaths = 0
                    yield from answers

    def close(self) -> None:
        for child in self.children:
            if self.waiting is not None and not child.batches:
                self.waiting.append(child)
            else:
                child.end()
        self.selector.close()

    def _start(self) -> None:
        if self.waiting:
            child = self.waiting.pop()
            child.look_for(self.wanted)
        else:
            child = _Child(self.wanted)
        self.children.append(child)
        self.selector.register(child.inbox, selectors.EVENT_READ, child)

    def _supply(self) -> bool:
        """Gives every child what it has room for; False when there is nothing left to wait for."""
        for child in self.children:
            while len(child.batches) < _AT_HAND and (batch := self._batch(child)):
                child.give(batch)
        return any(child.batches for child in self.children)

    def _batch(self, child: _Child) -> list[Task]:
        if self.again:
            # Alone, so that it is known whose fault it is.
            return [self.again.popleft()] if not child.batches else []
        batch: list[Task] = []
        size = 0
        for task in self.tasks:
            batch.append(task)
            size += task.size
            if len(batch) >= _BATCH_FILES or size >= _BATCH_BYTES:
                break
        return batch

    def _bury(self, child: _Child) -> Iterator[Answer]:
        """Replaces a dead child; what it left is read again, or named where it died of it."""
        self.selector.unregister(child.inbox)
        self.children.remove(child)
        status = child.end()
        self.deaths += 1
        left = list(chain.from_iterable(child.batches))
        if child.alone and left:
            yield _lost(left.pop(0), status)
        self.again.extend(left)
        if self.deaths < _MOST_DEATHS:
            self._start()
        elif not self.children:
            # No child lives to be asked: an answer must be given all the same.
            yield from (_lost(task, status) for task in chain(self.again, self.tasks))
            self.again.clear()


def _lost(task: Task, status: int) -> Answer:
    died = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
    problem = Unread(f"the process that read it {died}, twice; the file was skipped", again=True)
    return Answer(task.number, FileScan(problems=[problem]), last=True)
