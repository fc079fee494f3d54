"""Databases and tables, as Athena's DDL makes them; which objects a partition-projected table is made of.

Source: Athena User Guide, "CREATE TABLE", "Partition projection", "Supported types for partition projection".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlglot import exp

#: What a table of CloudTrail files is read with.
SERDE = "org.apache.hive.hcatalog.data.JsonSerDe"
INPUT_FORMAT = "com.amazon.emr.cloudtrail.CloudTrailInputFormat"


class FailedQuery(Exception):  # noqa: N818
    """A query that was taken and then failed; the text is Athena's StateChangeReason."""


@dataclass(frozen=True)
class HiveTable:
    """A table: its columns' types by name, its partition columns, and where its files are."""

    database: str
    name: str
    columns: Mapping[str, exp.DataType]
    partitions: tuple[str, ...]
    location: str
    properties: Mapping[str, str]

    @property
    def injected(self) -> list[str]:
        """Partition columns whose values each query must give."""
        return [one for one in self.partitions if self.properties.get(f"projection.{one}.type") == "injected"]

    @property
    def bucket(self) -> str:
        return self.location.removeprefix("s3://").partition("/")[0]

    def partition_of(self, key: str) -> dict[str, str] | None:
        """The partition that an object of the bucket belongs to, None when it is none of the table's."""
        template = self.properties.get("storage.location.template", self.location)
        parts = re.split(r"\$\{(\w+)\}", template)
        text = re.escape(parts[0])
        for name, literal in zip(parts[1::2], parts[2::2], strict=True):
            text += f"(?P<{name}>{self._values(name)}){re.escape(literal)}"
        found = re.fullmatch(f"{text.rstrip('/')}/[^/]+", f"s3://{self.bucket}/{key}")
        return found.groupdict() if found else None

    def _values(self, name: str) -> str:
        if self.properties.get(f"projection.{name}.type") == "enum":
            listed = self.properties.get(f"projection.{name}.values", "").split(",")
            return "|".join(map(re.escape, listed))
        return r"\d{4}/\d\d/\d\d" if self._is_day(name) else "[^/]+"

    def _is_day(self, name: str) -> bool:
        return self.properties.get(f"projection.{name}.format") == "yyyy/MM/dd"


@dataclass
class Catalog:
    """The data catalog of the account. Not thread-safe."""

    databases: set[str] = field(default_factory=lambda: {"default"})
    _tables: dict[tuple[str, str], HiveTable] = field(default_factory=dict)

    def table(self, database: str, name: str) -> HiveTable | None:
        return self._tables.get((database, name))

    def make(self, statement: exp.Create) -> None:
        """Carry out CREATE DATABASE or CREATE EXTERNAL TABLE.

        Raises:
            FailedQuery: it is there already, or cannot be made.
        """
        if statement.kind in {"DATABASE", "SCHEMA"}:
            self._make_database(statement)
        else:
            self._make_table(statement)

    def _make_database(self, statement: exp.Create) -> None:
        name = statement.this.name.lower()
        if name in self.databases and not statement.args.get("exists"):
            raise FailedQuery(f"FAILED: Execution Error, return code 1. Database {name} already exists")
        self.databases.add(name)

    def _make_table(self, statement: exp.Create) -> None:
        table = table_of(statement)
        if table.database not in self.databases:
            raise FailedQuery(
                f"FAILED: SemanticException [Error 10072]: Database does not exist: {table.database}"
            )
        if self.table(table.database, table.name):
            if statement.args.get("exists"):
                return
            raise FailedQuery(f"FAILED: Execution Error, return code 1. Table {table.name} already exists")
        self._tables[table.database, table.name] = table


def table_of(statement: exp.Create) -> HiveTable:
    """The table that a DDL statement describes.

    Raises:
        FailedQuery: it is no external table of CloudTrail files.
    """
    schema = statement.this
    if not isinstance(schema, exp.Schema) or not statement.find(exp.ExternalProperty):
        raise FailedQuery("NOT_SUPPORTED: The sandbox's Athena makes external tables with columns only")
    serde, location = statement.find(exp.RowFormatSerdeProperty), statement.find(exp.LocationProperty)
    formats, partitioned = statement.find(exp.InputOutputFormat), statement.find(exp.PartitionedByProperty)
    if serde is None or serde.this.name != SERDE or formats is None:
        raise FailedQuery("FAILED: SemanticException: the sandbox's Athena reads CloudTrail files only")
    if location is None or formats.args["input_format"].name != INPUT_FORMAT:
        raise FailedQuery("FAILED: SemanticException: No location, or no CloudTrail input format, is given")
    properties = {
        one.this.name: one.args["value"].name
        for one in statement.args["properties"].expressions
        if type(one) is exp.Property
    }
    return HiveTable(
        schema.this.db.lower() or "default",
        schema.this.name.lower(),
        {one.name.lower(): one.kind for one in schema.expressions},
        tuple(one.name.lower() for one in partitioned.this.expressions) if partitioned else (),
        location.this.name,
        properties,
    )
