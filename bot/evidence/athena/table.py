"""The table over a trail's files: partition-projected, so new days, Regions and accounts need no upkeep."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.evidence.athena.columns import COLUMNS, RESOURCE, Column

#: Bucket and prefix as S3 and CloudTrail allow them; nothing that could end a literal.
_LOCATION = re.compile(r"s3://[a-z0-9][a-z0-9.-]+/([A-Za-z0-9!_.*()/-]*/)?")
_DATABASE = re.compile(r"[a-z0-9_]{1,128}")

#: The day before which no trail wrote anything: CloudTrail began in November 2013.
_FIRST_DAY = "2013/11/01"

_PROPERTIES = {
    "projection.enabled": "true",
    # Given by each query, and so never out of date (Athena User Guide, "Injected type").
    "projection.account.type": "injected",
    "projection.region.type": "injected",
    "projection.day.type": "date",
    "projection.day.format": "yyyy/MM/dd",
    "projection.day.range": f"{_FIRST_DAY},NOW",
    "projection.day.interval": "1",
    "projection.day.interval.unit": "DAYS",
}


@dataclass(frozen=True)
class Table:
    """The table for the files below `location`, the folder that holds the accounts' folders.

    Two trails have two names: the name is made from the location and from the columns, so a table made for
    other columns is not taken for this one. Raises ValueError for a location or database that cannot be one.
    """

    location: str
    database: str = "s3incident"

    def __post_init__(self) -> None:
        if not (_LOCATION.fullmatch(self.location) and self.location.endswith("/")):
            raise ValueError(f"{self.location!r} cannot be the place of a trail's files for Athena")
        if not _DATABASE.fullmatch(self.database):
            raise ValueError(f"{self.database!r} cannot be an Athena database: a-z, 0-9 and _ only")

    @property
    def name(self) -> str:
        """`cloudtrail_` and a hash."""
        told = f"{self.location}\n{_columns()}"
        return f"cloudtrail_{hashlib.sha256(told.encode()).hexdigest()[:16]}"

    @property
    def reference(self) -> str:
        """The table in a query."""
        return f'"{self.database}"."{self.name}"'

    @property
    def create_database(self) -> str:
        """Makes the database where there is none."""
        return f"CREATE DATABASE IF NOT EXISTS {self.database}"

    @property
    def create(self) -> str:
        """Makes the table where there is none. It copies nothing: dropping it leaves the files alone."""
        template = f"{self.location}${{account}}/CloudTrail/${{region}}/${{day}}"
        properties = {**_PROPERTIES, "storage.location.template": template}
        told = ",\n  ".join(f"'{name}' = '{value}'" for name, value in properties.items())
        return (
            f"CREATE EXTERNAL TABLE IF NOT EXISTS `{self.database}`.`{self.name}` (\n  {_columns()}\n)\n"
            "COMMENT 'CloudTrail files, for s3incident'\n"
            "PARTITIONED BY (account STRING, region STRING, day STRING)\n"
            "ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe'\n"
            "STORED AS INPUTFORMAT 'com.amazon.emr.cloudtrail.CloudTrailInputFormat'\n"
            "OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'\n"
            f"LOCATION '{self.location}'\n"
            f"TBLPROPERTIES (\n  {told}\n)"
        )


def _columns() -> str:
    tree: dict[str, Any] = {}
    for column in COLUMNS:
        node = tree
        for name in column.path[:-1]:
            node = node.setdefault(name.lower(), {})
        node[column.path[-1].lower()] = _type(column)
    return ",\n  ".join(f"{name} {_spelled(kind)}" for name, kind in tree.items())


def _type(column: Column) -> str:
    if column.kind == "map":
        return "MAP<STRING, STRING>"
    if column.kind == "resources":
        return f"ARRAY<STRUCT<{', '.join(f'{name.lower()}: STRING' for name in RESOURCE)}>>"
    return "STRING"


def _spelled(kind: str | Mapping[str, Any]) -> str:
    return kind if isinstance(kind, str) else f"STRUCT<{', '.join(_members(kind))}>"


def _members(tree: Mapping[str, Any]) -> Iterator[str]:
    return (f"{name}: {_spelled(kind)}" for name, kind in tree.items())
