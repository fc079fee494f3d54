import gzip
import hashlib
import json
import os
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.evidence.scan.files import event_in
from bot.evidence.scan.problems import FileProblem
from bot.evidence.sources.base import Done, Part, Source
from bot.evidence.sources.folder import LocalFolder
from bot.evidence.sources.trail_prefix import TrailPrefix, day_prefixes
from bot.evidence.wanted import Wanted
from tests.evidence.records import (
    ATTACKER_IP,
    BUCKET,
    LEAKED_KEY,
    WINDOW,
    Log,
    Record,
    user,
    write,
)

THIEF = user("ci-deploy", LEAKED_KEY, ATTACKER_IP, "Boto3/1.40.1")


EVERYTHING = Wanted(BUCKET)


def parts(source: Source, done: Done = lambda _: False) -> list[Part]:
    return list(source.search(EVERYTHING, done))


def keys_of(source: Source) -> list[str | None]:
    return [event_in(raw).key for part in parts(source) for raw in part.found]


def problems_of(source: Source) -> list[FileProblem]:
    return [problem for part in parts(source) for problem in part.problems]


def reads(*keys: str) -> list[Record]:
    log = Log()
    return [log.object(THIEF, "GetObject", key) for key in keys]


class TestLocalFolder:
    def test_reads_the_good_and_names_the_bad(self, tmp_path: Path) -> None:
        write(tmp_path, reads("a"), name="20261123T0205Z_a")
        damaged = write(tmp_path, reads("b"), name="20261123T0206Z_b")
        damaged.write_bytes(damaged.read_bytes()[:-10])
        write(tmp_path, reads("c"), name="20261123T0207Z_c", packed=False)
        (tmp_path / "notes.txt").write_text("remember the milk")
        source = LocalFolder(tmp_path)
        assert keys_of(source) == ["a", "c"]
        (problem,) = problems_of(source)
        assert problem.path.endswith("20261123T0206Z_b.json.gz")
        assert str(problem).endswith("the gzip data is cut short; the file was skipped")
        assert (source.coverage().files, source.coverage().skipped) == (2, 1)

    def test_a_second_reading_is_the_same(self, tmp_path: Path) -> None:
        write(tmp_path, reads("a", "b"))
        (tmp_path / "x.json").write_text("{")
        source = LocalFolder(tmp_path)
        first = keys_of(source)
        assert (keys_of(source), len(problems_of(source)), source.coverage().files) == (first, 1, 1)

    def test_files_far_from_the_window_are_not_opened(self, tmp_path: Path) -> None:
        inside = write(tmp_path, reads("a"), name="20261123T0205Z_a")
        for name in ("20261101T0205Z_b", "20261123T0416Z_c"):
            write(tmp_path, reads("b"), name=name).write_bytes(b"never read")
        source = LocalFolder(tmp_path, WINDOW)
        assert keys_of(source) == ["a"]
        assert problems_of(source) == []
        assert source.coverage().skipped == 2
        assert inside.exists()

    def test_files_before_the_window_are_read_for_the_origin_of_sessions(self, tmp_path: Path) -> None:
        write(tmp_path, reads("a"), name="20261122T1205Z_a")
        assert keys_of(LocalFolder(tmp_path, WINDOW)) == ["a"]

    def test_progress_counts_files(self, tmp_path: Path) -> None:
        write(tmp_path, reads("a"), name="20261123T0205Z_a")
        write(tmp_path, reads("b"), name="20261123T0206Z_b")
        told: list[str] = []
        parts(LocalFolder(tmp_path, progress=told.append))
        assert told == ["1 of 2 files", "2 of 2 files"]


class Bucket:
    """A trail bucket in memory."""

    def __init__(self, objects: dict[str, bytes]) -> None:
        self.objects = objects
        self.listed: list[str] = []
        self.fetched: list[str] = []
        self.lock = threading.Lock()

    def entries(self, prefix: str) -> Iterator[tuple[str, int, str]]:
        self.listed.append(prefix)
        for key, data in sorted(self.objects.items()):
            if key.startswith(prefix):
                yield key, len(data), hashlib.md5(data).hexdigest()

    def fetch(self, key: str) -> bytes:
        with self.lock:
            self.fetched.append(key)
        if not self.objects[key]:
            raise OSError("AccessDenied")
        return self.objects[key]


PREFIX = "AWSLogs/111122223333/CloudTrail/us-east-1/"


def trail_key(name: str, day: str = "2026/11/23") -> str:
    return f"{PREFIX}{day}/111122223333_CloudTrail_us-east-1_{name}.json.gz"


def packed(*keys: str) -> bytes:
    return gzip.compress(json.dumps({"Records": reads(*keys)}).encode())


