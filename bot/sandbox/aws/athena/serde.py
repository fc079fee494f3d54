"""CloudTrail files as rows: what the CloudTrail input format and the JSON SerDe make of them.

Members are matched to columns whatever their case. A column of text gets scalars as text and everything else
as JSON; a structure gets nothing but its members. What is not there is NULL.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from sqlglot import exp

from bot.sandbox.aws.athena.catalog import FailedQuery, HiveTable

Row = dict[str, Any]


def rows_of(table: HiveTable, partition: Mapping[str, str], key: str, content: bytes) -> Iterator[Row]:
    """The rows of one file.

    Raises:
        FailedQuery: the file is damaged; Athena's query fails upon it.
    """
    for record in _records(table, key, content):
        members = {name.lower(): value for name, value in record.items()}
        row = {name: _typed(kind, members.get(name)) for name, kind in table.columns.items()}
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


def _typed(kind: exp.DataType, value: Any) -> Any:
    """The value as the column's type has it; NULL where it is of another kind."""
    if kind.is_type("struct"):
        return _structure(kind, value) if isinstance(value, dict) else None
    if kind.is_type("array"):
        return [_typed(kind.expressions[0], one) for one in value] if isinstance(value, list) else None
    if kind.is_type("map"):
        return {name: _text(one) for name, one in value.items()} if isinstance(value, dict) else None
    return _text(value)


def _structure(kind: exp.DataType, value: dict[str, Any]) -> Row:
    members = {name.lower(): one for name, one in value.items()}
    return {one.name.lower(): _typed(one.kind, members.get(one.name.lower())) for one in kind.expressions}


def _text(value: Any) -> str | None:
    """Half a surrogate pair, which no database takes, becomes a mark."""
    if value is None:
        return None
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace").decode()
