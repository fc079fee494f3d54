"""How fast access logs are searched: `python -m tests.bench.lines [LINES]`.

A seeded corpus of LINES lines (600,000 unless said) in files as people keep them, once as the log of many
buckets, of which one in a hundred lines is about the bucket asked for, and once as that bucket's own log.
Every reader answers the same question in turn, round by round: the lines of the bucket. Printed are medians
and how many times faster than the others the bot is. Answers that differ end the run.
"""

from __future__ import annotations

import random
import re
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table

from bot.evidence.sources.access_logs import AccessLogFolder
from bot.evidence.wanted import Wanted

SEED = 20261123
BUCKET = "acme-payroll"
ROUNDS = 5
FILES = 8
OWNER = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"
AGENTS = (
    "aws-cli/2.31.0 md/awscrt#0.27.6 ua/2.1 os/linux#6.1 lang/python#3.13",
    "Boto3/1.43.0",
    "Mozilla/5.0",
)

#: The pattern of AWS's own Athena table, as scripts use it.
PATTERN = re.compile(
    r"(\S+) (\S+) \[([^\]]*)\] (\S+) (\S+) (\S+) (\S+) (\S+) "
    r'("[^"]*"|-) (-|\d+) (\S+) (\S+) (\S+) (\S+) (\S+) ("[^"]*"|-) ("[^"]*"|-) (\S+)(.*)$'
)

Reader = Callable[[Path], int]


def corpus(folder: Path, lines: int, share: float) -> None:
    """FILES files in which this share of the lines is the bucket's."""
    chance = random.Random(SEED)
    for number in range(FILES):
        with (folder / f"{number}.log").open("w") as file:
            file.writelines(_line(chance, share) for _ in range(lines // FILES))


def _line(chance: random.Random, share: float) -> str:
    bucket = BUCKET if chance.random() < share else f"acme-{chance.randrange(100):02d}-data"
    request, host_id = f"{chance.getrandbits(64):016X}", f"{chance.getrandbits(400):0100x}"[:76]
    key, size = f"year=2026/part-{chance.randrange(10**6):06d}.parquet", chance.randrange(10**7)
    moment = (
        f"{1 + chance.randrange(28):02d}/Nov/2026:{chance.randrange(24):02d}:{chance.randrange(60):02d}:09"
    )
    address = f"10.0.{chance.randrange(256)}.{chance.randrange(256)}"
    session = f"service-{chance.randrange(40)}/i-{chance.getrandbits(68):017x}"
    return (
        f"{OWNER} {bucket} [{moment} +0000] {address} "
        f"arn:aws:sts::111122223333:assumed-role/{session} {request} "
        f'REST.GET.OBJECT {key} "GET /{key} HTTP/1.1" 200 - {size} {size} {chance.randrange(90)} 20 "-" '
        f'"{chance.choice(AGENTS)}" - {host_id}= SigV4 TLS_AES_128_GCM_SHA256 AuthHeader '
        f"{bucket}.s3.us-east-1.amazonaws.com TLSv1.3 - - us-east-1\n"
    )


def ours(folder: Path) -> int:
    source = AccessLogFolder(folder)
    return sum(len(part.found) for part in source.search(Wanted(bucket=BUCKET), lambda _: False))


def _text(folder: Path) -> Iterator[str]:
    for path in sorted(folder.iterdir()):
        with path.open() as file:
            yield from file


def regex(folder: Path) -> int:
    return sum((match := PATTERN.match(line)) is not None and match[2] == BUCKET for line in _text(folder))


def split(folder: Path) -> int:
    return sum(line.split(" ")[1] == BUCKET for line in _text(folder))


def duck(folder: Path) -> int:
    columns = "columns = {'line': 'VARCHAR'}, delim = '\x01', quote = '', escape = '', header = false"
    query = f"SELECT count(*) FROM read_csv('{folder}/*.log', {columns}) WHERE split_part(line, ' ', 2) = ?"
    with duckdb.connect(config={"threads": 2}) as connection:
        row = connection.execute(query, [BUCKET]).fetchone()
    return int(row[0]) if row else 0


READERS: dict[str, Reader] = {
    "s3incident": ours,
    "plain regex script": regex,
    "split by space": split,
    "DuckDB, 2 threads": duck,
}


def measure(folder: Path) -> dict[str, list[float]]:
    """Seconds of every round; raises SystemExit when answers differ."""
    seconds: dict[str, list[float]] = {name: [] for name in READERS}
    for _ in range(ROUNDS):
        answers = {}
        for name, reader in READERS.items():
            begun = time.perf_counter()
            answers[name] = reader(folder)
            seconds[name].append(time.perf_counter() - begun)
        if len(set(answers.values())) != 1:
            sys.exit(f"The readers disagree: {answers}")
    return seconds


def report(console: Console, title: str, lines: int, seconds: dict[str, list[float]]) -> None:
    table = Table("", "million lines/s", "s3incident is", title=title)
    best = statistics.median(seconds["s3incident"])
    for name, rounds in seconds.items():
        median = statistics.median(rounds)
        times = "" if name == "s3incident" else f"{median / best:.1f} times faster"
        table.add_row(name, f"{lines / median / 1e6:.2f}", times)
    console.print(table)


def main() -> None:
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else 600_000
    lines -= lines % FILES
    console = Console()
    for title, share in (("one line in a hundred is the bucket's", 0.01), ("the bucket's own log", 1.0)):
        with tempfile.TemporaryDirectory(prefix="s3incident-bench-") as folder:
            corpus(Path(folder), lines, share)
            report(console, title, lines, measure(Path(folder)))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    console.print(f"Peak memory of the whole run, DuckDB's and the matches' included: {peak:.0f} MB.")


if __name__ == "__main__":
    main()
