"""Statements made once: writing one anew for each call costs more than running it."""

from __future__ import annotations

from typing import cast

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

from bot.store.types import Base, Tx


def dialect(tx: Tx) -> str:
    """`postgresql` or `sqlite`."""
    return tx.get_bind().dialect.name


def table(model: type[Base]) -> Table:
    """The table of a model, for statements that need no objects: those are several times faster."""
    return cast("Table", model.__table__)


def insert_into(name: str, model: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that can say what to do on a conflict, in the words of that dialect."""
    return postgresql.insert(table(model)) if name == "postgresql" else sqlite.insert(table(model))
