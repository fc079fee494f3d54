"""The processes of HTTP mode, started as a Procfile starts them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def running(environment: Mapping[str, str], folder: Path, *command: str) -> Iterator[Path]:
    """`python -m COMMAND` for as long as the block lasts; yields the file with what it says."""
    log = folder / f"{'-'.join(command[:2])}.log"
    variables = {"PATH": os.environ["PATH"], "HOME": str(folder), **environment}
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *command], env=variables, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        yield log
    finally:
        process.terminate()
        process.wait(30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def healthy(port: int) -> bool:
    """Whether the web process answers, with its database ready."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except urllib.error.URLError:
        return False


def accepting(port: int) -> bool:
    """Whether anything listens there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
