"""The sandbox's Athena says no as AWS does, and really runs what it takes."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.aws.account import Account, running

TABLE = """
CREATE EXTERNAL TABLE IF NOT EXISTS `logs`.`trail` (
  eventname STRING, eventid STRING, requestparameters STRING, readonly STRING,
  useridentity STRUCT<arn: STRING, sessioncontext: STRUCT<sourceidentity: STRING>>,
  resources ARRAY<STRUCT<arn: STRING>>
)
PARTITIONED BY (account STRING, day STRING)
ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe'
STORED AS INPUTFORMAT 'com.amazon.emr.cloudtrail.CloudTrailInputFormat'
OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
LOCATION 's3://lake/AWSLogs/'
TBLPROPERTIES (
  'projection.enabled' = 'true', 'projection.account.type' = 'injected', 'projection.day.type' = 'date',
  'projection.day.format' = 'yyyy/MM/dd', 'projection.day.range' = '2020/01/01,NOW',
  'storage.location.template' = 's3://lake/AWSLogs/${account}/CloudTrail/us-east-1/${day}'
)"""
RECORDS = [
    {
        "eventName": "GetObject",
        "eventID": "1",
        "requestParameters": {"bucketName": "it's", "n": 717.0},
        "readOnly": True,
        "userIdentity": {"ARN": "arn:1", "sessionContext": {"sourceIdentity": "ann"}},
        "resources": [{"ARN": "arn:aws:s3:::it's", "other": 1}],
    },
    {"eventName": "PutObject", "eventID": "2", "requestParameters": "no JSON", "userIdentity": None},
]


@dataclass
class Lake:
    account: Account
    client: Any

    def start(self, sql: str, *parameters: str, **more: Any) -> str:
        given = {"ExecutionParameters": list(parameters)} if parameters else {}
        output = {"OutputLocation": "s3://answers/"}
        asked = {"QueryString": sql, "ResultConfiguration": output, **given, **more}
        return str(self.client.start_query_execution(**asked)["QueryExecutionId"])

    def end(self, query: str) -> dict[str, Any]:
        while True:
            found = self.client.get_query_execution(QueryExecutionId=query)["QueryExecution"]
            if found["Status"]["State"] not in {"QUEUED", "RUNNING"}:
                return dict(found)

    def rows(self, sql: str, *parameters: str) -> list[list[str | None]]:
        query = self.start(sql, *parameters)
        status = self.end(query)["Status"]
        assert status["State"] == "SUCCEEDED", status
        rows = self.client.get_query_results(QueryExecutionId=query)["ResultSet"]["Rows"]
        return [[one.get("VarCharValue") for one in row["Data"]] for row in rows[1:]]

    def failure(self, sql: str, *parameters: str) -> str:
        return str(self.end(self.start(sql, *parameters))["Status"]["StateChangeReason"])

    def refusal(self, sql: str, *parameters: str, **more: Any) -> str:
        with pytest.raises(ClientError) as caught:
            self.start(sql, *parameters, **more)
        assert caught.value.response["Error"]["Code"] == "InvalidRequestException"
        return str(caught.value.response["Error"]["Message"])


@pytest.fixture(scope="module")
def lake() -> Iterator[Lake]:
    with running() as account:
        s3 = account.client("s3")
        for bucket in ("lake", "answers"):
            s3.create_bucket(Bucket=bucket)
        for number, day in enumerate(("2026/11/20", "2026/11/21")):
            body = gzip.compress(json.dumps({"Records": [RECORDS[number]]}).encode())
            s3.put_object(
                Bucket="lake", Key=f"AWSLogs/111122223333/CloudTrail/us-east-1/{day}/f.json.gz", Body=body
            )
        s3.put_object(Bucket="lake", Key="AWSLogs/111122223333/CloudTrail-Digest/x.json.gz", Body=b"other")
        made = Lake(account, account.client("athena"))
        assert made.end(made.start("CREATE DATABASE IF NOT EXISTS logs"))["Status"]["State"] == "SUCCEEDED"
        assert made.end(made.start(TABLE))["Status"]["State"] == "SUCCEEDED"
        yield made


MINE = "account = '111122223333'"


def test_columns_are_what_the_serde_makes_of_members(lake: Lake) -> None:
    (row,) = lake.rows(
        "SELECT requestparameters, readonly, useridentity.arn, useridentity.sessioncontext.sourceidentity, "
        f"resources[1].arn, day FROM logs.trail WHERE {MINE} AND eventname = ?",
        "'GetObject'",
    )
    assert row == [
        '{"bucketName":"it\'s","n":717.0}',
        "true",
        "arn:1",
        "ann",
        "arn:aws:s3:::it's",
        "2026/11/20",
    ]


def test_what_is_not_there_is_null_and_no_empty_text(lake: Lake) -> None:
    columns = "useridentity.arn, requestparameters, resources"
    sql = f"SELECT {columns} FROM logs.trail WHERE {MINE} AND eventid = '2'"
    assert lake.rows(sql) == [[None, "no JSON", None]]


def test_a_parameter_is_a_literal_and_nothing_else(lake: Lake) -> None:
    bucket = "json_extract_scalar(requestparameters, '$.bucketName')"
    sql = f"SELECT eventid FROM logs.trail WHERE {MINE} AND {bucket} = ?"
    assert lake.rows(sql, "'it''s'") == [["1"]]
    assert lake.rows(sql, "'it'' OR 1=1 --'") == []
    assert "Cannot use" in lake.refusal(sql, "'it' OR 1=1")
    assert "expected 1 but found 2" in lake.refusal(sql, "'a'", "'b'")
    assert "expected 1 but found 0" in lake.refusal(sql)


def test_parameters_stand_in_the_where_clause_only(lake: Lake) -> None:
    assert "WHERE clause" in lake.refusal("SELECT ? FROM logs.trail WHERE account = '1'", "'x'")


def test_only_the_days_that_are_asked_for_are_scanned(lake: Lake) -> None:
    def scanned(condition: str) -> int:
        found = lake.end(lake.start(f"SELECT count(*) FROM logs.trail WHERE {MINE} {condition}"))
        return int(found["Statistics"]["DataScannedInBytes"])

    day, both = scanned("AND day = '2026/11/20'"), scanned("")
    assert 0 < day < both
    assert scanned("AND day BETWEEN '2026/11/20' AND '2026/11/21'") == both
    assert scanned("AND day > '2027'") == 0


def test_the_answer_lies_in_the_output_location(lake: Lake) -> None:
    query = lake.start(f"SELECT eventid, useridentity.arn FROM logs.trail WHERE {MINE} ORDER BY 1")
    place = lake.end(query)["ResultConfiguration"]["OutputLocation"]
    body = lake.account.client("s3").get_object(Bucket="answers", Key=place.rpartition("/")[2])["Body"].read()
    assert body == b'"eventid","arn"\n"1","arn:1"\n"2",\n'


def test_bad_sql_is_refused_at_once(lake: Lake) -> None:
    assert lake.refusal("SELEC 1 FROM")
    assert "output location" in lake.refusal("SELECT 1", ResultConfiguration={})
    assert "create output bucket" in lake.refusal(
        "SELECT 1", ResultConfiguration={"OutputLocation": "s3://nowhere/"}
    )
    assert lake.refusal("SELECT 1", WorkGroup="nobody") == "WorkGroup is not found."


def test_what_does_not_fit_the_catalog_fails(lake: Lake) -> None:
    assert lake.failure("SELECT 1 FROM logs.absent WHERE account = '1'").startswith("TABLE_NOT_FOUND")
    assert lake.failure(f"SELECT absent FROM logs.trail WHERE {MINE}").startswith("COLUMN_NOT_FOUND")
    assert lake.failure("SELECT 1 FROM logs.trail").startswith("CONSTRAINT_VIOLATION")
    assert "NOT_SUPPORTED" in lake.failure("DROP TABLE logs.trail")
    again = TABLE.replace("IF NOT EXISTS ", "")
    assert "already exists" in lake.failure(again)
    assert "Database does not exist" in lake.failure(again.replace("`logs`", "`elsewhere`"))


def test_a_query_cannot_read_this_machine(lake: Lake) -> None:
    sql = f"SELECT content FROM logs.trail, read_text('/etc/hostname') WHERE {MINE}"
    assert lake.failure(sql)


def test_one_token_is_one_query(lake: Lake) -> None:
    token = "t" * 32
    first = lake.start("SELECT 1 FROM logs.trail WHERE account = '1'", ClientRequestToken=token)
    assert lake.start("SELECT 1 FROM logs.trail WHERE account = '1'", ClientRequestToken=token) == first
    assert "Idempotent" in lake.refusal(
        "SELECT 2 FROM logs.trail WHERE account = '1'", ClientRequestToken=token
    )


def test_a_stopped_query_is_cancelled(lake: Lake) -> None:
    query = lake.start(f"SELECT eventid FROM logs.trail WHERE {MINE}")
    lake.client.stop_query_execution(QueryExecutionId=query)
    assert lake.end(query)["Status"]["State"] == "CANCELLED"
    with pytest.raises(ClientError, match="not yet finished"):
        lake.client.get_query_results(QueryExecutionId=query)


def test_a_user_may_only_what_the_policies_say(lake: Lake) -> None:
    user = lake.account.user("analyst", allow="athena:*")
    mine = Lake(lake.account, lake.account.of("athena", user))
    assert "create output bucket" in mine.refusal("SELECT 1 FROM logs.trail WHERE account = '1'")
    query = lake.start(f"SELECT eventid FROM logs.trail WHERE {MINE}")
    stranger = lake.account.of("athena", lake.account.user("stranger", allow="s3:*"))
    with pytest.raises(ClientError, match="You are not authorized to perform: athena:GetQueryExecution"):
        stranger.get_query_execution(QueryExecutionId=query)
    with pytest.raises(ClientError, match="athena:StartQueryExecution"):
        stranger.start_query_execution(QueryString="SELECT 1")


def test_a_table_can_be_looked_up(lake: Lake) -> None:
    asked = {"CatalogName": "AwsDataCatalog", "DatabaseName": "logs"}
    found = lake.client.get_table_metadata(TableName="trail", **asked)["TableMetadata"]
    assert [one["Name"] for one in found["PartitionKeys"]] == ["account", "day"]
    with pytest.raises(ClientError, match="EntityNotFoundException"):
        lake.client.get_table_metadata(TableName="absent", **asked)
