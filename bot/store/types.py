"""What every table shares: the declarative base, UTC times, JSON columns and the transaction's type."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, MetaData, String, TypeDecorator
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Session

#: One open transaction. Rooms above pass it along and never look inside.
Tx = Session

JsonObject = dict[str, Any]

# PostgreSQL takes no NUL, and half a surrogate pair is no UTF-8: both come in JSON that attackers write.
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")


def utcnow() -> datetime:
    """The present moment, with its zone: the one clock of the store and the rooms above it."""
    return datetime.now(UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC, stored with zone where the database can; refuses moments without one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is not None and value.tzinfo is None:
            raise ValueError(f"{value!r} has no timezone; the store keeps UTC moments only")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def storable(text: str) -> str:
    """The text with a replacement character for each one that no database can hold."""
    return _NO_TEXT.sub("\N{REPLACEMENT CHARACTER}", text)


def to_json(value: object) -> str:
    """JSON that both databases can hold, of whatever text."""
    text = json.dumps(value)
    # Emoji are escaped as such pairs too: a closer look does not harm them.
    return json.dumps(_all_storable(value)) if "\\u0000" in text or "\\ud" in text else text


def _all_storable(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {_all_storable(name): _all_storable(one) for name, one in value.items()}
    return [_all_storable(one) for one in value] if isinstance(value, (list, tuple)) else value


class Text(TypeDecorator[str]):
    """Text of any origin. See `storable`."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else storable(value)


class Base(DeclarativeBase):
    """All tables. Constraint names are fixed so that migrations can name them on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012
        str: Text,
        datetime: UtcDateTime,
        JsonObject: JSON,
        list[Any]: JSON,
    }
