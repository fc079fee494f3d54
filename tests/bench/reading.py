"""How fast trail files are read, beside the limit and beside others: `python -m tests.bench.reading`.

Writes a corpus of `--size` MB unpacked, and another four times as large, where they are not there yet, and
asks all readers the same, in turn, round by round. Prints medians, how they stand to the limit (two
processes that only unpack), the largest memory of a process, and how reading from S3 stands to a bare
parallel download.
The clock runs over everything a reader starts: for the limit and for the bot two processes each, from their
start. The first pass is the search alone; the whole investigation also notes who is in each file, loads its
rules, and judges.
Readers that answer differently end the run with 1; times depend on the machine and are never judged.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.bench.corpus import Corpus, corpus
from tests.bench.readers import READERS

LIMIT = next(iter(READERS))
OURS = ("one bucket", "first pass", "whole investigation")
ROUNDS = 3

#: On a busy machine the processors' own seconds tell more than the clock's.
COLUMNS = (
    "reader",
    "seconds",
    "MB/s",
    "of the limit",
    "in processor time",
    "first pass is faster",
    "and the whole",
    "MB, parent",
    "MB, child",
)

Rows = dict[str, list[dict[str, Any]]]


def run(logs: Corpus, names: list[str], rounds: int) -> Rows:
    """What each reader took, in every round. Readers that need a minute run once."""
    rows: Rows = {name: [] for name in names}
    for _ in range(rounds):
        for name in names:
            if rows[name] and rows[name][0]["seconds"] > 10:
                continue
            command = [sys.executable, "-m", "tests.bench.readers", name, str(logs.folder)]
            printed = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
            rows[name].append(json.loads(printed))
    return rows


def table(logs: Corpus, rows: Rows) -> Table:
    """Medians, and how they compare."""
    shown = Table(title=f"{logs.records:,} records, {logs.size / 1e6:,.0f} MB in {logs.files:,} files")
    for column in COLUMNS:
        shown.add_column(column, justify="left" if column == "reader" else "right")
    limit, first, whole = (_seconds(rows[name]) for name in (LIMIT, "first pass", "whole investigation"))
    least = _seconds(rows[LIMIT], "work")
    for name, took in rows.items():
        seconds = _seconds(took)
        shown.add_row(
            name,
            f"{seconds:.2f}",
            f"{logs.size / 1e6 / seconds:,.0f}",
            f"{limit / seconds:.0%}",
            f"{least / _seconds(took, 'work'):.0%}",
            *(_faster(seconds, ours) if name not in (LIMIT, *OURS) else "" for ours in (first, whole)),
            f"{max(one['own'] for one in took):.0f}",
            f"{max(one['children'] for one in took):.0f}",
        )
    return shown


def _faster(theirs: float, ours: float) -> str:
    return f"{theirs / ours:.1f} times"


def _seconds(took: list[dict[str, Any]], of: str = "seconds") -> float:
    return statistics.median(one[of] for one in took)


def differing(rows: Rows) -> list[str]:
    """The readers that do not answer as plain Python does."""
    answers = {name: took[0]["answer"] for name, took in rows.items() if took[0]["answer"] is not None}
    return [name for name, answer in answers.items() if answer != answers["plain Python"]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=1100, help="MB unpacked of the smaller corpus")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    asked = parser.parse_args()
    console = Console(width=120)
    names = [name for name in READERS if name != "gzip | jq" or shutil.which("jq")]
    if "gzip | jq" not in names:
        console.print("jq is not installed: that row is left out.")
    small, large = (corpus(asked.size * 1_000_000 * times) for times in (1, 4))
    rows = run(small, names, asked.rounds)
    console.print(table(small, rows))
    more = run(large, [LIMIT, *OURS], asked.rounds)
    console.print(table(large, more))
    for name in OURS:
        ratio = _seconds(more[name]) / _seconds(rows[name]) / (large.size / small.size)
        console.print(f"{name}: {ratio:.2f} times the time for each byte of the larger corpus")
    # In a process of its own: what this one holds would count as its children's memory.
    subprocess.run([sys.executable, "-m", "tests.bench.fetching", "measure", str(small.folder)], check=True)
    wrong = differing(rows)
    if wrong:
        console.print(f"Different answers: {', '.join(wrong)}.", style="red")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
