"""Where a bucket's server access logs are looked for, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.evidence.coverage.trails import TrailFacts
from bot.evidence.sources.access_logs import AccessLogPrefix
from bot.evidence.wanted import Wanted
from bot.incidents.evidence_sources import access_logs_of
from tests.aws.account import ACCOUNT, REGION, Account, running

BUCKET, LOGS = "acme-payroll", "acme-access-logs"
AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
WINDOW = (AT - timedelta(hours=1), AT + timedelta(hours=1))
LINE = (
    f"owner {BUCKET} [23/Nov/2026:02:00:00 +0000] 192.0.2.7 - 3E57427F3EXAMPLE REST.GET.OBJECT s.csv "
    f'"GET /{BUCKET}/s.csv HTTP/1.1" 200 - 113 113 7 6 "-" "curl/8" - hostid - - - host TLSv1.2 - -\n'
)


@dataclass(frozen=True)
class Payroll:
    bucket: str = BUCKET
    region: str = REGION


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with running() as made:
        made.bucket(LOGS)
        for key in (
            "access/2026-11-23-02-10-00-ABCDEF0123456789",
            f"parted/{ACCOUNT}/{REGION}/{BUCKET}/2026/11/23/2026-11-23-02-10-00-ABCDEF0123456789",
            f"parted/{ACCOUNT}/{REGION}/another-bucket/2026/11/23/2026-11-23-02-10-00-ABCDEF0123456789",
        ):
            made.client("s3").put_object(Bucket=LOGS, Key=key, Body=LINE.encode())
        yield made


def found(account: Account, **target: Any) -> list[bytes]:
    logging = {"LoggingEnabled": {"TargetBucket": LOGS, **target}}
    source = access_logs_of(
        account.access.reader(ACCOUNT), ACCOUNT, Payroll(), TrailFacts((), logging), WINDOW, lambda _: None
    )
    assert isinstance(source, AccessLogPrefix)
    parts = source.search(Wanted(bucket=BUCKET), lambda _: False)
    return [line for part in parts for line in part.found]


def test_the_simple_key_format(account: Account) -> None:
    assert found(account, TargetPrefix="access/") == [LINE.rstrip().encode()]
    assert found(account, TargetPrefix="elsewhere/") == []


def test_the_partitioned_key_format(account: Account) -> None:
    form = {"PartitionedPrefix": {"PartitionDateSource": "EventTime"}}
    assert found(account, TargetPrefix="parted/", TargetObjectKeyFormat=form) == [LINE.rstrip().encode()]


@pytest.mark.parametrize("facts", [None, TrailFacts(()), TrailFacts((), {})])
def test_where_they_are_off_or_nobody_knows_there_is_no_source(
    account: Account, facts: TrailFacts | None
) -> None:
    reader = account.access.reader(ACCOUNT)
    assert access_logs_of(reader, ACCOUNT, Payroll(), facts, WINDOW, lambda _: None) is None
