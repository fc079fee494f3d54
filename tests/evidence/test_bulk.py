"""Many events alike: counted exactly, kept few, and what is special among them is kept."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evidence.bursts import MOST_CALLS, STRETCH, Bursts
from bot.evidence.keeping import MOST_ALIKE
from bot.evidence.objects import Distinct
from tests.evidence.records import BUCKET, CI_IP, LEAKED_KEY, START, Log, user
from tests.evidence.story import ask, collected

CI = user("ci-deploy", LEAKED_KEY, CI_IP, "aws-cli/2.31.0 Linux/6.1")


def many(count: int, objects: int = 700) -> Log:
    log = Log()
    for number in range(count):
        log.wait(seconds=1).object(CI, "GetObject", f"k{number % objects:05d}", size=10.0)
    return log


def test_the_first_are_kept_and_all_are_counted() -> None:
    found = collected(many(1500))
    assert (len(found.kept), found.aggregated) == (MOST_ALIKE, 1500 - MOST_ALIKE)
    assert [event.key for event in found.kept[:2]] == ["k00000", "k00001"]
    (tally,) = found.tallies.values()
    ((place, counts),) = tally.origins.items()
    assert (counts.events, counts.get_calls, counts.bytes_out, counts.distinct) == (1500, 1500, 15_000, 700)
    assert counts.outcomes == {("GetObject", "ok"): 1500}
    assert len(counts.objects) == 700
    assert found.objects.count([(next(iter(found.tallies)), place)]) == 700


def test_the_answer_says_all_of_it() -> None:
    (actor,) = ask(many(1500)).actors
    assert (actor.get_object_calls, actor.distinct_objects, actor.bytes_out) == (1500, 700, 15_000)
    assert len(actor.objects_read) == 700


def test_what_is_special_among_many_is_kept() -> None:
    log = many(MOST_ALIKE + 50)
    later = [
        log.object(CI, "GetObject", "home/.aws/credentials"),
        log.object(CI, "PutObject", "HOW_TO_DECRYPT.txt"),
        log.object(
            CI, "GetObject", "k", requestParameters={"bucketName": BUCKET, "key": "k", "versionId": "v1"}
        ),
        log.object(CI, "GetObject", "k", errorCode="AccessDenied"),
        log.object(CI.at("203.0.113.66"), "GetObject", "k"),
        log.bucket(CI, "PutBucketPolicy", bucketPolicy={}),
    ]
    kept = {event.event_id for event in collected(log).kept}
    assert {record["eventID"] for record in later} <= kept


def test_a_change_hidden_among_hundreds_of_its_like_is_kept() -> None:
    log = Log()
    for number in range(MOST_ALIKE * 2):
        log.wait(seconds=1).bucket(CI, "PutBucketPolicy", bucketPolicy={"number": number})
    assert len(collected(log).kept) == MOST_ALIKE * 2


def test_callers_are_told_apart_however_busy_one_of_them_is() -> None:
    log = many(MOST_ALIKE + 10)
    thief = CI.at("203.0.113.66", "Boto3/1.40.1 os/macos#24")
    for number in range(30):
        log.wait(seconds=1).object(thief, "GetObject", f"k{number:05d}")
    found = collected(log)
    assert sum(event.source_ip == "203.0.113.66" for event in found.kept) == 30
    places = list(found.tallies[CI.identity["arn"]].origins)
    assert found.objects.count((CI.identity["arn"], place) for place in places) == MOST_ALIKE + 10


def test_calls_that_issue_the_keys_in_question_are_kept_among_thousands() -> None:
    log = Log()
    for number in range(MOST_ALIKE + 20):
        log.wait(seconds=1).assume(CI, "worker", "x", f"ASIAWORKER{number:010d}")
    last = f"ASIAWORKER{MOST_ALIKE + 19:010d}"
    assert len(collected(log).minting) == MOST_ALIKE
    assert ask(log, keys=frozenset({last})).totals.events == MOST_ALIKE + 20


MOMENTS = st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 40)), max_size=60)


@given(MOMENTS)
def test_the_busiest_stretch_is_the_one_with_most_different_objects(calls: list[tuple[int, int]]) -> None:
    calls.sort()
    bursts: Bursts[str] = Bursts()
    for number, (second, key) in enumerate(calls):
        bursts.add("one", START + timedelta(seconds=second), f"k{key}", f"e{number}")
    windows = [{key for second, key in calls if end - STRETCH.seconds <= second <= end} for end, _ in calls]
    best = bursts.best()
    assert [one.objects for one in best.values()] == ([max(map(len, windows))] if calls else [])
    for burst in best.values():
        assert burst.last - burst.first <= STRETCH
        assert (len(burst.event_ids), burst.exact) == (burst.calls, True)


def test_of_a_stretch_with_too_many_calls_the_last_tell_at_least() -> None:
    bursts: Bursts[str] = Bursts()
    for number in range(MOST_CALLS * 3):
        bursts.add("one", START + timedelta(milliseconds=number), f"k{number}", f"e{number}")
    bursts.add("two", START + timedelta(hours=1), "k", "e")
    assert [(one.objects, one.exact) for one in bursts.best().values()] == [(MOST_CALLS, False), (1, True)]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.text(max_size=3)), max_size=50))
def test_distinct_texts_are_counted_over_any_choice_of_places(rows: list[tuple[int, int, str]]) -> None:
    counted = Distinct()
    for owner, tag, text in rows:
        counted.add(owner, tag, text)
    for chosen in ([], [(0, 0)], [(0, 0), (0, 1), (2, 3)], [(o, t) for o in range(4) for t in range(4)]):
        texts = {text for owner, tag, text in rows if (owner, tag) in chosen}
        assert counted.count(chosen) == len(texts)
        assert counted.first(chosen, 2) == sorted(texts, key=lambda text: text.encode("utf-8", "replace"))[:2]
    tagged = {tag: len({text for o, t, text in rows if (o, t) == (1, tag)}) for o, tag, _ in rows if o == 1}
    assert counted.tagged(1) == tagged


MILLIONS = """
import json, re, sys
from pathlib import Path
from bot.evidence.investigate import investigate
from bot.evidence.questions import Question
from bot.evidence.sources.base import Cost, Part, SourceCoverage
from tests.evidence.records import ACCOUNT, BUCKET, START, Log, session, timedelta

