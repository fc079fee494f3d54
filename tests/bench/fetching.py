"""How fast trail files are read from S3, beside a bare parallel download of the same objects.

The sandbox's AWS serves them from a process of its own, and waits 20 ms before each answer. Bare means
obstore and nothing else: 64 objects at once, thrown away as they come.

`python -m tests.bench.fetching measure FOLDER` prints a table; with `serve` it is the process that serves.
"""

import asyncio
import logging
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import boto3
import obstore
import structlog
from obstore.store import S3Store
from rich.console import Console
from rich.table import Table

from bot.aws.access import AwsAccess
from bot.aws.objects import S3Objects
from bot.config import Settings
from bot.evidence.following import first
from bot.evidence.questions import Question
from bot.evidence.sources.trail_prefix import TrailPrefix
from bot.sandbox.aws.server import FakeAws
from tests.bench.corpus import REGION, START, WINDOW
from tests.evidence.records import ACCOUNT, BUCKET

LATENCY = 20
LOGS = "acme-trail-logs"
AT_ONCE = 64
FILES = 600
ROUNDS = 3
PREFIX = f"AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/"


def serve(folder: Path) -> None:
    """Puts the first files of a corpus into a bucket, tells the endpoint, and stays until the input ends."""
    aws = FakeAws(region=REGION, delivery_seconds=0)
    aws.start()
    credentials = {
        "aws_access_key_id": aws.root_access_key_id,
        "aws_secret_access_key": aws.root_secret_access_key,
    }
    s3 = boto3.client("s3", endpoint_url=aws.endpoint, region_name=REGION, **credentials)
    s3.create_bucket(Bucket=LOGS, CreateBucketConfiguration={"LocationConstraint": REGION})
    for path in sorted(folder.rglob("*.json.gz"))[:FILES]:
        s3.put_object(Bucket=LOGS, Key=path.relative_to(folder).as_posix(), Body=path.read_bytes())
    aws.faults.latency("s3", milliseconds=LATENCY)
    sys.stdout.write(f"{aws.endpoint} {aws.root_access_key_id} {aws.root_secret_access_key}\n")
    sys.stdout.flush()
    sys.stdin.read()
    aws.stop()


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, str, str]]:
    """The endpoint, and the key and secret to read with."""
    command = [sys.executable, "-m", "tests.bench.fetching", "serve", str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        endpoint, key, secret = server.stdout.readline().split()
        yield endpoint, key, secret
        server.communicate()


def bare(endpoint: str, key: str, secret: str) -> int:
    """Objects downloaded."""
    store = S3Store(
        LOGS,
        region=REGION,
        endpoint=endpoint,
        access_key_id=key,
        secret_access_key=secret,
        client_options={"allow_http": True},
    )
    paths = [item["path"] for page in obstore.list(store, PREFIX) for item in page]

    async def download() -> None:
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(path: str) -> None:
            async with gate:
                await (await obstore.get_async(store, path)).bytes_async()

        await asyncio.gather(*map(one, paths))

    asyncio.run(download())
    return len(paths)


def way_in(endpoint: str, key: str, secret: str) -> S3Objects:
    """The bot's own, which it has long before it reads."""
    os.environ |= {"AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret}
    settings = Settings(_env_file=None, aws_endpoint_url=endpoint)  # type: ignore[call-arg]
    return S3Objects(AwsAccess(settings).plain(ACCOUNT, REGION), f"s3://{LOGS}")


def ours(objects: S3Objects) -> int:
    """Objects fetched into an empty cache, unpacked and searched."""
    question = Question(bucket=BUCKET, window=WINDOW)
    with tempfile.TemporaryDirectory() as cache:
        window = (START - timedelta(hours=1), WINDOW[1])
        source = TrailPrefix(objects, [PREFIX], window, Path(cache))
        parts = list(source.search(first(question), lambda _: False))
    assert not any(part.problems for part in parts)
    return len(parts)


def measured(folder: Path) -> Table:
    """Objects a second, medians, in turn."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    files = min(FILES, sum(1 for _ in folder.rglob("*.json.gz")))
    took: dict[str, list[float]] = {"obstore, nothing else": [], "fetch and first pass": []}
    with served(folder) as place:
        objects = way_in(*place)
        for _ in range(ROUNDS):
            for name, read in zip(took, (partial(bare, *place), partial(ours, objects)), strict=True):
                start = time.perf_counter()
                count = read()
                took[name].append((time.perf_counter() - start) / count)
                assert count == files
    shown = Table(title=f"From S3 with {LATENCY} ms latency, {files} objects")
    for column in ("reader", "objects/s", "of the bare download"):
        shown.add_column(column)
    best, *_ = medians = [statistics.median(times) for times in took.values()]
    for name, median in zip(took, medians, strict=True):
        shown.add_row(name, f"{1 / median:,.0f}", f"{best / median:.0%}")
    return shown


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(Path(sys.argv[2]))
    else:
        Console(width=120).print(measured(Path(sys.argv[2])))