class TestTrailPrefix:
    def source(self, bucket: Bucket, cache: Path) -> TrailPrefix:
        return TrailPrefix(bucket, [PREFIX], WINDOW, cache)

    def test_only_the_days_of_the_window_and_the_next_are_listed(self, tmp_path: Path) -> None:
        bucket = Bucket({})
        assert keys_of(self.source(bucket, tmp_path)) == []
        assert bucket.listed == [f"{PREFIX}2026/11/23/", f"{PREFIX}2026/11/24/"]

    def test_reads_in_order_what_was_delivered_up_to_15_minutes_after(self, tmp_path: Path) -> None:
        objects = {trail_key(f"20261123T02{minute:02d}Z_x"): packed(f"{minute}") for minute in range(40)}
        objects[trail_key("20261123T0414Z_late")] = packed("late")
        objects[trail_key("20261123T0416Z_later")] = packed("later")
        source = self.source(Bucket(objects), tmp_path)
        assert keys_of(source) == [*(f"{minute}" for minute in range(40)), "late"]
        assert (source.coverage().files, source.coverage().skipped) == (41, 1)
        assert source.coverage().regions == ("us-east-1",)

    def test_a_second_run_fetches_only_what_is_new(self, tmp_path: Path) -> None:
        bucket = Bucket({trail_key("20261123T0205Z_a"): packed("a")})
        assert keys_of(self.source(bucket, tmp_path)) == ["a"]
        new = trail_key("20261123T0210Z_b")
        bucket.objects[new] = packed("b")
        assert keys_of(self.source(bucket, tmp_path)) == ["a", "b"]
        assert bucket.fetched.count(new) == 1
        assert len(bucket.fetched) == 2

    def test_what_cannot_be_fetched_or_read_is_named_and_the_rest_is_read(self, tmp_path: Path) -> None:
        refused, damaged = trail_key("20261123T0205Z_a"), trail_key("20261123T0206Z_b")
        objects = {refused: b"", damaged: b"\x1f\x8bno", trail_key("20261123T0207Z_c"): packed("c")}
        source = self.source(Bucket(objects), tmp_path)
        assert keys_of(source) == ["c"]
        second, first = problems_of(source)
        assert str(first) == f"{refused}: could not be fetched: AccessDenied"
        assert second.path == damaged

    def test_a_hostile_key_stays_inside_the_cache(self, tmp_path: Path) -> None:
        key = f"{PREFIX}2026/11/23/../../../../../../../../tmp/x.json.gz"
        source = self.source(Bucket({key: packed("a")}), tmp_path / "cache")
        assert keys_of(source) == ["a"]
        assert [path.parent for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / "cache"]

    def test_an_object_larger_than_any_trail_file_is_named_and_not_fetched(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("bot.evidence.sources.trail_prefix.MOST_PACKED", 1000)
        huge, good = trail_key("20261123T0205Z_a"), trail_key("20261123T0206Z_b")
        bucket = Bucket({huge: b"x" * 1001, good: packed("b")})
        source = self.source(bucket, tmp_path)
        assert keys_of(source) == ["b"]
        assert bucket.fetched == [good]
        assert "1,001 bytes" in str(problems_of(source)[0])

    def test_two_investigations_at_once_do_not_disturb_each_other(self, tmp_path: Path) -> None:
        """Both fetch the same object into the same cache, and the first is slow to write it down."""
        key = trail_key("20261123T0205Z_a")
        inner = Bucket({key: packed("a")})

        class Slow(Bucket):
            def fetch(self, key: str) -> bytes:
                assert keys_of(TrailPrefix(inner, [PREFIX], WINDOW, tmp_path)) == ["a"]
                assert list(tmp_path.glob("*.part")) == []
                return super().fetch(key)

        assert keys_of(self.source(Slow(inner.objects), tmp_path)) == ["a"]

    def test_unfinished_files_of_two_writers_are_two(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        key = trail_key("20261123T0205Z_a")
        bucket = Bucket({key: packed("a")})
        replace, raced = Path.replace, []

        def other_first(self: Path, target: Path) -> Path:
            if not raced:
                raced.append(self)
                assert keys_of(TrailPrefix(bucket, [PREFIX], WINDOW, tmp_path)) == ["a"]
            return replace(self, target)

        monkeypatch.setattr(Path, "replace", other_first)
        source = self.source(bucket, tmp_path)
        assert keys_of(source) == ["a"]
        assert problems_of(source) == []

    def test_the_cache_forgets_what_nobody_asked_for_in_a_week(self, tmp_path: Path) -> None:
        old, used = trail_key("20261123T0205Z_a"), trail_key("20261123T0206Z_b")
        both = Bucket({old: packed("a"), used: packed("b")})
        assert keys_of(self.source(both, tmp_path)) == ["a", "b"]
        last_week = time.time() - 8 * 24 * 3600
        for file in tmp_path.iterdir():
            os.utime(file, (last_week, last_week))
        del both.objects[old]
        assert keys_of(self.source(both, tmp_path)) == ["b"]
        assert len(list(tmp_path.iterdir())) == 1

    def test_nobody_else_on_the_machine_can_read_the_cache(self, tmp_path: Path) -> None:
        assert keys_of(self.source(Bucket({trail_key("20261123T0205Z_a"): packed("a")}), tmp_path / "c")) == [
            "a"
        ]
        [file] = (tmp_path / "c").iterdir()
        assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_window_over_new_year() -> None:
    window = (datetime(2026, 12, 31, 23, tzinfo=UTC), datetime(2027, 1, 1, 1, tzinfo=UTC))
    assert list(day_prefixes(["p"], window)) == ["p/2026/12/31/", "p/2027/01/01/", "p/2027/01/02/"]
