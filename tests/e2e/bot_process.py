"""The bot as it is really run: a process of its own, that can be killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

READY = "s3incident is running"


class BotProcess:
    """`s3incident run` (or another command) with the settings it is given, and nothing of this machine's."""

    def __init__(
        self, environment: Mapping[str, str], folder: Path, *command: str, ready: str = READY
    ) -> None:
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "PYTHONUNBUFFERED": "1",
            **environment,
        }
        self._command = [sys.executable, "-m", "bot.cli", *(command or ("run",))]
        self._folder = folder
        self._ready = ready
        self._up = threading.Event()
        self.output: list[str] = []
        self._process: subprocess.Popen[str] | None = None

    def start(self, timeout: float = 30) -> BotProcess:
        self._up.clear()
        self._process = subprocess.Popen(
            self._command,
            env=self._environment,
            cwd=self._folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._read, args=(self._process,), daemon=True).start()
        assert self._up.wait(timeout), "the bot did not start:\n" + "".join(self.output)
        return self

    def kill(self) -> None:
        """As a power cut would: no handler of the process runs."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(10)

    def stop(self) -> int:
        """Ends it politely; its exit code."""
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        return self._process.wait(30)

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                self.output.append(line)
                if self._ready in line:
                    self._up.set()
