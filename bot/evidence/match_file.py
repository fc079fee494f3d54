"""The SQLite file of matches: for its owner alone, marked as ours, and named when it cannot be used."""

import json
import os
import sqlite3
from collections.abc import Iterable
from pathlib import Path

#: Stands in the file's header (`PRAGMA application_id`): no other program's database is taken for matches.
MARK = 0x73336D61
#: Of the tables and of how records are filed. A file of another version is not read.
VERSION = 2

TABLES = """
CREATE TABLE IF NOT EXISTS question (one INTEGER PRIMARY KEY CHECK (one = 1), asked TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS generations (n INTEGER PRIMARY KEY, wanted BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS parts (
    n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, final INTEGER NOT NULL,
    records INTEGER NOT NULL, size INTEGER NOT NULL, regions TEXT NOT NULL, problems TEXT NOT NULL, time TEXT,
    marks BLOB
);
CREATE INDEX IF NOT EXISTS pieces ON parts (name) WHERE name <> '';
CREATE TABLE IF NOT EXISTS done (
    part INTEGER, generation INTEGER, PRIMARY KEY (part, generation)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS records (
    id TEXT NOT NULL UNIQUE, time INTEGER NOT NULL, part INTEGER NOT NULL, line INTEGER NOT NULL,
    request TEXT, raw BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS holders ON records (part);
CREATE TABLE IF NOT EXISTS copies (
    id TEXT NOT NULL, part INTEGER NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (id, part)
) WITHOUT ROWID;
CREATE TEMP TABLE seen (id TEXT PRIMARY KEY, source INTEGER NOT NULL) WITHOUT ROWID;
"""

#: What makes all of it empty, and what takes a part out.
EMPTY = tuple(f"DELETE FROM {table}" for table in ("generations", "parts", "done", "records", "copies"))  # noqa: S608
REMOVE = (
    "DELETE FROM records WHERE part = ?",
    "DELETE FROM done WHERE part = ?",
    "DELETE FROM parts WHERE n = ?",
)

_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
#: What may go away again, and says nothing against the file.
_OUTSIDE = frozenset(
    {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}
)
_NOT_OURS = "it is no file of matches, or one of another version"


class UnusableError(OSError):
    """The file is damaged, of another version, or something else."""


class InUseError(Exception):
    """Another process has the file open: what it is doing may be waited for."""


def connect(path: Path | None) -> sqlite3.Connection:
    """The file, made where there is none; without a path one that goes with the connection.

    Raises UnusableError for a file of anything else, which is left as it is, InUseError, and OSError.
    """
    if path is None:
        return sqlite3.connect("", isolation_level=None)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    connection = sqlite3.connect(str(path), isolation_level=None, timeout=5)
    try:
        _check(connection)
    except sqlite3.DatabaseError as problem:
        connection.close()
        raise said(problem, path) from None
    except OSError as problem:
        connection.close()
        raise UnusableError(_sentence(path, problem)) from None
    # It holds live secrets, also where the file was there before.
    path.chmod(0o600)
    return connection


def said(problem: Exception, path: Path | None) -> Exception:
    """What to raise for what SQLite, or what was written in the file, is wrong with."""
    code = getattr(problem, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
    if code in _BUSY:
        return InUseError(f"the matches in {path} are in use by another investigation: {problem}")
    kind = OSError if code in _OUTSIDE else UnusableError
    return kind(_sentence(path, problem))


def listed(regions: Iterable[str]) -> str:
    """A set of Regions as one text."""
    return json.dumps(sorted(regions))


def storable(text: str) -> str:
    """Names of files need not be text; what SQLite stores must be."""
    return text.encode("utf-8", "backslashreplace").decode()


def set_aside(path: Path) -> Path:
    """Renames a file that cannot be used, so that a new one can be made; returns its new name."""
    aside = next(name for number in range(1, 1_000_000) if not (name := _aside(path, number)).exists())
    path.rename(aside)
    for rest in ("-wal", "-shm", "-journal"):
        path.with_name(path.name + rest).unlink(missing_ok=True)
    return aside


def _check(connection: sqlite3.Connection) -> None:
    (mark,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if (mark, version) == (0, 0) and not tables:
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute(f"PRAGMA application_id = {MARK}")
    elif mark != MARK or version not in (0, VERSION):
        raise OSError(_NOT_OURS)


def _sentence(path: Path | None, problem: Exception) -> str:
    return f"the matches in {path} cannot be used: {problem}"


def _aside(path: Path, number: int) -> Path:
    return path.with_name(f"{path.stem}.unusable-{number}{path.suffix}")
