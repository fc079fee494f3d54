"""Turns at writing: one at a time, across threads and processes, and never lost with a holder."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.store.turn import Turn

HOLDER = """
import sys, time
from pathlib import Path
from bot.store.turn import Turn
with Turn(Path(sys.argv[1])):
    print("mine", flush=True)
    time.sleep(float(sys.argv[2]))
    print(time.time(), flush=True)
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "some.db-turn"


def holder(path, seconds):
    """Another process that has taken its turn."""
    command = [sys.executable, "-c", HOLDER, str(path), str(seconds)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "mine\n"
    return process


def test_threads_take_turns(path):
    turn, inside, most = Turn(path), [], []

    def write(number):
        with turn:
            inside.append(number)
            most.append(len(inside))
            time.sleep(0.001)
            inside.remove(number)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(write, range(40)))
    assert most == [1] * 40
    turn.close()


def test_two_turns_on_one_file_are_one(path):
    first, second, entered = Turn(path), Turn(path), threading.Event()

    def write():
        with second:
            entered.set()

    with first:
        waiting = threading.Thread(target=write)
        waiting.start()
        assert not entered.wait(0.1)
    assert entered.wait(5)
    waiting.join()
    first.close()
    second.close()


def test_processes_take_turns(path):
    turn = Turn(path)
    with holder(path, 0.3) as other:
        with turn:
            entered = time.time()
        assert entered >= float(other.stdout.readline())
    turn.close()


def test_a_killed_holder_holds_up_nobody(path):
    turn, entered = Turn(path), threading.Event()

    def write():
        with turn:
            entered.set()

    with holder(path, 60) as other:
        waiting = threading.Thread(target=write)
        waiting.start()
        assert not entered.wait(0.1)
        other.kill()
    assert entered.wait(5)
    waiting.join()
    turn.close()


def test_an_error_inside_ends_the_turn(path):
    turn = Turn(path)
    with pytest.raises(ZeroDivisionError), turn:
        raise ZeroDivisionError
    with turn:
        turn_is_free = True
    assert turn_is_free
    turn.close()


def test_a_file_that_cannot_be_opened_leaves_nothing_locked(path, tmp_path):
    turn = Turn(tmp_path / "nowhere" / "some.db-turn")
    for _ in range(2):
        with pytest.raises(FileNotFoundError), turn:
            pass
