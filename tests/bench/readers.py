"""Readers of one corpus, each asked the same: who did what to BUCKET, how often, how many bytes, when.

`python -m tests.bench.readers NAME FOLDER` runs one and prints what it took as JSON: each in a process of its
own, so that its memory is its own too. What a reader needs is imported before its time begins.
"""

import gzip
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.bench.corpus import WINDOW
from tests.bench.unpacking import files
from tests.evidence.records import BUCKET

#: (caller's ARN, access key, address, event name, error): [calls, bytes out, first, last].
Tally = dict[tuple[str, str, str, str, str], list[Any]]
Reader = Callable[[Path], Tally | None]

_JQ = """
.Records[] | select(.requestParameters.bucketName? == $bucket) |
[.userIdentity.arn // "", .userIdentity.accessKeyId // "", .sourceIPAddress, .eventName, .errorCode // "",
 (.additionalEventData.bytesTransferredOut? // 0), .eventTime]
"""

_SQL = """
SELECT coalesce(r.userIdentity->>'arn', ''), coalesce(r.userIdentity->>'accessKeyId', ''), r.sourceIPAddress,
    r.eventName, coalesce(r.errorCode, ''), count(*),
    sum(coalesce(CAST(r.additionalEventData->>'bytesTransferredOut' AS DOUBLE), 0)),
    min(r.eventTime), max(r.eventTime)
FROM (
    SELECT unnest(Records) AS r FROM read_json($files, maximum_object_size = 268435456, columns = {
        Records: 'STRUCT(userIdentity JSON, sourceIPAddress VARCHAR, eventName VARCHAR, errorCode VARCHAR,
                         additionalEventData JSON, eventTime VARCHAR, requestParameters JSON)[]'})
)
WHERE r.requestParameters->>'bucketName' = $bucket
GROUP BY ALL
"""


def add(tally: Tally, record: dict[str, Any]) -> None:
    """One record about the bucket."""
    who, extra = record["userIdentity"], record.get("additionalEventData") or {}
    place = (
        who.get("arn") or "",
        who.get("accessKeyId") or "",
        record["sourceIPAddress"],
        record["eventName"],
        record.get("errorCode") or "",
    )
    row = [*place, extra.get("bytesTransferredOut") or 0, record["eventTime"]]
    _count(tally, [row])


def _count(tally: Tally, rows: Iterable[list[Any]]) -> None:
    for *place, size, moment in rows:
        found = tally.setdefault(tuple(place), [0, 0, moment, moment])
        found[:] = [found[0] + 1, found[1] + int(size), min(found[2], moment), max(found[3], moment)]


def unpack_only(folder: Path) -> None:
    """Two processes that unpack and do nothing else."""
    commands = [[sys.executable, "-m", "tests.bench.unpacking", str(folder), str(n), "2"] for n in range(2)]
    running = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for command in commands]
    assert [process.wait() for process in running] == [0, 0]


def one_bucket(folder: Path) -> Tally:
    """The bot's reader, looking for the bucket and nothing else."""
    from bot.evidence.wanted import Wanted

    return _search(folder, Wanted(BUCKET))


def first_pass(folder: Path) -> Tally:
    """The bot's reader, looking for all that an investigation looks for at first."""
    from bot.evidence.following import first
    from bot.evidence.questions import Question

    # The search alone: the marks that an investigation takes besides belong to its later passes.
    return _search(folder, replace(first(Question(bucket=BUCKET, window=WINDOW)), marks=False))


def _search(folder: Path, wanted: Any) -> Tally:
    import msgspec

    from bot.evidence.sources.folder import LocalFolder

    tally: Tally = {}
    for part in LocalFolder(folder).search(wanted, lambda _: False):
        for raw in part.found:
            record = msgspec.json.decode(raw)
            if (record["requestParameters"] or {}).get("bucketName") == BUCKET:
                add(tally, record)
    return tally


def investigation(folder: Path) -> None:
    """Everything: all passes, detections, answers, report."""
    from bot.evidence.investigate import investigate
    from bot.evidence.questions import Question
    from bot.evidence.sources.folder import LocalFolder

    found = investigate(Question(bucket=BUCKET, window=WINDOW), [LocalFolder(folder, WINDOW)])
    assert any("ci-deploy" in actor.principal for actor in found.suspects)


def plain_python(folder: Path) -> Tally:
    """The standard library's gzip and json."""
    tally: Tally = {}
    for path in files(folder):
        for record in json.loads(gzip.decompress(path.read_bytes()))["Records"]:
            if (record["requestParameters"] or {}).get("bucketName") == BUCKET:
                add(tally, record)
    return tally


def jq(folder: Path) -> Tally:
    """gzip and jq, in a pipe."""
    tally: Tally = {}
    unpacking = subprocess.Popen(["gzip", "-dc", *map(str, files(folder))], stdout=subprocess.PIPE)
    command = ["jq", "-c", "--arg", "bucket", BUCKET, _JQ]
    with unpacking, subprocess.Popen(command, stdin=unpacking.stdout, stdout=subprocess.PIPE) as reading:
        assert reading.stdout is not None
        _count(tally, map(json.loads, reading.stdout))
    assert (unpacking.returncode, reading.returncode) == (0, 0)
    return tally


def duckdb(folder: Path) -> Tally:
    """DuckDB's JSON reader, with two threads."""
    import duckdb

    with duckdb.connect(config={"threads": 2}) as database:
        database.execute("SET enable_progress_bar = false")
        asked = {"files": [str(path) for path in files(folder)], "bucket": BUCKET}
        rows = database.execute(_SQL, asked).fetchall()
    return {tuple(row[:5]): [row[5], int(row[6]), *row[7:]] for row in rows}  # type: ignore[misc]


READERS: dict[str, Reader] = {
    "unpack only: the limit": unpack_only,
    "one bucket": one_bucket,
    "first pass": first_pass,
    "whole investigation": investigation,
    "plain Python": plain_python,
    "gzip | jq": jq,
    "DuckDB": duckdb,
}


NEEDS = {
    "one bucket": ("bot.evidence.sources.folder", "msgspec"),
    "first pass": ("bot.evidence.following", "bot.evidence.sources.folder", "msgspec"),
    "whole investigation": ("bot.evidence.investigate", "bot.evidence.sources.folder"),
    "DuckDB": ("duckdb",),
}


def measure(name: str, folder: Path) -> dict[str, Any]:
    """Seconds on the clock and of all processors, the largest memory in MB of this process and of any of its
    children, and the answer.
    """
    for module in NEEDS.get(name, ()):
        import_module(module)
    start, work = time.perf_counter(), _work()
    tally = READERS[name](folder)
    seconds, work = time.perf_counter() - start, _work() - work
    own, children = (
        resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    answer = None if tally is None else sorted([*place, *counts] for place, counts in tally.items())
    return {"seconds": seconds, "work": work, "own": own, "children": children, "answer": answer}


def _work() -> float:
    """Seconds that this process and its children, as far as they ended, kept a processor busy."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(sys.argv[1], Path(sys.argv[2]))))
