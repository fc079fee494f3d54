"""What is found is kept: killed at any moment, grown or changed, the answer is that of a fresh run."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.evidence import names
from bot.evidence.investigate import investigate
from bot.evidence.match_file import InUseError, UnusableError, set_aside
from bot.evidence.matches import Matches
from bot.evidence.questions import Question
from bot.evidence.scan.files import FileProblem
from bot.evidence.sources.base import Done, Part
from bot.evidence.sources.folder import LocalFolder
from bot.evidence.wanted import Wanted
from tests.evidence.records import ACCOUNT, BUCKET, LEAKED_KEY, SECOND_KEY, WINDOW, Record, leaked_key, write
from tests.evidence.story import Records, received

LEAKED = leaked_key().records
QUESTION = Question(bucket=BUCKET, account_id=ACCOUNT)
ALL = Wanted(bucket=BUCKET, names=names.TELLING)


def cut(records: Sequence[Record], count: int) -> dict[str, list[Record]]:
    """The records over so many files."""
    size = -(-len(records) // count)
    return {f"{number:02d}.json": list(records[number * size :][:size]) for number in range(count)}


def answer(source: Any, matches: Path | None = None, question: Question = QUESTION) -> dict[str, Any]:
    result = investigate(question, [source], matches=matches).to_json()
    for one in result["sources"]:
        one.pop("files"), one.pop("skipped")
    return result


class KilledError(Exception):
    """Stands for the end of the process."""


@dataclass
class Killed:
    """A source whose reader dies when so many parts were taken."""

    inner: Records
    left: int

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def search(self, wanted: Wanted, done: Done) -> Iterator[Part]:
        for part in self.inner.search(wanted, done):
            if self.left == 0:
                raise KilledError
            self.left -= 1
            yield part


FRESH = answer(Records(files=cut(LEAKED, 8)))


@given(after=st.integers(0, 16))
@settings(max_examples=17, deadline=None)
def test_interrupted_after_any_part_the_next_run_reads_the_rest_and_answers_the_same(
    after: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    matches = tmp_path_factory.mktemp("m") / "matches.sqlite"
    first, second = Records(files=cut(LEAKED, 8)), Records(files=cut(LEAKED, 8))
    try:
        answer(Killed(first, after), matches)
    except KilledError:
        first.read.pop()
    assert answer(second, matches) == FRESH
    assert len(first.read) + len(second.read) == 16  # eight files, in two passes


KILLED = """
import os, signal, sys
from pathlib import Path
from bot.evidence.investigate import investigate
from bot.evidence.questions import Question
from bot.evidence.sources.folder import LocalFolder

class Killed(LocalFolder):
    left = int(sys.argv[3])
    def search(self, wanted, done):
        for part in super().search(wanted, done):
            if not Killed.left:
                os.kill(os.getpid(), signal.SIGKILL)
            Killed.left -= 1
            yield part