ALL, EACH = int(sys.argv[1]), 5_000
APP = session("payroll-app", "app-1", "ASIAPAYROLLAPP000001", "10.0.1.5", "Boto3/1.43.0 os/linux")

class Many:
    def coverage(self):
        return SourceCoverage("trail files", "made up", None, files=ALL // EACH)

    def cost(self, wanted):
        return Cost()

    def search(self, wanted, done):
        for part in range(ALL // EACH):
            if not done(str(part)) and (wanted.bucket or APP.key in wanted.keys):
                yield Part(str(part), self.records(part), records=EACH)

    def records(self, part):
        log = Log(now=START + timedelta(seconds=part))
        record = log.object(APP, "GetObject", "KEY", size=1000.0)
        text, own = json.dumps(record, separators=(",", ":")), record["eventID"]
        for number in range(part * EACH, (part + 1) * EACH):
            unique = f"{number * 2654435761 % 2**32:08x}-0000-4000-8000-{number:012x}"
            yield text.replace("KEY", f"payroll/{number % (ALL // 2):08d}.csv").replace(own, unique).encode()

(actor,) = investigate(Question(bucket=BUCKET, account_id=ACCOUNT), [Many()]).actors
# Not ru_maxrss: that survives exec, and would be the test run's own.
peak = int(re.search('VmHWM:\\\\s+(\\\\d+)', Path('/proc/self/status').read_text())[1]) // 1024
told = actor.get_object_calls, actor.distinct_objects, actor.bytes_out, len(actor.objects_read)
print(json.dumps([*told, peak]))
"""


def millions(count: int) -> list[int]:
    run = subprocess.run(
        [sys.executable, "-c", MILLIONS, str(count)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        check=True,
        text=True,
    )
    told: list[int] = json.loads(run.stdout)
    return told


@pytest.mark.proof
@pytest.mark.timeout(3600)
def test_two_million_reads_of_one_caller_are_counted_exactly_in_a_flat_memory() -> None:
    *few, small = millions(100_000)
    *many, large = millions(2_000_000)
    assert few == [100_000, 50_000, 100_000_000, 10_000]
    assert many == [2_000_000, 1_000_000, 2_000_000_000, 10_000]
    assert large < 150
    assert large - small < 40
