"""The Athena source over the sandbox's Athena: its price, its progress, and what it does about failures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.evidence.investigate import investigate
from bot.evidence.matches import Matches
from bot.evidence.questions import Question
from bot.evidence.sources.base import Part
from bot.evidence.wanted import Wanted
from tests.aws.account import Account, running
from tests.aws.watched import without
from tests.evidence.athena.stage import Stage, let_query
from tests.evidence.records import START, Log, user

BUCKET = "acme-payroll"
WINDOW = (START - timedelta(hours=1), START + timedelta(days=2))
WANTED = Wanted(bucket=BUCKET)


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with running() as made:
        let_query(made)
        yield made


@pytest.fixture
def stage(account: Account) -> Stage:
    made = Stage.of(account).make_table()
    for day in range(3):
        made.lay(_reads(day, 5), START + timedelta(days=day), f"D{day}")
    return made


def _reads(day: int, number: int) -> list[dict[str, object]]:
    """Reads of one day's own: other days' event ids are others."""
    log = Log(now=START + timedelta(days=day))
    mallory = user("mallory", "AKIAMALLORY000000001", f"198.51.100.{day + 1}", "aws-cli/2")
    for one in range(number):
        log.wait(seconds=1).call(
            mallory, "s3", "GetObject", requestParameters={"bucketName": BUCKET, "key": f"{day}/{one}"}
        )
    return list(log.records)


def never(_: str) -> bool:
    return False


def found(parts: list[Part]) -> int:
    return sum(len(part.found) for part in parts)


def reasons(parts: list[Part]) -> list[str]:
    return [problem.reason for part in parts for problem in part.problems]


def test_the_price_is_known_before_and_told_after(stage: Stage) -> None:
    said: list[str] = []
    source = stage.athena(WINDOW, progress=said.append, dollars_per_tb=10.0)
    cost = source.cost(WANTED)
    assert cost.calls == 3
    assert cost.dollars == pytest.approx(3 * 10_000_000 / 10**12 * 10)  # each query is charged 10 MB at least
    parts = list(source.search(WANTED, never))
    assert found(parts) == 15
    covered = source.coverage()
    assert (covered.files, covered.calls, covered.complete) == (3, 3, True)
    assert covered.dollars == pytest.approx(cost.dollars, abs=1e-4)
    assert said[-1] == f"query 3 of 3: {parts[-1].size} bytes scanned"
    assert sum(part.size for part in parts) == cost.size
    assert sum(part.records for part in parts) == 15


def test_a_part_names_a_day_and_what_is_in_it(stage: Stage) -> None:
    first = [part.id for part in stage.athena(WINDOW).search(WANTED, never)]
    assert [part.id for part in stage.athena(WINDOW).search(Wanted(names=frozenset({"X"})), never)] == first
    stage.lay(_reads(7, 1), START + timedelta(days=1, minutes=5), "LATE")
    again = [part.id for part in stage.athena(WINDOW).search(WANTED, never)]
    assert [one == other for one, other in zip(first, again, strict=True)] == [True, False, True]


def test_a_second_run_queries_only_days_that_changed(stage: Stage, tmp_path: Path) -> None:
    question = Question(bucket=BUCKET, window=WINDOW)
    matches = tmp_path / "matches.sqlite"
    first = stage.athena(WINDOW)
    investigate(question, [first], matches=matches)
    unchanged = stage.athena(WINDOW)
    investigate(question, [unchanged], matches=matches)
    assert first.coverage().calls >= 3
    assert unchanged.coverage().calls == 0
    assert unchanged.coverage().files == 3
    stage.lay(_reads(9, 2), START + timedelta(days=2, minutes=5), "LATE")
    grown = stage.athena(WINDOW)
    result = investigate(question, [grown], matches=matches)
    assert grown.coverage().calls == first.coverage().calls / 3
    assert result.totals.unique_events == 17
    assert not any("no longer there" in problem for problem in result.sources[0].problems)


def test_a_killed_run_takes_its_queries_up_again(stage: Stage) -> None:
    killed = stage.athena(WINDOW).search(WANTED, never)
    next(killed)  # and it is never closed while the next run is at work: nobody stops its queries
    source = stage.athena(WINDOW)
    parts = list(source.search(WANTED, never))
    assert found(parts) == 15
    assert len(_results(stage)) == 3
    assert source.coverage().dollars == 0  # the killed run has paid
    killed.close()


def _results(stage: Stage) -> set[str]:
    """The answers of queries: those of statements that make something are empty."""
    listed = stage.account.client("s3").list_objects_v2(Bucket=f"{stage.bucket}-results")
    return {one["Key"] for one in listed.get("Contents", ()) if one["Size"] > 100}


def test_a_run_that_is_cancelled_stops_its_queries(stage: Stage) -> None:
    queries = stage.queries()
    stopped: list[str] = []
    queries.stop = stopped.append  # type: ignore[method-assign]
    searching = stage.athena(WINDOW, queries=queries).search(WANTED, never)
    next(searching)
    searching.close()
    assert len(stopped) == 3
    assert {stage.queries().state(one).status for one in stopped[1:]} <= {"QUEUED", "RUNNING"}


def test_stopped_queries_of_an_earlier_run_are_begun_anew(stage: Stage) -> None:
    searching = stage.athena(WINDOW).search(WANTED, never)
    next(searching)
    searching.close()
    parts = list(stage.athena(WINDOW).search(WANTED, never))
    assert found(parts) == 15
    assert reasons(parts) == []


def test_a_lost_result_of_an_earlier_run_is_made_anew(stage: Stage) -> None:
    """The same query is found by its token, but its answer is not there any more."""
    list(stage.athena(WINDOW).search(WANTED, never))
    for key in _results(stage):
        stage.account.client("s3").delete_object(Bucket=f"{stage.bucket}-results", Key=key)
    source = stage.athena(WINDOW)
    parts = list(source.search(WANTED, never))
    assert found(parts) == 15
    assert source.coverage().dollars == pytest.approx(3 * 10_000_000 / 10**12 * 5, abs=1e-4)


def test_a_damaged_file_costs_its_day_and_no_other(stage: Stage) -> None:
    stage.lay_bytes(b"\x1f\x8b\x08 not gzip", START + timedelta(days=1, minutes=5), "BAD")
    source = stage.athena(WINDOW)
    parts = list(source.search(WANTED, never))
    assert found(parts) == 10
    assert not source.coverage().complete
    (reason,) = reasons(parts)
    assert reason.startswith("was not read: Athena could not carry the query out: HIVE_CURSOR_ERROR")
    assert [part.final for part in parts] == [True, False, True]


def test_without_permission_every_day_says_so(stage: Stage) -> None:
    with without(stage.account, "athena:StartQueryExecution"):
        parts = list(stage.athena(WINDOW).search(WANTED, never))
    assert len(reasons(parts)) == 3
    assert all("AWS refused athena:start_query_execution" in reason for reason in reasons(parts))


def test_without_permission_to_read_the_files_it_says_which(stage: Stage) -> None:
    with without(stage.account, "s3:GetObject"):
        parts = list(stage.athena(WINDOW).search(WANTED, never))
    assert all("Permission denied on S3 path: s3://" in reason for reason in reasons(parts))
    assert len(reasons(parts)) == 3


def test_without_a_table_it_says_so(account: Account) -> None:
    stage = Stage.of(account)
    stage.lay(_reads(0, 1), START)
    (reason,) = reasons(list(stage.athena(WINDOW).search(WANTED, never)))
    assert "TABLE_NOT_FOUND" in reason


def test_the_workgroups_limit_is_explained(account: Account) -> None:
    stage = Stage.of(account, cutoff=10_000_000).make_table()
    stage.lay_bytes(bytes(10_000_001), START)
    (reason,) = reasons(list(stage.athena(WINDOW).search(WANTED, never)))
    assert reason.startswith(
        "was not read: Athena stopped the query because it scanned more than the workgroup"
    )


def test_when_athena_is_busy_it_waits(stage: Stage) -> None:
    queries, said, busy = stage.queries(), list[str](), [None] * 6
    given = queries.start
    queries.start = lambda *asked: busy.pop() if busy else given(*asked)  # type: ignore[method-assign]
    parts = list(stage.athena(WINDOW, queries=queries, progress=said.append).search(WANTED, never))
    assert found(parts) == 15
    assert "waiting until Athena takes another query" in said


def test_it_gives_up_when_athena_stays_busy(stage: Stage) -> None:
    queries = stage.queries()
    queries.start = lambda *_: None  # type: ignore[method-assign,assignment]
    parts = list(stage.athena(WINDOW, queries=queries).search(WANTED, never))
    assert {reason.split(": ", 1)[1] for reason in reasons(parts)} == {
        "Athena takes no more queries at present; try again later"
    }


def test_many_records_come_in_handfuls(account: Account, tmp_path: Path) -> None:
    stage = Stage.of(account).make_table()
    stage.lay(_reads(0, 1_300), START)
    question = Question(bucket=BUCKET, window=WINDOW)
    with Matches.open(None, question) as matches:
        for values, generations in matches.searches(WANTED):
            for part in stage.athena(WINDOW).search(values, matches.done(generations, 0)):
                assert len(part.found) <= 1_100
                matches.add(part, generations, 0)
        assert sum(1 for _ in matches.events(WANTED)) == 1_300
        assert matches.looked_through() == 1_300
        assert matches.gone() == []


def test_what_is_no_record_is_counted(account: Account) -> None:
    stage = Stage.of(account).make_table()
    stage.lay([*_reads(0, 2), {"eventName": "GetObject"}], START)
    (part,) = stage.athena(WINDOW).search(WANTED, never)
    assert (part.records, len(part.found)) == (3, 2)
    assert [str(problem.reason) for problem in part.problems] == [
        "1 of 3 records were left out (no time, no service or no name)"
    ]


def test_a_day_without_anything_wanted_still_shows_that_it_was_recorded(account: Account) -> None:
    stage = Stage.of(account).make_table()
    log = Log(now=START)
    log.call(user("ann", "AKIAANN0000000000001", "203.0.113.7", "console"), "ec2", "DescribeInstances")
    stage.lay(log.records, START)
    (part,) = stage.athena(WINDOW).search(WANTED, never)
    assert list(part.found) == []
    assert part.regions == {"us-east-1"}
    assert part.time == START


def test_no_value_is_in_the_text_of_a_query(stage: Stage) -> None:
    evil = "x' OR 1=1 --"
    list(stage.athena(WINDOW).search(Wanted(keys=frozenset({evil}), addresses=frozenset({evil})), never))
    client, results = stage.account.client("athena"), _results(stage)
    told = [
        client.get_query_execution(QueryExecutionId=Path(key).stem)["QueryExecution"]["Query"]
        for key in results
    ]
    assert len(told) == 3
    assert not any("OR 1=1" in one for one in told)
