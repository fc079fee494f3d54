"""Records on their way leave nothing behind, whatever ends the process."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from bot.evidence.vault.scratch import PREFIX, scratch

HOLDS = """
import sys, time
from bot.evidence.vault.scratch import scratch
with scratch() as folder:
    (folder / "0001.json").write_text("secret")
    print(folder, flush=True)
    time.sleep(60)
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def long_ago(folder: Path) -> None:
    os.utime(folder, (0, 0))


def test_it_is_for_this_user_alone_and_goes(temporary: Path) -> None:
    with scratch() as folder:
        assert folder.stat().st_mode & 0o777 == 0o700
        (folder / "0001.json").touch()
    assert list(temporary.iterdir()) == []


def test_what_a_killed_process_left_goes_and_what_a_living_one_holds_stays(temporary: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDS], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        folder = Path(other.stdout.readline().strip())
        long_ago(folder)
        with scratch():
            assert (folder / "0001.json").exists()
        other.send_signal(signal.SIGKILL)
        other.wait()
    assert folder.exists()
    with scratch():
        assert not folder.exists()


def test_nothing_else_is_touched(temporary: Path) -> None:
    target = temporary / "precious"
    target.mkdir()
    (temporary / f"{PREFIX}link").symlink_to(target)
    (temporary / f"{PREFIX}new").mkdir()
    (temporary / "s3incident-other").mkdir()
    long_ago(temporary / "s3incident-other")
    with scratch():
        pass
    assert {one.name for one in temporary.iterdir()} == {
        "precious",
        f"{PREFIX}link",
        f"{PREFIX}new",
        "s3incident-other",
    }
