"""Athena through the gateway: what is refused, what is tried again, what a dry run holds back."""

from __future__ import annotations

import pytest

from bot.aws.access import AwsAccess
from bot.aws.athena import AthenaRefused, AthenaWorkgroup
from bot.aws.errors import DryRun
from tests.aws.account import ACCOUNT, Account
from tests.aws.watched import without
from tests.evidence.athena.stage import Stage, let_query
from tests.evidence.records import START, Log, user

TOKEN = "of a test, and more than thirty-two characters"


@pytest.fixture(scope="module")
def stage(account: Account) -> Stage:
    let_query(account)
    made = Stage.of(account).make_table()
    log = Log()
    for number in range(1_500):
        log.call(user("ann", "AKIAANN0000000000001", "203.0.113.7", "console"), "ec2", f"Describe{number}")
    made.lay(log.records, START)
    return made


def _select(stage: Stage, columns: str = "eventname", order: str = "ORDER BY eventtime, eventname") -> str:
    where = f"account = '{ACCOUNT}' AND region = 'us-east-1'"
    return f"SELECT {columns} FROM {stage.table.reference} WHERE {where} {order}"


def _ended(queries: AthenaWorkgroup, query: str) -> str:
    while queries.state(query).status in {"QUEUED", "RUNNING"}:
        pass
    return queries.state(query).status


def test_rows_come_page_by_page_without_the_header(stage: Stage) -> None:
    queries = stage.queries()
    query = queries.start(_select(stage, "eventname, errorcode"), (), TOKEN + "1")
    assert query
    assert _ended(queries, query) == "SUCCEEDED"
    rows = list(queries.rows(query))
    assert len(rows) == 1_500
    assert {row[0] for row in rows} == {f"Describe{number}" for number in range(1_500)}
    assert {row[1] for row in rows} == {None}


def test_one_token_begins_one_query(stage: Stage) -> None:
    first = stage.queries().start(_select(stage), (), TOKEN + "2")
    assert stage.queries().start(_select(stage), (), TOKEN + "2") == first


def test_a_refusal_is_a_sentence(stage: Stage) -> None:
    with pytest.raises(AthenaRefused, match=r"AWS refused athena:start_query_execution: .* \[InvalidRequest"):
        stage.queries().start("SELECT FROM WHERE", (), TOKEN + "3")
    with without(stage.account, "athena:GetQueryResults"):
        query = stage.queries().start(_select(stage), (), TOKEN + "2")
        assert query
        assert _ended(stage.queries(), query) == "SUCCEEDED"
        with pytest.raises(AthenaRefused, match="not authorized to perform: athena:GetQueryResults"):
            list(stage.queries().rows(query))


def test_a_failed_query_says_why(stage: Stage) -> None:
    queries = stage.queries()
    query = queries.start(_select(stage, "nosuch", ""), (), TOKEN + "4")
    assert query
    assert _ended(queries, query) == "FAILED"
    assert queries.state(query).reason.startswith("Athena could not carry the query out: COLUMN_NOT_FOUND")


@pytest.mark.proof
def test_too_many_queries_are_no_failure(stage: Stage) -> None:
    stage.account.fake.faults.throttle("athena", "StartQueryExecution", times=5)
    assert stage.queries().start(_select(stage), (), TOKEN + "5") is None
    assert stage.queries().start(_select(stage), (), TOKEN + "5")


def test_a_stopped_query_says_so_and_stopping_is_never_an_error(stage: Stage) -> None:
    queries = stage.queries()
    query = queries.start(_select(stage, "1 AS one", ""), (), TOKEN + "6")
    assert query
    queries.stop(query)
    queries.stop(query)
    queries.stop("nobody's")
    assert queries.state(query).reason == "the query was cancelled: Query cancelled by user"


def test_a_dry_run_makes_no_table_and_runs_queries(stage: Stage) -> None:
    settings = stage.account.settings.model_copy(update={"dry_run": True})
    queries = AthenaWorkgroup(AwsAccess(settings).reader(ACCOUNT), stage.workgroup)
    with pytest.raises(DryRun):
        queries.make("CREATE DATABASE other", TOKEN + "7")
    assert queries.start(_select(stage), (), TOKEN + "8")


def test_a_table_is_there_or_not(stage: Stage) -> None:
    assert stage.queries().has_table(stage.table.database, stage.table.name)
    assert not stage.queries().has_table(stage.table.database, "nosuch")
    with without(stage.account, "athena:GetTableMetadata"), pytest.raises(AthenaRefused):
        stage.queries().has_table(stage.table.database, stage.table.name)


def test_what_cannot_be_made_says_why(stage: Stage) -> None:
    with pytest.raises(AthenaRefused, match="already exists"):
        stage.queries().make("CREATE DATABASE s3incident", TOKEN + "9")


def test_results_go_where_the_settings_say(stage: Stage) -> None:
    queries = AthenaWorkgroup(stage.reader, "primary", output=f"s3://{stage.bucket}-results/own/")
    query = queries.start(_select(stage), (), TOKEN + "10")
    assert query
    assert _ended(queries, query) == "SUCCEEDED"
    listed = stage.account.client("s3").list_objects_v2(Bucket=f"{stage.bucket}-results", Prefix="own/")
    assert [one["Key"] for one in listed["Contents"]] == [f"own/{query}.csv"]
