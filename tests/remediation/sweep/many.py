"""Restores very many objects of a bucket that S3 only seems to hold, and prints the peak of memory.

`python -m tests.remediation.sweep.many 2000 1000000`: the first restore warms up, each prints a line of JSON.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot.aws.gateway import Answer
from bot.remediation.catalogue import remediation
from bot.remediation.contract import PlanContext
from bot.remediation.run import run
from bot.remediation.sweep.manifests import ManifestFolder
from bot.remediation.sweep.row import surveyed
from tests.remediation.doing import MemoryJournal
from tests.remediation.rows.cases_sweep import T0

_THEN = datetime.fromisoformat(T0) - timedelta(days=1)
_NOW = _THEN + timedelta(days=2)


class EndlessBucket:
    """So many keys, each deleted. It keeps a byte a key: how often that was copied."""

    def __init__(self, keys: int) -> None:
        self.keys = keys
        self.copied = bytearray(keys)

    def call(
        self, service: str, operation: str, params: Mapping[str, Any], region: str | None = None
    ) -> Answer:
        assert (service, region) == ("s3", "us-east-1")
        answer: dict[str, Any] = getattr(self, operation)(params)
        return Answer(answer, "REQ")

    def get_bucket_versioning(self, _: Mapping[str, Any]) -> dict[str, Any]:
        return {"Status": "Enabled"}

    def get_bucket_ownership_controls(self, _: Mapping[str, Any]) -> dict[str, Any]:
        return {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}}

    def list_object_versions(self, params: Mapping[str, Any]) -> dict[str, Any]:
        if params["Prefix"]:
            number = int(params["Prefix"].removeprefix("data/"))
            return self._page(number, number + 1, newest=True)
        start = int(params["KeyMarker"].removeprefix("data/")) + 1 if "KeyMarker" in params else 0
        end = min(start + params["MaxKeys"] // 2, self.keys)
        more = {"IsTruncated": True, "NextKeyMarker": _key(end - 1), "NextVersionIdMarker": "old"}
        return {**self._page(start, end), **(more if end < self.keys else {"IsTruncated": False})}

    def head_object(self, _: Mapping[str, Any]) -> dict[str, Any]:
        return {"ContentLength": 5, "ServerSideEncryption": "AES256"}

    def copy_object(self, params: Mapping[str, Any]) -> dict[str, Any]:
        self.copied[int(params["Key"].removeprefix("data/"))] += 1
        return {}

    def _page(self, start: int, end: int, *, newest: bool = False) -> dict[str, Any]:
        versions, markers = [], []
        for number in range(start, end):
            named, copied = {"Key": _key(number)}, self.copied[number] > 0
            stored = {**named, "ETag": f'"{number:032x}"', "Size": 5, "StorageClass": "STANDARD"}
            if copied:
                versions.append({**stored, "VersionId": "new", "IsLatest": True, "LastModified": _NOW})
            markers.append({**named, "VersionId": "gone", "IsLatest": not copied, "LastModified": _NOW})
            if not newest:
                versions.append({**stored, "VersionId": "old", "IsLatest": False, "LastModified": _THEN})
        return {"Versions": versions, "DeleteMarkers": markers}


def _key(number: int) -> str:
    return f"data/{number:012}"


def restore(keys: int, folder: Path) -> dict[str, Any]:
    bucket, row, manifests = EndlessBucket(keys), remediation("R44"), ManifestFolder(folder)
    target = row.target("111122223333", "us-east-1", {"bucket": "acme", "before": T0})
    began = time.monotonic()
    plan = row.plan(target, surveyed(row, bucket, target, manifests), PlanContext("inc-0001"))
    listed = time.monotonic() - began
    journal = MemoryJournal()
    ended = run(plan, plan.digest, row, bucket, lambda: bucket, journal, manifests=manifests)
    assert plan.calls[0].each is not None
    return {
        "keys": keys,
        "outcome": ended.outcome,
        "items": plan.calls[0].each.items,
        "copied_once": bucket.copied.count(1),
        "request_ids": len(ended.request_ids),
        "seconds_listed": round(listed, 1),
        "seconds": round(time.monotonic() - began, 1),
        "peak_mb": _peak_mb(),
        "list_mb": round(manifests.path(plan.calls[0].each.sha256).stat().st_size / 1e6, 1),
    }


def _peak_mb() -> int:
    """Not ru_maxrss: that survives exec, and would be the test run's own."""
    found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text(encoding="utf-8"))
    assert found is not None
    return int(found[1]) // 1024


def main() -> None:
    with TemporaryDirectory() as folder:
        for keys in map(int, sys.argv[1:]):
            print(json.dumps(restore(keys, Path(folder))), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
