"""The memory of a sweep does not grow with the number of its objects."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("keys", "growth"),
    [(8_000, 4), pytest.param(1_000_000, 12, marks=[pytest.mark.proof, pytest.mark.timeout(1800)])],
    ids=["thousands", "a million"],
)
def test_many_objects_are_restored_in_flat_memory(keys: int, growth: int) -> None:
    """Beside a byte a key that the bucket itself takes."""
    command = [sys.executable, "-m", "tests.remediation.sweep.many", "2000", str(keys)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    warm, result = map(json.loads, done.stdout.splitlines())
    assert (result["outcome"], result["items"], result["copied_once"]) == ("verified", keys, keys)
    assert result["peak_mb"] - warm["peak_mb"] <= growth
    assert result["request_ids"] <= 400
