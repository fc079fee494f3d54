"""Real processes: they agree with reading here, survive each other, and never outlive their parent."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from bot.evidence.scan import pool
from bot.evidence.scan.child import Answer, Task
from bot.evidence.scan.pool import get_ready, kept, read_all, read_here
from bot.evidence.wanted import Wanted
from tests.evidence.records import BUCKET, write
from tests.evidence.scan.test_traps import story

WANTED = Wanted(BUCKET, names=frozenset({"PutUserPolicy"}))


def tasks(*paths: Path) -> list[Task]:
    return [Task(number, os.fsencode(path), 1) for number, path in enumerate(paths)]


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    good = [write(tmp_path, story(), name=f"20261123T02{number:02d}Z_x") for number in range(40)]
    good[7].write_bytes(b"\x1f\x8bno")
    good[8].unlink()
    return good


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """Every process that is started."""
    begun: list[subprocess.Popen[bytes]] = []
    real = subprocess.Popen

    def note(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:
        begun.append(real(*arguments, **options))
        return begun[-1]

    monkeypatch.setattr(pool.subprocess, "Popen", note)
    return begun


def in_order(answers: Iterator[Answer]) -> list[Answer]:
    return sorted(answers, key=lambda answer: answer.number)


def test_processes_agree_with_reading_here(paths: list[Path], started: list[subprocess.Popen[bytes]]) -> None:
    answers = in_order(read_all(iter(tasks(*paths)), WANTED))
    assert answers == in_order(read_here(tasks(*paths), WANTED))
    assert [answer.number for answer in answers if answer.scan.problems] == [7, 8]
    assert sum(len(answer.scan.found) for answer in answers) == 38 * 3
    assert {process.poll() for process in started} == {-signal.SIGKILL}


def test_in_a_thread_and_without_any_file(paths: list[Path]) -> None:
    answers: list[Answer] = []
    thread = Thread(target=lambda: answers.extend(read_all(tasks(*paths), WANTED)))
    thread.start()
    thread.join()
    assert len(answers) == 40
    assert list(read_all([], WANTED)) == []


def test_left_early_nothing_goes_on(paths: list[Path], started: list[subprocess.Popen[bytes]]) -> None:
    answers = read_all(tasks(*paths), WANTED)
    next(answers)
    answers.close()  # type: ignore[attr-defined]
    assert started
    assert None not in [process.poll() for process in started]


def test_those_that_are_kept_look_for_what_the_next_search_wants(
    paths: list[Path], started: list[subprocess.Popen[bytes]]
) -> None:
    other = Wanted(names=frozenset({"PutUserPolicy"}))
    with kept():
        first = in_order(read_all(tasks(*paths), WANTED))
        second = in_order(read_all(tasks(*paths), other))
        assert {process.poll() for process in started} == {None}
        started[0].kill()
        started[0].wait()
        third = in_order(read_all(tasks(*paths), WANTED))
    assert first == third == in_order(read_here(tasks(*paths), WANTED))
    assert second == in_order(read_here(tasks(*paths), other))
    assert second != first
    assert len(started) == min(2, os.cpu_count() or 1) + 1
    assert {process.poll() for process in started} == {-signal.SIGKILL}


def test_those_that_got_ready_make_the_search(
    paths: list[Path], started: list[subprocess.Popen[bytes]]
) -> None:
    get_ready(WANTED)
    assert started == []  # nobody keeps them
    with kept():
        get_ready(Wanted("another"))
        get_ready(WANTED)
        assert len(started) == min(2, os.cpu_count() or 1)
        assert in_order(read_all(tasks(*paths), WANTED)) == in_order(read_here(tasks(*paths), WANTED))
        assert len(started) == min(2, os.cpu_count() or 1)
    assert {process.poll() for process in started} == {-signal.SIGKILL}


def test_left_early_they_are_not_kept(paths: list[Path], started: list[subprocess.Popen[bytes]]) -> None:
    with kept():
        answers = read_all(tasks(*paths), WANTED)
        next(answers)
        answers.close()  # type: ignore[attr-defined]
        assert in_order(read_all(tasks(*paths), WANTED)) == in_order(read_here(tasks(*paths), WANTED))
    assert None not in [process.poll() for process in started]


def test_a_file_that_kills_is_named_and_the_others_are_read(
    paths: list[Path], tmp_path: Path, started: list[subprocess.Popen[bytes]]
) -> None:
    """Whoever opens the pipe is killed: once with its batch, once alone."""
    fatal = tmp_path / "fatal.json"
    os.mkfifo(fatal)

    def kill() -> None:
        for _ in range(2):
            pipe = os.open(fatal, os.O_WRONLY)  # waits for a reader
            for process in started:
                if process.poll() is None and fatal in _open_files(process.pid):
                    process.kill()
                    process.wait()
            os.close(pipe)

    killer = Thread(target=kill)
    killer.start()
    answers = in_order(read_all(tasks(*paths[:20], fatal, *paths[20:]), WANTED))
    killer.join()
    assert sum(len(answer.scan.found) for answer in answers) == 38 * 3
    [lost] = [answer for answer in answers if answer.number == 20]
    [problem] = lost.scan.problems
    assert problem.reason == ("the process that read it was ended by signal 9, twice; the file was skipped")
    assert problem.again


def _open_files(pid: int) -> set[Path]:
    folder = Path(f"/proc/{pid}/fd")
    return {name.readlink() for name in folder.iterdir() if name.exists()}


def test_processes_that_cannot_even_start_are_told_for_every_file(
    paths: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool.sys, "executable", "/bin/false")
    answers = list(read_all(tasks(*paths), WANTED))
    assert sorted(answer.number for answer in answers) == list(range(40))
    assert {one.reason for answer in answers for one in answer.scan.problems} == {
        "the process that read it ended with status 1, twice; the file was skipped"
    }


PARENT = """
import os, sys, time
from bot.evidence.scan import pool
from bot.evidence.scan.child import Task
from bot.evidence.wanted import Wanted

real = pool.subprocess.Popen
def told(*arguments, **options):
    process = real(*arguments, **options)
    print(process.pid, flush=True)
    return process
pool.subprocess.Popen = told

def tasks():
    yield Task(0, os.fsencode(sys.argv[1]), 1 << 30)
    time.sleep(600)

list(pool.read_all(tasks(), Wanted("x")))
"""


def test_children_end_with_a_parent_that_is_killed(paths: list[Path]) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, paths[0]], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pids = [int(parent.stdout.readline()) for _ in range(min(2, os.cpu_count() or 1))]
    parent.kill()
    parent.wait()
    parent.stdout.close()
    until = time.monotonic() + 30
    while any(Path(f"/proc/{pid}").exists() and _alive(pid) for pid in pids):
        assert time.monotonic() < until
        time.sleep(0.05)


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
