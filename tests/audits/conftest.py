"""A real account to audit: the fake AWS with buckets in every state."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.sandbox.sandbox import Sandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    found = Sandbox(lookups_per_second=100)
    found.start()
    yield found
    found.stop()
