"""Buckets in which something happened to many objects, and what is in them afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from bot.aws.errors import AwsUnavailable
from bot.aws.gateway import Answer
from bot.remediation.catalogue import remediation
from bot.remediation.plan import Plan
from bot.remediation.run import Actor, RunResult, run
from tests.aws.account import ACCOUNT, Account
from tests.remediation.doing import MANIFESTS, MemoryJournal, plan_for, step
from tests.remediation.rows.cases import CONTEXT
from tests.remediation.rows.cases_sweep import T0, open_bucket, past, versioned

_NUMBERS = count(1)


def wiped(account: Account, keys: int, **put: Any) -> str:
    """A bucket whose objects were all deleted after T0, the odd ones overwritten before."""
    bucket = f"acme-wiped-{next(_NUMBERS)}"
    versioned(account, bucket)
    open_bucket(account, bucket)
    for number in range(keys):
        key = f"data/{number:04}"
        past(account).put_object(Bucket=bucket, Key=key, Body=f"content {number}".encode(), **put)
        if number % 2:
            account.client("s3").put_object(Bucket=bucket, Key=key, Body=b"pay us")
        account.client("s3").delete_object(Bucket=bucket, Key=key)
    return bucket


def history(account: Account, bucket: str) -> dict[str, list[str]]:
    """For each key all its versions and delete markers, oldest first."""
    listed = account.client("s3").list_object_versions(Bucket=bucket)
    entries = [*listed.get("Versions", []), *listed.get("DeleteMarkers", [])]
    found: dict[str, list[str]] = {}
    for one in sorted(entries, key=lambda one: (one["IsLatest"], one["LastModified"])):
        found.setdefault(one["Key"], []).append(one["VersionId"])
    return found


def content(account: Account, bucket: str, key: str) -> bytes:
    body: bytes = account.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    return body


def restoring(account: Account, bucket: str, **more: str) -> Plan:
    return plan_for(account, "R44", {"bucket": bucket, "before": T0, **more}, CONTEXT)


Wait = Callable[[float], None]


def waited(_: float) -> None:
    """Time passes."""


def carried_out(
    account: Account,
    plan: Plan,
    journal: MemoryJournal | None = None,
    act: Callable[[], Actor] | None = None,
    sleep: Wait = waited,
) -> RunResult:
    return run(
        plan,
        plan.digest,
        remediation(plan.remediation),
        account.access.reader(ACCOUNT),
        act or (lambda: step(account, plan)),
        journal or MemoryJournal(),
        sleep=sleep,
        manifests=MANIFESTS,
    )


@dataclass
class Disturbed:
    """A session in which something happens before or after the nth call of a kind; counted from 0."""

    session: Actor
    operation: str
    before: Mapping[int, BaseException] = field(default_factory=dict)
    after: Mapping[int, BaseException] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=count)

    def call(
        self, service: str, operation: str, params: Mapping[str, Any], region: str | None = None
    ) -> Answer:
        if operation != self.operation:
            return self.session.call(service, operation, params, region)
        number = next(self.numbers)
        if number in self.before:
            raise self.before[number]
        answer = self.session.call(service, operation, params, region)
        if number in self.after:
            raise self.after[number]
        return answer


def silence(operation: str = "copy_object", code: str = "ReadTimeoutError") -> AwsUnavailable:
    return AwsUnavailable("s3", operation, code, "Read timeout on endpoint URL")
