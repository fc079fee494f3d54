"""The records found so far, and what was read to find them: a file that an investigation can be resumed from.

Each part of a source (a log file, a look-up) is noted together with its records in one transaction, so a
process may be killed at any moment: what is noted is whole, and the next run reads only the rest. Values to
look for come in generations; a part is done when it was read for all the generations in question.

This is SQLite through the standard library, and not one of the relational tables: log events are evidence
files, never rows of the incident database. The file holds records as received, with live secrets in them:
nobody but its owner can read it, and nothing of it is shown unredacted.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from functools import reduce
from itertools import islice
from operator import or_
from pathlib import Path

import msgspec

from bot.evidence.events import BadRecordError, Event, without_raw
from bot.evidence.filing import Filed, filed, read
from bot.evidence.match_file import EMPTY, REMOVE, TABLES, connect, listed, said, storable
from bot.evidence.questions import Question
from bot.evidence.scan.files import FileProblem
from bot.evidence.scan.marks import needles_of, rule_out
from bot.evidence.sources.base import Done, Part, Reading, SourceCoverage
from bot.evidence.wanted import Wanted

#: What SQLite keeps in memory, in KiB.
_CACHE = 8 * 1024

#: So many events are remembered from one pass to the next, of records of at most so many bytes each.
_MOST_KNOWN, _MOST_KNOWN_SIZE = 6_000, 4 * 1024

#: Records read again with one query; each has at most 1 MB (CloudTrail's limit), and few have a hundredth.
_TOGETHER = 64


class Matches:
    """Records by event id, the parts that held them, and the generations of what was looked for.

    For one process at a time. A record that was delivered more than once is held once; of two that differ
    under one id, the one that comes first in byte order, so that the order of reading plays no part. A part
    whose piece is there in a newer state goes, with the records that no other part holds; a piece that is no
    longer there at all stays, and is named in `gone`: who deletes a log does not undo what was seen in it.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path | None = None) -> None:
        self._db = connection
        self._path = path
        self._searched: set[int] = set()
        self._known: dict[str, Event] = {}
        self._seen: dict[str, int] = {}
        self._told, self._changed = 0, False
        #: Whether nothing was known when this run began, and how many new records it has found so far.
        self.began_empty = True
        self.added = 0

    @classmethod
    def open(cls, path: Path | None, question: Question) -> "Matches":
        """The matches in a file if they are for the question's bucket and start of time, else none yet.

        Without a path they live in a temporary file that goes with them. Raises UnusableError for a file that
        is damaged or something else, InUseError, and OSError; so does the end of its use as a context.
        """
        matches = cls(connect(path), path)
        try:
            matches._prepare(question, durable=path is not None)
        except sqlite3.DatabaseError as problem:
            matches.close()
            raise said(problem, path) from None
        return matches

    def close(self) -> None:
        """Ends the use of the file."""
        self._db.close()

    def __enter__(self) -> "Matches":
        return self

    def __exit__(self, _: object, problem: BaseException | None, __: object) -> None:
        self.close()
        if isinstance(problem, sqlite3.DatabaseError):
            raise said(problem, self._path) from None

    def searches(self, wanted: Wanted) -> Iterator[tuple[Wanted, frozenset[int]]]:
        """The searches still to be made in this run for all of `wanted`: values, and their generations.

        First for everything that earlier runs looked for, where only parts are left that they did not read;
        then for what nobody looked for yet, in all parts. Asking for the next one says that one was made.
        """
        known = self._generations()
        if earlier := {n: one for n, one in known.items() if n not in self._searched and one.meets(wanted)}:
            yield _union(earlier.values()), frozenset(earlier)
            self._searched.update(earlier)
        if fresh := wanted - _union(known.values()):
            row = self._db.execute("INSERT INTO generations (wanted) VALUES (?)", [fresh.to_json()])
            number = int(row.lastrowid or 0)
            yield fresh, frozenset([number])
            self._searched.add(number)

    def done(self, generations: frozenset[int], source: int) -> Done:
        """Whether a part was read for all these generations, or its marks rule out that they find anything
        there; and notes that this source has it.
        """
        query = (
            "SELECT n, count(done.generation), marks FROM parts LEFT JOIN done ON done.part = parts.n "
            "AND done.generation IN (SELECT value FROM json_each(?)) WHERE parts.id = ?"
        )
        asked = json.dumps(sorted(generations))
        known = self._generations()
        needles = needles_of(_union(known[number] for number in generations if number in known))

        def is_done(part: str) -> bool:
            number, count, marks = self._db.execute(query, [asked, storable(part)]).fetchone()
            if number is not None:
                self._see(part, source)
            if needles is not None and marks is not None and rule_out(marks, needles):
                return True
            return bool(count == len(generations))

        return is_done

    def add(self, part: Part, generations: frozenset[int], source: int) -> None:
        """Notes a part that was read for these generations, and its records."""
        self._see(part.id, source)
        records, problems = filed(part, events=len(self._known) < _MOST_KNOWN)
        with self._transaction():
            number = self._note(part, problems)
            self._file(records, number, line=part.log != "cloudtrail")
            if part.final:
                marks = ((number, generation) for generation in generations)
                self._db.executemany("INSERT OR IGNORE INTO done VALUES (?, ?)", marks)

    def events(self, wanted: Wanted) -> Iterator[Event]:
        """Every record that is wanted, in order of time and then of event id, however many there are."""
        all_wanted = self._all_wanted(wanted)
        for row, _ in self._in_order():
            event = self._read(row)
            if all_wanted or wanted.holds(event):
                yield event

    def bare_events(self, wanted: Wanted) -> Iterator[Event]:
        """The same without the records as received, for what stays in memory.

        Many are remembered from when they were found, and from one pass to the next.
        """
        all_wanted = self._all_wanted(wanted)
        return (event for event in self._bare() if all_wanted or wanted.holds(event))

    def new_events(self) -> Iterator[Event] | None:
        """The bare events that were found since this was last asked, in order of time.

        None where that is not all that is new: where something else became of those from before, or where
        they are of earlier runs too, of which not all is wanted.
        """
        since, self._told = self._told, self._newest()
        changed, self._changed = self._changed, False
        if changed or not self.began_empty:
            return None
        return self._bare(since)

    def tells_of_request(self, request: str) -> bool:
        """Whether a CloudTrail record has this request id."""
        self._db.execute(
            "CREATE INDEX IF NOT EXISTS by_request ON records (request) "
            "WHERE request IS NOT NULL AND line = 0"
        )
        query = "SELECT 1 FROM records WHERE request = ? AND line = 0 LIMIT 1"
        return self._db.execute(query, [request]).fetchone() is not None

    def looked_through(self) -> int:
        """Records in all parts, each part counted once, wanted or not."""
        (count,) = self._db.execute("SELECT coalesce(sum(records), 0) FROM parts").fetchone()
        return int(count)

    def duplicates(self) -> int:
        """How many found records were delivered again."""
        (count,) = self._db.execute(
            "SELECT coalesce(sum(copies.number - (copies.part = records.part)), 0) "
            "FROM copies JOIN records ON records.id = copies.id"
        ).fetchone()
        return int(count)

    def reading(self, source: int, coverage: SourceCoverage) -> Reading:
        """What came of one source, over this run and those before it."""
        query = (
            "SELECT records, size, regions, problems, time FROM parts JOIN seen USING (id) "
            "WHERE source = ? ORDER BY n"
        )
        rows = self._db.execute(query, [source]).fetchall()
        return Reading(
            coverage,
            tuple(FileProblem(**one) for row in rows for one in json.loads(row[3])),
            records=sum(row[0] for row in rows),
            size=sum(row[1] for row in rows),
            regions=frozenset(region for row in rows for region in json.loads(row[2])),
            times=tuple(datetime.fromisoformat(row[4]) for row in rows if row[4]),
        )

    def parts(self) -> Iterator[Part]:
        """Every part that was read, without its records, for the vault's manifest."""
        for id_, records, size in self._db.execute("SELECT id, records, size FROM parts ORDER BY id"):
            yield Part(id_, records=records, size=size)

    def looked_for(self) -> list[str]:
        """The digests of everything that was looked for, for the vault's manifest."""
        return sorted(wanted.digest for wanted in self._generations().values())

    def gone(self) -> list[str]:
        """Pieces that an earlier run read and that no source has any more."""
        query = "SELECT name FROM parts WHERE name <> '' AND id NOT IN (SELECT id FROM seen) ORDER BY name"
        return [name for (name,) in self._db.execute(query)]

    def _prepare(self, question: Question, *, durable: bool) -> None:
        self._db.execute(f"PRAGMA cache_size = -{_CACHE}")
        self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._db.execute(f"PRAGMA journal_mode = {'WAL' if durable else 'MEMORY'}")
        self._db.execute(f"PRAGMA synchronous = {'NORMAL' if durable else 'OFF'}")
        self._db.executescript(TABLES)
        if not durable:
            # What goes with the process needs no checkpoints: one transaction, which nobody ends.
            self._db.execute("BEGIN IMMEDIATE")
        with self._transaction():
            self._begin(question)

    def _begin(self, question: Question) -> None:
        """Another bucket or start makes the content useless; a later end does not."""
        start, end = question.span or (None, None)
        asked = [question.bucket, start.isoformat() if start else "", end.isoformat() if end else "~"]
        row = self._db.execute("SELECT asked FROM question").fetchone()
        former = json.loads(row[0]) if row else asked
        if former[:2] != asked[:2] or former[2] > asked[2]:
            for statement in EMPTY:
                self._db.execute(statement)
        self._db.execute("INSERT OR REPLACE INTO question VALUES (1, ?)", [json.dumps(asked)])
        for (part,) in self._db.execute("SELECT n FROM parts WHERE NOT final").fetchall():
            self._forget(part)
        self.began_empty = self._db.execute("SELECT 1 FROM generations").fetchone() is None

    def _all_wanted(self, wanted: Wanted) -> bool:
        """Whether nothing else was ever looked for."""
        return not _union(self._generations().values()) - wanted

    def _bare(self, since: int = 0) -> Iterator[Event]:
        """Every event of a row after this one, in order of time."""
        rows = self._in_order(since)
        while some := list(islice(rows, _TOGETHER)):
            unknown = [row for row, id_ in some if id_ not in self._known]
            read_now = self._read_all(unknown) if unknown else {}
            for row, id_ in some:
                yield self._known.get(id_) or read_now[row]

    def _read_all(self, rows: Sequence[int]) -> dict[int, Event]:
        """The bare events of some rows; as many of them are remembered as there is room for."""
        query = "SELECT rowid, id, line, raw FROM records WHERE rowid IN (SELECT value FROM json_each(?))"
        events: dict[int, Event] = {}
        for row, id_, line, raw in self._db.execute(query, [json.dumps(rows)]):
            events[row] = without_raw(_again(raw, line=bool(line)))
            self._remember(id_, events[row], len(raw))
        return events

    def _in_order(self, since: int = 0) -> Iterator[tuple[int, str]]:
        """Row and event id of every record after a row, in order of time."""
        if since:
            query = "SELECT rowid, id FROM records WHERE rowid > ? ORDER BY time, id"
            return self._db.execute(query, [since])
        # The index alone tells them.
        self._db.execute("CREATE INDEX IF NOT EXISTS by_time ON records (time, id)")
        return self._db.execute("SELECT rowid, id FROM records ORDER BY time, id")

    def _newest(self) -> int:
        (row,) = self._db.execute("SELECT coalesce(max(rowid), 0) FROM records").fetchone()
        return int(row)

    def _read(self, row: int) -> Event:
        line, raw = self._db.execute("SELECT line, raw FROM records WHERE rowid = ?", [row]).fetchone()
        return _again(raw, line=bool(line))

    def _remember(self, id_: str, event: Event, size: int) -> None:
        if len(self._known) < _MOST_KNOWN and size <= _MOST_KNOWN_SIZE:
            self._known[id_] = event

    def _generations(self) -> dict[int, Wanted]:
        rows = self._db.execute("SELECT n, wanted FROM generations").fetchall()
        try:
            return {n: Wanted.from_json(text) for n, text in rows}
        except (msgspec.DecodeError, TypeError) as problem:
            raise sqlite3.DatabaseError(f"what was looked for cannot be read: {problem}") from None

    def _see(self, part: str, source: int) -> None:
        if self._seen.get(part) == source:
            return
        self._seen[part] = source
        self._db.execute("INSERT OR REPLACE INTO seen VALUES (?, ?)", [storable(part), source])

    def _note(self, part: Part, problems: Sequence[FileProblem]) -> int:
        """The part's number; new, or added to what was noted when it was read for other generations."""
        name, part_id = storable(part.name), storable(part.id)
        query = "SELECT n FROM parts WHERE name = ? AND name <> '' AND id <> ?"
        for (former,) in self._db.execute(query, [name, part_id]).fetchall():
            self._forget(former)
        told = [asdict(one) for one in problems]
        row = self._db.execute("SELECT n, problems, regions FROM parts WHERE id = ?", [part_id]).fetchone()
        if row:
            before = json.loads(row[1])
            told = [*before, *(one for one in told if one not in before)]
            values = [json.dumps(told), listed(part.regions.union(json.loads(row[2]))), row[0]]
            self._db.execute("UPDATE parts SET problems = ?, regions = ? WHERE n = ?", values)
            return int(row[0])
        texts = part_id, name, listed(part.regions), json.dumps(told), part.time and part.time.isoformat()
        numbers = part.final, part.records, part.size, part.marks if part.final else None
        new = self._db.execute(
            "INSERT INTO parts (id, name, regions, problems, time, final, records, size, marks) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [*texts, *numbers],
        )
        return int(new.lastrowid or 0)

    def _file(self, records: Sequence[Filed], part: int, *, line: bool) -> None:
        before = self._db.total_changes
        self._db.executemany(
            "INSERT OR IGNORE INTO records (id, time, part, line, request, raw) VALUES (?, ?, ?, ?, ?, ?)",
            ((one.id, one.time, part, line, one.request, one.raw) for one in records),
        )
        new = self._db.total_changes - before
        self.added += new
        if new < len(records):
            self._file_again(records, part)
            return
        for one in records:
            if one.event is not None:
                self._remember(one.id, one.event, len(one.raw))

    def _file_again(self, records: Sequence[Filed], part: int) -> None:
        """Some are there already: from another part, from this part twice, or from an earlier generation."""
        counts = Counter(one.id for one in records)
        for one in records:
            holder, held = self._db.execute("SELECT part, raw FROM records WHERE id = ?", [one.id]).fetchone()
            if one.raw < held:
                self._changed = True
                self._known.pop(one.id, None)
                values = [one.time, one.request, one.raw, one.id]
                self._db.execute("UPDATE records SET time = ?, request = ?, raw = ? WHERE id = ?", values)
            if holder != part or counts[one.id] > 1:
                self._db.execute(
                    "INSERT INTO copies VALUES (?, ?, ?) "
                    "ON CONFLICT DO UPDATE SET number = max(number, excluded.number)",
                    [one.id, part, counts[one.id]],
                )

    def _forget(self, part: int) -> None:
        """Takes a part out; a record stays where another part holds it too."""
        self._changed = True
        self._known.clear()
        self._db.execute("DELETE FROM copies WHERE part = ?", [part])
        self._db.execute(
            "UPDATE records SET part = coalesce("
            "(SELECT min(copies.part) FROM copies WHERE copies.id = records.id), part) WHERE part = ?",
            [part],
        )
        for statement in REMOVE:
            self._db.execute(statement, [part])

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All or nothing, and then for good; part of the one that is under way, where that is never ended."""
        whole = not self._db.in_transaction
        try:
            if whole:
                self._db.execute("BEGIN IMMEDIATE")
            yield
            if whole:
                self._db.execute("COMMIT")
        except BaseException as problem:
            # SQLite may have rolled back by itself, when the disk was full.
            if whole and self._db.in_transaction:
                self._db.execute("ROLLBACK")
            if isinstance(problem, sqlite3.DatabaseError):
                raise OSError(f"what was found cannot be written down: {problem}") from None
            raise


def _again(raw: bytes, *, line: bool) -> Event:
    """A record that was an event when it was filed: if it is none now, the file is damaged."""
    try:
        return read(raw, line=line)
    except (BadRecordError, TypeError) as problem:
        raise sqlite3.DatabaseError(f"a record in it is damaged: {problem}") from None


def _union(many: Iterable[Wanted]) -> Wanted:
    return reduce(or_, many, Wanted())
