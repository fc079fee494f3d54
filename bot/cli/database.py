"""The database, for commands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bot.cli.incident_name import refuse
from bot.config import Settings
from bot.store import migrate
from bot.store.database import Database

UNREACHABLE = "The database cannot be reached: {error}. DATABASE_URL says where it is."
NOT_OURS = (
    "The database {url} does not have the tables of this version. Run `s3incident db upgrade`, or let "
    "DATABASE_URL (or the working folder, for SQLite) name the bot's own."
)


@contextmanager
def database_or_exit(settings: Settings) -> Iterator[Database]:
    """The database with the newest schema, or exit code 2 with what is wrong with it."""
    database = Database(settings.database_url)
    try:
        if migrate.revision(database) != migrate.newest_revision(database):
            refuse(NOT_OURS.format(url=database.engine.url.render_as_string(hide_password=True)))
        yield database
    except migrate.UnreachableError as error:
        refuse(UNREACHABLE.format(error=error))
    finally:
        database.close()
