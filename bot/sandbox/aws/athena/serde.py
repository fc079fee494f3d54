"""CloudTrail files as rows: what the CloudTrail input format and the JSON SerDe make of them.

Members are matched to columns whatever their case. A column of text gets scalars as text and everything else
as JSON; a structure gets nothing but its members. What is not there is NULL.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from sqlglot import exp

from bot.sandbox.aws.athena.catalog import FailedQuery, HiveTable

Row = dict[str, Any]
Reader = Callable[[Any], Any]


def rows_of(table: HiveTable, partition: Mapping[str, str], key: str, content: bytes) -> Iterator[Row]:
    """The rows of one file.

    Raises:
        FailedQuery: the file is damaged; Athena's query fails upon it.
    """
    columns = {name: _reader(kind) for name, kind in table.columns.items()}
    for record in _records(table, key, content):
        members = {name.lower(): value for name, value in record.items()}
        row = {name: read(members.get(name)) for name, read in columns.items()}
        yield {**row, **partition}


def _records(table: HiveTable, key: str, content: bytes) -> list[dict[str, Any]]:
    try:
        text = gzip.decompress(content) if key.endswith(".gz") else content
        records = json.loads(text.decode("utf-8", "replace"))["Records"]
    except (OSError, EOFError, zlib.error) as problem:
        raise FailedQuery(f"HIVE_CURSOR_ERROR: {problem}: s3://{table.bucket}/{key}") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        message = f"HIVE_BAD_DATA: Error parsing file: s3://{table.bucket}/{key}"
        raise FailedQuery(message) from None
    return [record for record in records if isinstance(record, dict)]


def _reader(kind: exp.DataType) -> Reader:
    """What makes of a value what the column's type has for it; NULL where it is of another kind."""
    if kind.is_type("struct"):
        return partial(_structure, {one.name.lower(): _reader(one.kind) for one in kind.expressions})
    if kind.is_type("array"):
        return partial(_array, _reader(kind.expressions[0]))
    if kind.is_type("map"):
        return _map
    return _text


def _structure(members: Mapping[str, Reader], value: Any) -> Row | None:
    if not isinstance(value, dict):
        return None
    given = {name.lower(): one for name, one in value.items()}
    return {name: read(given.get(name)) for name, read in members.items()}


def _array(read: Reader, value: Any) -> list[Any] | None:
    return [read(one) for one in value] if isinstance(value, list) else None


def _map(value: Any) -> Row | None:
    return {name: _text(one) for name, one in value.items()} if isinstance(value, dict) else None


def _text(value: Any) -> str | None:
    """Half a surrogate pair, which no database takes, becomes a mark."""
    if value is None:
        return None
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace").decode()
