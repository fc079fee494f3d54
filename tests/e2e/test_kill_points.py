"""A cut of the kill matrix, a telling point of each kind; `make proof-kill` runs every row at every point."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.kill_points.matrix import AROUND_A_CALL, AT_THE_END, Point, calls_of, killed_at, points
from tests.e2e.kill_points.ward import Ward, ward
from tests.remediation.rows.every_case import CASES

CUT = (
    ("R34", Point("after call", 0)),
    ("R34", Point("after outcome", 0)),
    ("R2", Point("before the card edit")),
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ward]:
    with ward(tmp_path_factory.mktemp("kill")) as made:
        yield made


@pytest.mark.parametrize(("row", "point"), CUT, ids=[f"{row} {point}" for row, point in CUT])
def test_a_killed_worker_leaves_each_effect_once_and_a_change_that_can_be_undone(
    place: Ward, row: str, point: Point
) -> None:
    case = next(one for one in CASES if one.row == row)
    verdict = killed_at(place, case, point)
    assert (verdict.once, verdict.undone) == ("", "")


def test_the_points_are_all_there() -> None:
    case = next(one for one in CASES if one.row == "R34")
    assert calls_of(case) == 2
    assert len(list(points(2))) == 2 * len(AROUND_A_CALL) + len(AT_THE_END)
