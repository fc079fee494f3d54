"""A trail's bucket in the fake AWS, with Athena over it, and the two ways to search it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

from bot.aws.athena import AthenaWorkgroup
from bot.aws.gateway import Gateway
from bot.aws.objects import S3Objects
from bot.evidence.athena.query import Place
from bot.evidence.athena.table import Table
from bot.evidence.sources.athena import AthenaTrail
from bot.evidence.sources.base import Window
from bot.evidence.sources.trail_prefix import TrailPrefix
from tests.aws.account import ACCOUNT, EVIDENCE_ROLE, REGION, Account, policy_text

WORKGROUP = "incidents"
_NUMBERS = count(1)


def let_query(account: Account, name: str = "athena", *also: str) -> None:
    """The evidence role may run queries, make the table, and write results."""
    actions = ["athena:*", "glue:GetTable", "glue:CreateTable", "glue:CreateDatabase", "s3:PutObject", *also]
    role = EVIDENCE_ROLE.rsplit("/", 1)[-1]
    account.client("iam").put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=policy_text(actions))


@dataclass
class Stage:
    """One trail's bucket. `lay` puts files; `files` and `athena` are the two sources over them."""

    account: Account
    bucket: str
    workgroup: str = WORKGROUP
    owner: str = ACCOUNT

    @classmethod
    def of(cls, account: Account, *, cutoff: int | None = None) -> Stage:
        number = next(_NUMBERS)
        bucket, workgroup = f"trail-logs-{number}", f"{WORKGROUP}-{number}"
        account.client("s3").create_bucket(Bucket=bucket)
        account.client("s3").create_bucket(Bucket=f"{bucket}-results")
        settings: dict[str, Any] = {
            "ResultConfiguration": {"OutputLocation": f"s3://{bucket}-results/athena/"}
        }
        if cutoff:
            settings["BytesScannedCutoffPerQuery"] = cutoff
        account.client("athena").create_work_group(Name=workgroup, Configuration=settings)
        return cls(account, bucket, workgroup)

    @property
    def reader(self) -> Gateway:
        return self.account.access.reader(ACCOUNT)

    @property
    def table(self) -> Table:
        return Table(f"s3://{self.bucket}/AWSLogs/")

    @property
    def prefixes(self) -> list[str]:
        return [f"AWSLogs/{self.owner}/CloudTrail/{REGION}/"]

    def queries(self) -> AthenaWorkgroup:
        return AthenaWorkgroup(self.reader, self.workgroup, sleep=lambda _: None)

    def make_table(self) -> Stage:
        queries = self.queries()
        for number, statement in enumerate((self.table.create_database, self.table.create)):
            queries.make(statement, f"{self.bucket} makes its table, statement {number}".ljust(32, "."))
        return self

    def lay(self, records: Iterable[Mapping[str, Any]], delivered: datetime, name: str = "A") -> str:
        """A log file as CloudTrail delivers it; its key."""
        body = gzip.compress(json.dumps({"Records": list(records)}).encode(), mtime=0)
        return self.lay_bytes(body, delivered, name)

    def lay_bytes(self, body: bytes, delivered: datetime, name: str = "A") -> str:
        file = f"{self.owner}_CloudTrail_{REGION}_{delivered:%Y%m%dT%H%MZ}_{name.ljust(16, 'x')}.json.gz"
        key = f"{self.prefixes[0]}{delivered:%Y/%m/%d}/{file}"
        self.account.client("s3").put_object(Bucket=self.bucket, Key=key, Body=body)
        return key

    def files(self, window: Window, cache: Path) -> TrailPrefix:
        objects = S3Objects(self.reader, f"s3://{self.bucket}/")
        return TrailPrefix(objects, self.prefixes, window, cache)

    def athena(self, window: Window, **more: Any) -> AthenaTrail:
        place = Place(self.table, self.owner, (REGION,))
        objects = S3Objects(self.reader, f"s3://{self.bucket}/")
        more = {"queries": self.queries(), "sleep": lambda _: None, **more}
        return AthenaTrail(place=place, objects=objects, prefixes=self.prefixes, window=window, **more)
