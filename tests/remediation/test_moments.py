"""Points in time within the sentences of plans."""

from __future__ import annotations

import pytest

from bot.remediation.words.moments import read_utc


@pytest.mark.parametrize(
    ("stored", "read"),
    [
        ("2025-10-19T19:45:16.225615+00:00", "2025-10-19 19:45:16 UTC"),
        ("2026-03-14T04:10:00+02:00", "2026-03-14 02:10:00 UTC"),
        ("2026-03-14T02:10:00Z", "2026-03-14 02:10:00 UTC"),
        ("2026-03-14T02:10:00", "2026-03-14 02:10:00 UTC"),
        ("20261123", "20261123"),
        ("2026-13-14T02:10:00Z", "2026-13-14T02:10:00Z"),
        ("its time is not known", "its time is not known"),
    ],
)
def test_a_stored_moment_is_told_to_the_second_in_utc(stored: str, read: str) -> None:
    assert read_utc(stored) == read