question = Question(bucket=sys.argv[4], account_id=sys.argv[5])
investigate(question, [Killed(Path(sys.argv[1]))], matches=Path(sys.argv[2]))
"""


def test_killed_with_signal_9_at_any_part_it_goes_on_where_it_was(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    for number, records in enumerate(cut(LEAKED, 5).values()):
        write(logs, records, name=f"20261123T033{number}Z_x")
    fresh = answer(LocalFolder(logs))
    matches = tmp_path / "matches.sqlite"
    for after in (3, 0, 1, 4):
        arguments = [str(logs), str(matches), str(after), BUCKET, ACCOUNT]
        run = subprocess.run([sys.executable, "-c", KILLED, *arguments], check=False, timeout=60)
        assert run.returncode == -signal.SIGKILL
    assert answer(LocalFolder(logs), matches) == fresh


@given(count=st.integers(1, 7), last=st.integers(1, len(LEAKED)))
@settings(max_examples=12, deadline=None)
def test_a_grown_log_answers_like_a_fresh_one_and_old_files_are_read_for_new_keys_only(
    count: int, last: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    matches = tmp_path_factory.mktemp("m") / "matches.sqlite"
    files = cut(LEAKED, 8)
    answer(Records(files=dict(list(files.items())[:count])), matches)
    grown = Records(files={**files, "new.json": LEAKED[-last:]})
    fresh = Records(files=grown.files)
    assert answer(grown, matches) == answer(fresh)
    unchanged = Records(files=grown.files)
    assert answer(unchanged, matches) == answer(fresh)
    assert unchanged.read == []


def test_a_file_that_grew_replaces_what_it_was(tmp_path: Path) -> None:
    matches = tmp_path / "matches.sqlite"
    first, second = LEAKED[:70], LEAKED[60:]
    answer(Records(files={"a": first, "b": LEAKED[:50]}), matches)
    changed = Records(files={"a": second, "b": LEAKED[:50]})
    assert answer(changed, matches) == answer(Records(files=changed.files))


def test_a_file_that_was_deleted_is_missed_aloud_and_what_it_told_still_counts(tmp_path: Path) -> None:
    """Who deletes a log between two runs does not undo what was seen in it."""
    matches = tmp_path / "matches.sqlite"
    before = answer(Records(files=cut(LEAKED, 4)), matches)
    rest = dict(list(cut(LEAKED, 4).items())[:2])
    after = answer(Records(files=rest), matches)
    assert [actor["label"] for actor in after["actors"]] == [actor["label"] for actor in before["actors"]]
    assert after["timeline"] == before["timeline"]
    assert after["sources"][0]["problems"] == [
        "02.json, 03.json: read by an earlier run and no longer there; what was found in it still counts"
    ]
    assert "2 files could not be read" not in json.dumps(before)


def test_what_could_not_be_read_is_told_again_by_the_next_run(tmp_path: Path) -> None:
    matches = tmp_path / "matches.sqlite"
    source = Records(files=cut(LEAKED, 2), problems=[FileProblem("x", "cut short")])
    told = answer(source, matches)["sources"][0]["problems"]
    assert told == ["x: cut short", "x: cut short"]
    again = Records(files=cut(LEAKED, 2))
    assert answer(again, matches)["sources"][0]["problems"] == told
    assert again.read == []


def test_another_bucket_or_window_starts_anew_and_more_time_does_not(tmp_path: Path) -> None:
    matches = tmp_path / "matches.sqlite"

    def read(**change: Any) -> int:
        source = Records(files=cut(LEAKED, 2))
        asked = {"bucket": BUCKET, "account_id": ACCOUNT, "window": WINDOW} | change
        answer(source, matches, Question(**asked))
        return len(source.read)

    assert read() == 4
    assert read(window=(WINDOW[0], WINDOW[1] + timedelta(hours=1))) == 0
    assert read(window=(WINDOW[0] - timedelta(hours=1), WINDOW[1])) > 0
    assert read(bucket="acme-website") > 0


def filled(*parts: Part, wanted: Wanted = ALL, path: Path | None = None) -> Matches:
    matches = Matches.open(path, QUESTION)
    for values, generations in matches.searches(wanted):
        assert values == wanted
        for part in parts:
            matches.add(part, generations, 0)
    return matches


def part(name: str, *records: Record, **members: Any) -> Part:
    return Part(name, [received(one) for one in records], records=len(records), **members)


def test_duplicates_are_counted_within_a_part_and_between_parts() -> None:
    one, two = LEAKED[0], LEAKED[1]
    matches = filled(part("a", one, one, two), part("b", two, two), part("c", two))
    assert (matches.looked_through(), matches.duplicates()) == (6, 4)
    assert [event.event_id for event in matches.events(ALL)] == [one["eventID"], two["eventID"]]


def test_found_again_by_a_later_generation_in_the_same_part_is_no_duplicate() -> None:
    matches = filled(part("a", LEAKED[0]))
    for _, generations in matches.searches(ALL | Wanted(keys=frozenset({SECOND_KEY}))):
        matches.add(part("a", LEAKED[0]), generations, 0)
    assert (matches.looked_through(), matches.duplicates()) == (1, 0)


@given(st.permutations(["payroll/a", "payroll/b", "payroll/c"]))
def test_of_records_that_differ_under_one_id_the_order_decides_nothing(order: Sequence[str]) -> None:
    variants = [LEAKED[0] | {"requestParameters": {"bucketName": BUCKET, "key": key}} for key in order]
    matches = filled(*(part(str(number), one) for number, one in enumerate(variants)))
    (event,) = matches.events(ALL)
    assert event.key == "payroll/a"
    assert matches.duplicates() == 2


def test_a_part_that_may_still_grow_is_read_again_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "matches.sqlite"
    with Matches.open(path, QUESTION) as matches:
        for _, generations in matches.searches(ALL):
            matches.add(part("tail", LEAKED[0], final=False), generations, 0)
            assert not matches.done(generations, 0)("tail")
    with Matches.open(path, QUESTION) as matches:
        assert list(matches.events(ALL)) == []


def test_events_of_what_earlier_runs_looked_for_and_this_one_does_not_are_left_out() -> None:
    wide = ALL | Wanted(keys=frozenset({LEAKED_KEY}))
    matches = filled(part("a", *LEAKED), wanted=wide)
    assert len(list(matches.events(Wanted(keys=frozenset({SECOND_KEY}))))) == 4


def test_a_record_that_is_none_is_named() -> None:
    matches = filled(Part("a", [b'{"eventName":"x"}'], name="a.json"))
    (problem,) = matches.reading(0, Records().coverage()).problems
    assert str(problem) == "a.json: a record was left out: no eventTime and no eventSource"


def test_a_file_name_that_is_no_text_can_be_noted(tmp_path: Path) -> None:
    name = b"caf\xe9.json".decode("utf-8", "surrogateescape")
    source = Records(files={name: LEAKED})
    assert answer(source, tmp_path / "m") == answer(Records(files={name: LEAKED}))
    again = Records(files={name: LEAKED})
    answer(again, tmp_path / "m")
    assert again.read == []


def test_nobody_else_can_read_the_file(tmp_path: Path) -> None:
    path = tmp_path / "new" / "matches.sqlite"
    with Matches.open(path, QUESTION):
        modes = {one.name: one.stat().st_mode & 0o777 for one in path.parent.iterdir()}
    assert set(modes.values()) == {0o600}
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_file_that_is_something_else_or_in_use_is_refused_with_a_sentence(tmp_path: Path) -> None:
    other = tmp_path / "notes.txt"
    other.write_text("remember the milk" * 1000)
    with pytest.raises(UnusableError, match="cannot be used: file is not a database"):
        Matches.open(other, QUESTION)
    assert other.read_text() == "remember the milk" * 1000
    path = tmp_path / "matches.sqlite"
    with Matches.open(path, QUESTION):
        holder = sqlite3.connect(path, timeout=0)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            holder.execute("SELECT * FROM parts")
        holder.close()
        with pytest.raises(InUseError, match="in use by another investigation"):
            Matches.open(path, QUESTION)


def test_another_programs_database_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "accounts.sqlite"
    with closing(sqlite3.connect(path)) as theirs:
        theirs.execute("CREATE TABLE records (id TEXT)")
        theirs.execute("INSERT INTO records VALUES ('mine')")
        theirs.commit()
    before = path.read_bytes()
    with pytest.raises(UnusableError, match="no file of matches, or one of another version"):
        Matches.open(path, QUESTION)
    assert path.read_bytes() == before


def test_a_file_of_another_version_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "matches.sqlite"
    Matches.open(path, QUESTION).close()
    with closing(sqlite3.connect(path)) as newer:
        newer.execute("PRAGMA user_version = 999")
    with pytest.raises(UnusableError, match="another version"):
        Matches.open(path, QUESTION)


def test_a_file_that_was_there_before_is_closed_to_others(tmp_path: Path) -> None:
    path = tmp_path / "matches.sqlite"
    path.touch(mode=0o644)
    with Matches.open(path, QUESTION):
        assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE records SET raw = x'00'",
        "UPDATE records SET raw = 5",
        "UPDATE generations SET wanted = '{}x'",
    ],
)
def test_a_file_that_turns_out_to_be_damaged_is_named(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "matches.sqlite"
    source = Records(files=cut(LEAKED, 2))
    answer(source, path)
    with closing(sqlite3.connect(path)) as spoilt:
        spoilt.execute(damage)
        spoilt.commit()
    with pytest.raises(UnusableError, match=str(path)):
        answer(source, path)


def test_pages_that_were_overwritten_are_named(tmp_path: Path) -> None:
    path = tmp_path / "matches.sqlite"
    source = Records(files=cut(LEAKED, 2))
    answer(source, path)
    content = path.read_bytes()
    path.write_bytes(content[:20_000] + b"A" * (len(content) - 20_000))
    with pytest.raises(UnusableError, match="cannot be used: database disk image is malformed"):
        answer(source, path)


def test_set_aside_it_makes_room_for_a_new_one(tmp_path: Path) -> None:
    path = tmp_path / "matches.sqlite"
    for number in (1, 2):
        path.write_text("damaged")
        path.with_name("matches.sqlite-wal").write_text("rest")
        assert set_aside(path) == tmp_path / f"matches.unusable-{number}.sqlite"
        assert not path.with_name("matches.sqlite-wal").exists()
    Matches.open(path, QUESTION).close()


def test_rolled_back_when_a_part_cannot_be_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    matches = filled(part("a", LEAKED[0]), path=tmp_path / "matches.sqlite")

    def broken(*_: object, **__: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(matches, "_file", broken)
        with pytest.raises(OSError, match="disk full"):
            matches.add(part("b", LEAKED[1]), frozenset([1]), 0)
    assert matches.looked_through() == 1
    assert not matches.done(frozenset([1]), 0)("b")


def test_a_full_disk_is_said_and_leaves_what_was_noted(tmp_path: Path) -> None:
    path = tmp_path / "matches.sqlite"
    with Matches.open(path, QUESTION) as matches:
        for _, generations in matches.searches(ALL):
            matches.add(part("a", LEAKED[0]), generations, 0)
            matches._db.execute("PRAGMA max_page_count = 30")
            huge = Part("b", [received(LEAKED[1] | {"userAgent": "x" * 10_000_000})])
            with pytest.raises(OSError, match="cannot be written down: database or disk is full"):
                matches.add(huge, generations, 0)
            assert not matches.done(generations, 0)("b")
        assert [event.event_id for event in matches.events(ALL)] == [LEAKED[0]["eventID"]]


def test_wanted_reads_back_and_is_added_and_taken_away() -> None:
    some: Mapping[str, frozenset[str]] = {"keys": frozenset({"A", "B"}), "addresses": frozenset({"1.2.3.4"})}
    wanted = Wanted(bucket="b", **some)
    assert Wanted.from_json(wanted.to_json()) == wanted
    assert wanted - Wanted(bucket="b") == Wanted(**some)
    assert not wanted - wanted
    assert (wanted - Wanted(keys=frozenset({"A"}))) | Wanted(keys=frozenset({"A"})) == wanted
    assert wanted.meets(Wanted(keys=frozenset({"B", "C"})))
    assert not Wanted(**some).meets(Wanted(bucket="b", foremost=frozenset({"A"})))
    with pytest.raises(ValueError, match="one bucket"):
        _ = wanted | Wanted(bucket="c")
