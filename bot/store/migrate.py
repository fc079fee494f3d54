"""Bringing the database to the newest schema with Alembic, without an alembic.ini."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import OperationalError

from bot.resources import data_folder
from bot.store.database import Database


class UnreachableError(ConnectionError):
    """The database cannot be reached; the message names its URL without the password."""


def config(database: Database) -> Config:
    """The Alembic configuration; env.py takes the engine from its attributes."""
    alembic = Config()
    alembic.set_main_option("script_location", str(data_folder("migrations")))
    alembic.attributes["engine"] = database.engine
    return alembic


def upgrade(database: Database) -> None:
    """Runs every migration that is missing. Safe to run again, and by several processes in turn."""
    command.upgrade(config(database), "head")


def revision(database: Database) -> str | None:
    """The revision the database is at; None for an empty one. Raises UnreachableError."""
    try:
        with database.engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    except OperationalError as error:
        where = database.engine.url.render_as_string(hide_password=True)
        raise UnreachableError(f"{where}: {error.orig}") from None


def newest_revision(database: Database) -> str | None:
    return ScriptDirectory.from_config(config(database)).get_current_head()
