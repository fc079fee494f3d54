from datetime import UTC, datetime, timedelta

import pytest

from bot.evidence.access_logs.names import day_folders, may_hold, stamp, start_after

WINDOW = (datetime(2026, 11, 23, 2, tzinfo=UTC), datetime(2026, 11, 23, 20, tzinfo=UTC))


@pytest.mark.parametrize(
    ("name", "moment"),
    [
        ("logs/2026-11-23-03-04-05-0A1B2C3D4E5F6A7B", datetime(2026, 11, 23, 3, 4, 5, tzinfo=UTC)),
        ("access-2026-11-23-03-04-05-0A1B2C3D4E5F6A7B.gz", datetime(2026, 11, 23, 3, 4, 5, tzinfo=UTC)),
        ("1/us-east-1/b/2026/11/23/2026-11-23-00-00-00-0A", datetime(2026, 11, 23, tzinfo=UTC)),
        ("2026-13-23-03-04-05-0A1B", None),
        ("access.log", None),
    ],
)
def test_names_tell_the_time_of_delivery(name: str, moment: datetime | None) -> None:
    assert stamp(name) == moment


@pytest.mark.parametrize(
    ("name", "may"),
    [
        ("2026-11-23-01-59-59-0A", False),
        ("2026-11-23-02-00-01-0A", True),
        ("2026-11-23-00-00-00-0A", True),
        ("2026-11-22-00-00-00-0A", False),
        ("2026-11-24-19-00-00-0A", True),
        ("2026-11-24-20-00-01-0A", False),
        ("access.log", True),
    ],
)
def test_files_far_from_the_window_cannot_hold_its_lines(name: str, *, may: bool) -> None:
    assert may_hold(name, WINDOW) == may
    assert may_hold(name, None)


def test_keys_sort_behind_the_start() -> None:
    after = start_after("logs/", WINDOW)
    assert "logs/2026-11-23-01-00-00-0A" < after < "logs/2026-11-23-02-00-00-0A"


def test_folders_reach_to_the_days_of_late_delivery() -> None:
    folders = list(day_folders(["1/us-east-1/b/"], (WINDOW[0], WINDOW[0] + timedelta(hours=1))))
    assert folders == ["1/us-east-1/b/2026/11/23/", "1/us-east-1/b/2026/11/24/"]
