"""Every story of the sandbox ends contained and recovered, played by commands and clicks on a real bot.

One of them is played from the built wheel (test_wheel.py).
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from bot.sandbox.scenarios.catalogue import names


def play(*words: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.upper().endswith("_PROXY")}
    command = [sys.executable, "-m", "bot.cli", "demo", "--headless", *words]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


@pytest.mark.proof
@pytest.mark.timeout(1500)
def test_every_story_ends_well() -> None:
    done = play("--scenario", "all")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert f"{len(names())} of {len(names())} scenarios ended contained and recovered" in done.stdout
