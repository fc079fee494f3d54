"""`make proof-kill`: every automated row, every point. Exit code 1 unless all is well at each.

Each row gets an account and a workspace of its own: in one for all, each look at hundreds of earlier plans,
records and messages would take longer and longer.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import structlog
import typer

from bot.remediation.catalogue import remediation
from tests.e2e.kill_points.matrix import Verdict, calls_of, killed_at, points
from tests.e2e.kill_points.ward import ward
from tests.remediation.rows.cases import Case
from tests.remediation.rows.every_case import CASES


def main(rows: list[str]) -> int:
    """Only these rows, where any are named."""
    cases = [case for case in CASES if remediation(case.row).mode == "automated"]
    found: list[Verdict] = []
    for case in cases:
        if not rows or case.row in rows:
            mine = _killed_everywhere(case)
            found += mine
            _say(case.row, mine)
    once, undone = sum(not one.once for one in found), sum(not one.undone for one in found)
    typer.echo(f"kill points {len(found)}, exactly once {once}, undone {undone}")
    return int(not found or {once, undone} != {len(found)})


def _killed_everywhere(case: Case) -> list[Verdict]:
    with tempfile.TemporaryDirectory(prefix="s3incident-kill-") as folder, ward(Path(folder)) as place:
        return [killed_at(place, case, point) for point in points(calls_of(case))]


def _say(row: str, verdicts: list[Verdict]) -> None:
    kind = remediation(row)
    note = "" if kind.reversible else " (cannot be undone, as its card says)"
    typer.echo(f"{row} {kind.title}: {len(verdicts)} points{note}")
    for one in verdicts:
        if one.once or one.undone:
            typer.echo(f"  {one.point}: {one.once or 'exactly once'}; undo: {one.undone or 'done'}")


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    sys.exit(main(sys.argv[1:]))
