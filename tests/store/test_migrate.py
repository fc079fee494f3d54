from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from bot.store import migrate
from bot.store.database import Database
from bot.store.schema import Base


def test_the_migrations_make_exactly_the_tables_the_code_declares(database: Database) -> None:
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_a_fresh_database_is_at_no_revision_and_upgrade_is_repeatable(tmp_path) -> None:
    database = Database(f"sqlite:///{tmp_path}/deep/folder/new.db")
    assert migrate.revision(database) is None
    migrate.upgrade(database)
    migrate.upgrade(database)
    assert migrate.revision(database) == migrate.newest_revision(database)
    database.close()
