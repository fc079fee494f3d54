"""Athena: queries that are really run, over the objects that the caller may read.

Source: Athena API Reference; Athena User Guide, "Workgroup settings", "Per-query data usage control". Real
queries take seconds; here they run when they are looked at for the second time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

from sqlglot import exp

from bot.sandbox.aws import errors, wire
from bot.sandbox.aws.athena.catalog import Catalog, FailedQuery
from bot.sandbox.aws.athena.engine import CutOff, Result, parsed, select
from bot.sandbox.aws.backend import Backend
from bot.sandbox.aws.call import Call, Response
from bot.sandbox.aws.errors import AwsError
from bot.sandbox.aws.identities import Caller
from bot.sandbox.aws.ids import some_uuid
from bot.sandbox.aws.permissions import Permissions

MOST_ROWS = 1000
NOT_YOURS = (
    "You are not authorized to perform: athena:{operation} on the resource. After your AWS administrator or "
    "you have updated your permissions, please try again."
)


NO_OUTPUT = (
    "No output location provided. An output location is required either through the Workgroup result "
    "configuration setting or as an API input."
)
#: API Reference, StartQueryExecution.
LONGEST_PARAMETER = 1024


@dataclass
class _Query:
    """One query execution. `statement` has its parameters in place."""

    id: str
    call: Call
    caller: Caller
    statement: exp.Expr
    output: str
    submitted: datetime
    state: str = "QUEUED"
    reason: str = ""
    result: Result = field(default_factory=Result)

    @property
    def asked(self) -> tuple[Any, ...]:
        """What must be equal for the same ClientRequestToken."""
        return tuple(
            repr(self.call.params.get(name))
            for name in ("QueryString", "ExecutionParameters", "WorkGroup", "ResultConfiguration")
        )


class Athena:
    """The account's workgroups, catalog and queries. Not thread-safe: the gate's lock is held."""

    def __init__(self, backend: Backend, permissions: Permissions, chance: Random) -> None:
        self._backend = backend
        self._permissions = permissions
        self._chance = chance
        self._catalog = Catalog()
        self._workgroups: dict[str, dict[str, Any]] = {"primary": {}}
        self._queries: dict[str, _Query] = {}
        self._tokens: dict[str, str] = {}

    def answer(self, call: Call, caller: Caller) -> Response | None:
        """The answer to a call of Athena's, None for other services.

        Raises:
            AwsError: as Athena refuses.
        """
        if call.service != "athena":
            return None
        ways: dict[str, Callable[[Call, Caller], dict[str, Any]]] = {
            "CreateWorkGroup": self._create_workgroup,
            "StartQueryExecution": self._start,
            "GetQueryExecution": self._execution,
            "GetQueryResults": self._results,
            "StopQueryExecution": self._stop,
            "GetTableMetadata": self._metadata,
        }
        if call.operation not in ways:
            raise errors.not_in_sandbox(call.service, call.operation)
        return wire.answer(call, ways[call.operation](call, caller))

    def _create_workgroup(self, call: Call, _: Caller) -> dict[str, Any]:
        name = str(call.text("Name"))
        if name in self._workgroups:
            raise _invalid("WorkGroup is already created")
        self._workgroups[name] = call.params.get("Configuration") or {}
        return {}

    # -- one query -------------------------------------------------------------------------------------

    def _start(self, call: Call, caller: Caller) -> dict[str, Any]:
        query = self._query(call, caller)
        token = str(call.text("ClientRequestToken"))
        known = self._queries.get(self._tokens.get(token, ""))
        if known is not None:
            if known.asked != query.asked:
                raise _invalid("Idempotent parameters do not match")
            return {"QueryExecutionId": known.id}
        self._tokens[token] = query.id
        self._queries[query.id] = query
        return {"QueryExecutionId": query.id}

    def _query(self, call: Call, caller: Caller) -> _Query:
        parameters: Sequence[str] = call.params.get("ExecutionParameters") or ()
        if any(not 1 <= len(one) <= 1024 for one in parameters):
            raise _invalid(
                "1 validation error detected: Value at 'executionParameters' has not 1 to 1024 characters"
            )
        statement = parsed(str(call.text("QueryString")), parameters)
        output = self._output(call)
        bucket, _, prefix = output.removeprefix("s3://").partition("/")
        key = f"arn:aws:s3:::{bucket}/{prefix}result.csv"
        if self._backend.owner(bucket) is None or not self._permissions.may(
            call, caller, "s3:PutObject", key
        ):
            raise _invalid(f"Unable to verify/create output bucket {bucket}")
        return _Query(some_uuid(self._chance), call, caller, statement, output, call.stage.at)

    def _output(self, call: Call) -> str:
        own = call.params.get("ResultConfiguration") or {}
        settings = self._settings(call)
        of_group = (settings.get("ResultConfiguration") or {}).get("OutputLocation")
        enforced = of_group and settings.get("EnforceWorkGroupConfiguration", True)
        output = of_group if enforced else own.get("OutputLocation") or of_group
        if not output:
            raise _invalid(NO_OUTPUT)
        return output if output.endswith("/") else f"{output}/"

    def _settings(self, call: Call) -> dict[str, Any]:
        name = call.text("WorkGroup") or "primary"
        if name not in self._workgroups:
            raise _invalid("WorkGroup is not found.")
        return self._workgroups[name]

    def _found(self, call: Call, caller: Caller) -> _Query:
        query = self._queries.get(str(call.text("QueryExecutionId")))
        if query is None:
            raise _invalid(f"QueryExecution {call.text('QueryExecutionId')} was not found")
        workgroup = query.call.text("WorkGroup") or "primary"
        arn = f"arn:aws:athena:{call.region}:{self._backend.account_id}:workgroup/{workgroup}"
        if not self._permissions.may(call, caller, f"athena:{call.operation}", arn):
            raise AwsError("AccessDeniedException", NOT_YOURS.format(operation=call.operation))
        return query

    def _execution(self, call: Call, caller: Caller) -> dict[str, Any]:
        query = self._found(call, caller)
        if query.state == "QUEUED":
            query.state = "RUNNING"
        elif query.state == "RUNNING":
            self._run(query)
        return {"QueryExecution": _told(query)}

    def _stop(self, call: Call, caller: Caller) -> dict[str, Any]:
        query = self._found(call, caller)
        if query.state in {"QUEUED", "RUNNING"}:
            query.state, query.reason = "CANCELLED", "Query cancelled by user"
        return {}

    def _run(self, query: _Query) -> None:
        try:
            query.result = self._carried_out(query)
        except CutOff as cut:
            query.state, query.reason = "CANCELLED", str(cut)
            query.result = Result(scanned=cut.scanned)
        except FailedQuery as failed:
            query.state, query.reason = "FAILED", str(failed)
        else:
            query.state = "SUCCEEDED"
            self._write(query)

    def _carried_out(self, query: _Query) -> Result:
        statement = query.statement
        if isinstance(statement, exp.Create):
            table = statement.kind == "TABLE"
            self._must(query, "glue:CreateTable" if table else "glue:CreateDatabase")
            self._catalog.make(statement)
            return Result()
        if not isinstance(statement, exp.Select):
            raise FailedQuery("NOT_SUPPORTED: The sandbox's Athena knows SELECT and CREATE only")
        self._must(query, "glue:GetTable")
        limit = self._settings(query.call).get("BytesScannedCutoffPerQuery")

        def may_read(bucket: str, key: str) -> None:
            if not self._permissions.may(
                query.call, query.caller, "s3:GetObject", f"arn:aws:s3:::{bucket}/{key}"
            ):
                raise FailedQuery(f"Permission denied on S3 path: s3://{bucket}/{key}")

        return select(statement, self._catalog, self._backend.contents, may_read, limit)

    def _must(self, query: _Query, action: str) -> None:
        arn = f"arn:aws:glue:{query.call.region}:{self._backend.account_id}:catalog"
        if not self._permissions.may(query.call, query.caller, action, arn):
            told = f"User: {query.caller.arn} is not authorized to perform: {action} on resource: {arn}"
            raise FailedQuery(f"Insufficient permissions to execute the query. {told}")

    def _write(self, query: _Query) -> None:
        """The result as Athena leaves it in S3: all values in quotes, NULL as nothing."""
        text = "".join(map(_line, (query.result.columns, *query.result.rows)))
        bucket, _, prefix = query.output.removeprefix("s3://").partition("/")
        self._backend.put_log_object(bucket, f"{prefix}{query.id}.csv", text.encode(), query.submitted)

    # -- answers ---------------------------------------------------------------------------------------

    def _results(self, call: Call, caller: Caller) -> dict[str, Any]:
        query = self._found(call, caller)
        if query.state != "SUCCEEDED":
            raise _invalid(f"Query has not yet finished. Current state: {query.state}")
        bucket, _, prefix = query.output.removeprefix("s3://").partition("/")
        if not any(key == f"{prefix}{query.id}.csv" for key, _ in self._backend.contents(bucket)):
            raise _invalid("Could not find results")
        rows = [query.result.columns, *query.result.rows]
        first, most = int(call.text("NextToken") or 0), int(call.params.get("MaxResults") or MOST_ROWS)
        columns = [{"Name": name, "Type": "varchar"} for name in query.result.columns]
        told: dict[str, Any] = {
            "ResultSet": {
                "Rows": [_row(row) for row in rows[first : first + most]],
                "ResultSetMetadata": {"ColumnInfo": columns},
            }
        }
        return told if first + most >= len(rows) else {**told, "NextToken": str(first + most)}

    def _metadata(self, call: Call, _: Caller) -> dict[str, Any]:
        database, name = str(call.text("DatabaseName")), str(call.text("TableName"))
        table = self._catalog.table(database, name)
        if table is None:
            raise AwsError("MetadataException", f"EntityNotFoundException: Table {name} not found.")
        columns = [{"Name": one, "Type": kind.sql("hive").lower()} for one, kind in table.columns.items()]
        partitions = [{"Name": one, "Type": "string"} for one in table.partitions]
        told = {
            "Name": name,
            "TableType": "EXTERNAL_TABLE",
            "Columns": columns,
            "PartitionKeys": partitions,
            "Parameters": {**table.properties, "location": table.location},
        }
        return {"TableMetadata": told}


def _told(query: _Query) -> dict[str, Any]:
    status: dict[str, Any] = {"State": query.state, "SubmissionDateTime": query.submitted}
    if query.reason:
        status["StateChangeReason"] = query.reason
    return {
        "QueryExecutionId": query.id,
        "Query": str(query.call.text("QueryString")),
        "StatementType": "DDL" if isinstance(query.statement, exp.Create) else "DML",
        "ResultConfiguration": {"OutputLocation": f"{query.output}{query.id}.csv"},
        "Status": status,
        "Statistics": {"DataScannedInBytes": query.result.scanned},
        "WorkGroup": query.call.text("WorkGroup") or "primary",
    }


def _row(values: Sequence[str | None]) -> dict[str, Any]:
    return {"Data": [{} if value is None else {"VarCharValue": value} for value in values]}


def _line(values: Sequence[str | None]) -> str:
    quoted = ("" if one is None else '"' + one.replace('"', '""') + '"' for one in values)
    return ",".join(quoted) + "\n"


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidRequestException", message)
