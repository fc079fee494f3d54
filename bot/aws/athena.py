"""Athena in one workgroup: queries with execution parameters, their states, their rows.

Source: Athena API Reference, StartQueryExecution (one query for one ClientRequestToken), GetQueryExecution,
GetQueryResults (1,000 rows a page; the first row of a SELECT's first page is the header), StopQueryExecution.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.aws.errors import THROTTLED, AwsError, AwsRefused, AwsUnavailable
from bot.aws.gateway import Gateway

_UNDER_WAY = {"QUEUED", "RUNNING"}
#: Seconds between looks at a statement that makes something, and looks before it is given up.
_PAUSE, _PATIENCE = 1.0, 120

CUT_OFF = (
    "Athena stopped the query because it scanned more than the workgroup {workgroup} allows for one query. "
    "Raise the workgroup's limit, or take fewer days"
)
CANCELLED = "the query was cancelled: {reason}"
FAILED = "Athena could not carry the query out: {reason}"


class AthenaRefused(OSError):  # noqa: N818
    """What Athena did not do; the text says what and why."""


@dataclass(frozen=True)
class Execution:
    """How a query stands. `reason` is a sentence about why it gave nothing, "" if that is not so."""

    status: str
    reason: str
    scanned: int
    submitted: datetime


class AthenaWorkgroup:
    """Queries of one workgroup in one Region.

    `output` is an `s3://` folder for results; None takes the workgroup's own. Results there hold records with
    live secrets: encryption is asked for with every query, and the workgroup may enforce its own. Refusals
    raise AthenaRefused; no usable answer raises AwsUnavailable.
    """

    def __init__(
        self,
        gateway: Gateway,
        workgroup: str,
        *,
        region: str | None = None,
        output: str | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._gateway = gateway
        self._workgroup = workgroup
        self._region = region
        self._output = output
        self._sleep = sleep

    def start(self, sql: str, parameters: Sequence[str], token: str) -> str | None:
        """The id of the query with this token, begun if there is none; None when too many are under way."""
        params: dict[str, Any] = {
            "QueryString": sql,
            "ClientRequestToken": token,
            "WorkGroup": self._workgroup,
        }
        if parameters:
            params["ExecutionParameters"] = list(parameters)
        if self._output:
            encryption = {"EncryptionOption": "SSE_S3"}
            params["ResultConfiguration"] = {
                "OutputLocation": self._output,
                "EncryptionConfiguration": encryption,
            }
        try:
            return str(self._call("start_query_execution", params)["QueryExecutionId"])
        except AwsUnavailable as error:
            if error.code in THROTTLED:
                return None
            raise

    def state(self, query: str) -> Execution:
        """How a query stands."""
        found = self._call("get_query_execution", {"QueryExecutionId": query})["QueryExecution"]
        status = found["Status"]
        return Execution(
            status["State"],
            self._reason(status["State"], status.get("StateChangeReason", "")),
            int(found.get("Statistics", {}).get("DataScannedInBytes", 0)),
            status["SubmissionDateTime"],
        )

    def rows(self, query: str) -> Iterator[Sequence[str | None]]:
        """The rows of a SELECT that has succeeded, page by page."""
        params: dict[str, Any] = {"QueryExecutionId": query, "MaxResults": 1000}
        skip = 1
        while True:
            page = self._call("get_query_results", params)
            for row in page["ResultSet"]["Rows"][skip:]:
                yield [one.get("VarCharValue") for one in row.get("Data", ())]
            if not page.get("NextToken"):
                return
            params["NextToken"], skip = page["NextToken"], 0

    def stop(self, query: str) -> None:
        """Ends a query that nobody waits for any more. One that has ended, or cannot be stopped, stays."""
        with suppress(AwsError):
            self._gateway.call("athena", "stop_query_execution", {"QueryExecutionId": query}, self._region)

    def has_table(self, database: str, table: str) -> bool:
        """Whether the table is there."""
        params = {
            "CatalogName": "AwsDataCatalog",
            "DatabaseName": database,
            "TableName": table,
            "WorkGroup": self._workgroup,
        }
        try:
            self._gateway.call("athena", "get_table_metadata", params, self._region)
        except AwsRefused as error:
            if error.code == "MetadataException" and "not found" in error.message.lower():
                return False
            raise AthenaRefused(str(error)) from error
        return True

    def make(self, statement: str, token: str) -> None:
        """Carries out a statement that makes a database or a table, and waits for its end.

        Raises DryRun in a dry run.
        """
        query = self.start(statement, (), token)
        if query is None:
            raise AthenaRefused("Athena takes no more queries at present. Try again in a minute.")
        for _ in range(_PATIENCE):
            state = self.state(query)
            if state.status not in _UNDER_WAY:
                break
            self._sleep(_PAUSE)
        if state.status != "SUCCEEDED":
            raise AthenaRefused(state.reason or "Athena has not finished yet. Look again in some minutes.")

    def _call(self, operation: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            return self._gateway.call("athena", operation, params, self._region).data
        except AwsRefused as error:
            raise AthenaRefused(str(error)) from error

    def _reason(self, status: str, told: str) -> str:
        if "bytes scanned limit" in told.lower():
            return CUT_OFF.format(workgroup=self._workgroup)
        if status == "CANCELLED":
            return CANCELLED.format(reason=told or "Athena does not say why")
        return FAILED.format(reason=told or "it does not say why") if status == "FAILED" else ""
