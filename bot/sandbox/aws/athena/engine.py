"""Runs a SELECT of Athena's SQL: translated by sqlglot, carried out by DuckDB over the table's files."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from bot.sandbox.aws.athena.catalog import Catalog, FailedQuery, HiveTable
from bot.sandbox.aws.athena.serde import rows_of
from bot.sandbox.aws.errors import AwsError

#: (key, content) of the objects of a bucket.
Objects = Callable[[str], Iterator[tuple[str, bytes]]]
#: Told of every object before it is read; raises FailedQuery when the caller may not.
MayRead = Callable[[str, str], None]


NOT_INJECTED = (
    "CONSTRAINT_VIOLATION: For the injected projected partition column {name}, the WHERE clause must contain "
    "only static equality conditions, and at least one such condition must be present."
)


@dataclass(frozen=True)
class Result:
    """What a SELECT gave: names of its columns, rows as text (None is NULL), bytes scanned."""

    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str | None, ...], ...] = ()
    scanned: int = 0


def parsed(sql: str, parameters: Sequence[str]) -> exp.Expr:
    """The statement with its execution parameters in their places.

    Raises:
        AwsError: InvalidRequestException: not SQL, or parameters that do not fit.
    """
    try:
        statement = sqlglot.parse_one(sql, read="athena")
        values = [sqlglot.parse_one(one, read="athena") for one in parameters]
    except SqlglotError as error:
        raise _invalid(_first_line(error)) from None
    places = list(statement.find_all(exp.Placeholder, bfs=False))
    if len(places) != len(values):
        told = f"expected {len(places)} but found {len(values)}"
        raise _invalid(f"INVALID_PARAMETER_USAGE: line 1:1: Incorrect number of parameters: {told}")
    if any(place.find_ancestor(exp.Where) is None for place in places):
        raise _invalid("Parameters are supported in the WHERE clause only")
    for place, value in zip(places, values, strict=True):
        if not isinstance(value, exp.Literal):
            raise _invalid(f"Cannot use {value.sql('athena')[:40]} as an execution parameter")
        place.replace(value)
    return statement


def select(
    statement: exp.Expr, catalog: Catalog, objects: Objects, may_read: MayRead, most_bytes: int | None
) -> Result:
    """Carry a SELECT out.

    Raises:
        FailedQuery: Athena would fail it; `CutOff` when it reads more bytes than it may.
    """
    table = _table_of(statement, catalog)
    with tempfile.TemporaryDirectory() as folder, duckdb.connect(":memory:") as database:
        files = _files(statement, table, objects, database)
        scanned = sum(len(content) for _, _, content in files)
        if most_bytes is not None and scanned > most_bytes:
            raise CutOff(most_bytes)
        for _, key, _ in files:
            may_read(table.bucket, key)
        _load(table, files, Path(folder) / "rows.ndjson", database)
        return _run(statement, database, scanned)


class CutOff(FailedQuery):
    """The workgroup's limit was reached; `scanned` are the bytes until then."""

    def __init__(self, scanned: int) -> None:
        super().__init__("Bytes scanned limit was exceeded")
        self.scanned = scanned


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidRequestException", message)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]


def _table_of(statement: exp.Expr, catalog: Catalog) -> HiveTable:
    named = [one for one in statement.find_all(exp.Table) if one.name]
    if len(named) != 1:
        raise FailedQuery("NOT_SUPPORTED: The sandbox's Athena reads one table in a query")
    database, name = named[0].db.lower() or "default", named[0].name.lower()
    table = catalog.table(database, name)
    if table is None:
        raise FailedQuery(
            f"TABLE_NOT_FOUND: line 1:1: Table 'awsdatacatalog.{database}.{name}' does not exist"
        )
    return table


def _files(
    statement: exp.Expr, table: HiveTable, objects: Objects, database: Any
) -> list[tuple[dict[str, str], str, bytes]]:
    """The objects that partition pruning leaves: (partition, key, content)."""
    static = [one for one in _conjuncts(statement) if _is_about(one, table.partitions)]
    for name in table.injected:
        if not any(isinstance(one, exp.EQ | exp.In) and _is_about(one, [name]) for one in static):
            raise FailedQuery(NOT_INJECTED.format(name=name))
    found = [(part, key, body) for key, body in objects(table.bucket) if (part := table.partition_of(key))]
    columns = ", ".join(f"{name} VARCHAR" for name in table.partitions)
    places = ", ".join("?" for _ in table.partitions)
    database.execute(f"CREATE TEMP TABLE parts (number INTEGER, {columns})")
    for number, (part, _, _) in enumerate(found):
        values = [number, *(part[one] for one in table.partitions)]
        database.execute(f"INSERT INTO parts VALUES (?, {places})", values)  # noqa: S608
    condition = exp.and_(*static).sql("duckdb") if static else "TRUE"
    kept = database.execute(f"SELECT number FROM parts WHERE {condition} ORDER BY number")  # noqa: S608
    return [found[number] for (number,) in kept.fetchall()]


def _conjuncts(statement: exp.Expr) -> Iterator[exp.Expr]:
    where = statement.args.get("where")
    if where is not None:
        yield from where.this.flatten() if isinstance(where.this, exp.And) else [where.this]


def _is_about(condition: exp.Expr, partitions: Sequence[str]) -> bool:
    columns = {one.name.lower() for one in condition.find_all(exp.Column)}
    return bool(columns) and columns <= set(partitions)


def _load(
    table: HiveTable, files: list[tuple[dict[str, str], str, bytes]], path: Path, database: Any
) -> None:
    with path.open("w", encoding="utf-8") as stream:
        for partition, key, content in files:
            for row in rows_of(table, partition, key, content):
                stream.write(json.dumps(row, ensure_ascii=False) + "\n")
    types = {name: kind.sql("duckdb") for name, kind in table.columns.items()}
    types |= dict.fromkeys(table.partitions, "VARCHAR")
    spelled = ", ".join(f"'{name}': '{kind}'" for name, kind in types.items())
    database.execute(f'CREATE SCHEMA IF NOT EXISTS "{table.database}"')
    database.execute(
        f'CREATE TABLE "{table.database}"."{table.name}" AS SELECT * FROM read_json('  # noqa: S608
        f"'{path}', format = 'newline_delimited', maximum_object_size = {2**28}, columns = {{{spelled}}})"
    )
    # A query reads the table and nothing else of this machine.
    database.execute("SET enable_external_access = false")


def _run(statement: exp.Expr, database: Any, scanned: int) -> Result:
    try:
        found = database.execute(statement.transform(_as_in_trino).sql("duckdb"))
        rows = found.fetchall()
    except duckdb.BinderException as error:
        raise FailedQuery(f"COLUMN_NOT_FOUND: {_first_line(error)}") from None
    except duckdb.Error as error:
        raise FailedQuery(f"GENERIC_USER_ERROR: {_first_line(error)}") from None
    names = tuple(one[0] for one in found.description)
    return Result(names, tuple(tuple(map(_text, row)) for row in rows), scanned)


def _as_in_trino(node: exp.Expr) -> exp.Expr:
    """What is no JSON has no members: DuckDB would stop at it."""
    if isinstance(node, exp.JSONExtractScalar) and not isinstance(node.parent, exp.If):
        valid = exp.Anonymous(this="json_valid", expressions=[node.this.copy()])
        return exp.Case(ifs=[exp.If(this=valid, true=node.copy())])
    return node


def _text(value: object) -> str | None:
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)
