"""S3 Batch Operations: a job copies each object of a CSV list, as its role, and reports what failed.

Sources: S3 User Guide, "Creating an S3 Batch Operations job", "Job status", "Completion reports", "Granting
permissions for Batch Operations"; S3 Control API Reference, CreateJob, DescribeJob.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random
from urllib.parse import quote, unquote
from xml.sax.saxutils import escape

from werkzeug.datastructures import Headers

from bot.policy.document import parse
from bot.policy.evaluate import Policies, Request, evaluate
from bot.sandbox.aws.backend import Backend
from bot.sandbox.aws.call import Call, HttpRequest, Response, xml
from bot.sandbox.aws.errors import AwsError
from bot.sandbox.aws.identities import Caller, Session
from bot.sandbox.aws.ids import some_uuid

SERVICE = "batchoperations.s3.amazonaws.com"
#: Looks at a job until it has ended: it gets on by as much with each.
_LOOKS = 3

CarryOut = Callable[[Call, Caller], Response]


@dataclass
class _Job:
    """One job. `tasks`: bucket, key and version of each object; `results`: lines of the report."""

    id: str
    token: str
    request: bytes
    operation: str
    priority: str
    role: str
    caller: Caller
    tasks: list[tuple[str, str, str]]
    failure: str = ""
    done: int = 0
    results: list[str] = field(default_factory=list)

    @property
    def status(self) -> str:
        if self.failure:
            return "Failed"
        return "Complete" if self.done == len(self.tasks) else "Active"


class BatchJobs:
    """The account's jobs. Only S3PutObjectCopy is known, and lists in the plain CSV format."""

    def __init__(self, backend: Backend, carry_out: CarryOut, chance: Random) -> None:
        self._backend = backend
        self._carry_out = carry_out
        self._chance = chance
        self._jobs: dict[str, _Job] = {}

    def answer(self, call: Call) -> Response | None:
        """The answer to a call about jobs, None for any other.

        Raises:
            AwsError: as S3 refuses.
        """
        if call.service != "s3control":
            return None
        own = {"CreateJob": self._create, "DescribeJob": self._describe}.get(call.operation)
        return own(call) if own else None

    def _create(self, call: Call) -> Response:
        root = ET.fromstring(call.http.body)  # noqa: S314 -- what the sandbox's own players send
        told = {
            name: root.findtext(f"{{*}}{name}") or ""
            for name in ("ClientRequestToken", "Priority", "RoleArn")
        }
        for job in self._jobs.values():
            if job.token == told["ClientRequestToken"]:
                if job.request != call.http.body:
                    message = "The ClientRequestToken was used with other parameters."
                    raise AwsError("IdempotencyException", message, 400)
                return _made(job)
        if root.find("{*}Operation/{*}S3PutObjectCopy") is None:
            raise AwsError("BadRequestException", "Request invalid", 400)
        job = self._new(call, root, told)
        self._jobs[job.id] = job
        return _made(job)

    def _new(self, call: Call, root: ET.Element, told: dict[str, str]) -> _Job:
        caller = self._role(call, told["RoleArn"])
        place = (root.findtext("{*}Manifest/{*}Location/{*}ObjectArn") or "").split(":::", 1)[-1]
        etag = root.findtext("{*}Manifest/{*}Location/{*}ETag") or ""
        tasks, failure = self._list(call, caller, place, etag)
        return _Job(
            some_uuid(self._chance),
            told["ClientRequestToken"],
            call.http.body,
            "S3PutObjectCopy",
            told["Priority"],
            told["RoleArn"],
            caller,
            tasks,
            failure,
        )

    def _role(self, call: Call, arn: str) -> Caller:
        """The job's role, which S3 must be trusted to take."""
        role = self._backend.role_by_arn(arn)
        asked = Request(SERVICE, "sts:AssumeRole", arn, self._backend.account_id, {})
        trusts = role is not None and evaluate(
            asked, Policies(resource=parse(role.assume_role_policy_document, "trust"))
        )
        if role is None or not (trusts and trusts.allowed):
            message = "The role does not exist or cannot be assumed by S3 Batch Operations"
            raise AwsError("BadRequestException", message, 400)
        at = call.stage.at
        named = (role.name, role.arn, role.id, "s3-batch-operations", at, at + timedelta(hours=1))
        session = Session("ASIABATCHOPERATIONS1", "", "", *named)
        account = self._backend.account_id
        who = f"arn:aws:sts::{account}:assumed-role/{role.name}/{session.name}"
        found = f"{role.id}:{session.name}"
        return Caller("session", account, who, found, role.name, session.access_key_id, session)

    def _list(
        self, call: Call, caller: Caller, place: str, etag: str
    ) -> tuple[list[tuple[str, str, str]], str]:
        """The tasks, or why the job fails: the role reads the list, whose ETag must be the given one."""
        bucket, _, key = place.partition("/")
        try:
            read = self._carry_out(_single(call, "GetObject", "GET", bucket, key), caller)
        except AwsError as error:
            return [], f"Reading the manifest is forbidden: {error.code}"
        if not read.ok or read.headers.get("ETag", "").strip('"') != etag.strip('"'):
            return [], "The manifest's ETag does not match."
        rows = [line.split(",") for line in read.body.decode().splitlines()]
        return [(row[0], unquote(row[1]), row[2]) for row in rows], ""

    def _describe(self, call: Call) -> Response:
        job = self._jobs.get(str(call.text("JobId")))
        if job is None:
            raise AwsError("NoSuchJob", "The job does not exist", 404)
        shown = _shown(job)
        if job.status == "Active":
            self._work(call, job)
        return shown

    def _work(self, call: Call, job: _Job) -> None:
        step = -(-len(job.tasks) // _LOOKS)
        for bucket, key, version in job.tasks[job.done : job.done + step]:
            copy = _single(call, "CopyObject", "PUT", bucket, key, version)
            try:
                response = self._carry_out(copy, job.caller)
                why = (response.status, response.error or "", response.message or "")
            except AwsError as error:
                why = (error.status, error.code, error.message)
            job.done += 1
            if why[0] >= 400:
                job.results.append(f"{bucket},{quote(key)},{version},failed,{why[0]},{why[1]},{why[2]}")
        if job.status == "Complete":
            self._report(call, job)

    def _report(self, call: Call, job: _Job) -> None:
        root = ET.fromstring(job.request)  # noqa: S314
        bucket = (root.findtext("{*}Report/{*}Bucket") or "").split(":::", 1)[-1]
        prefix = root.findtext("{*}Report/{*}Prefix") or ""
        name = f"{prefix}/job-{job.id}/results/failed.csv"
        self._backend.put_log_object(bucket, name, "\n".join(job.results).encode(), call.stage.at)


def _single(call: Call, operation: str, method: str, bucket: str, key: str, version: str = "") -> Call:
    """One object's part of a job, as a call."""
    source = {"x-amz-copy-source": f"{bucket}/{quote(key)}?versionId={version}"} if version else {}
    http = HttpRequest(method, f"/{bucket}/{quote(key)}", "", Headers(source), b"", call.http.peer)
    params = {"Bucket": bucket, "Key": key}
    return replace(call, http=http, service="s3", operation=operation, protocol="rest-xml", params=params)


def _made(job: _Job) -> Response:
    return xml(f"<CreateJobResult><JobId>{job.id}</JobId></CreateJobResult>")


def _shown(job: _Job) -> Response:
    failed = len(job.results)
    counts = {
        "TotalNumberOfTasks": len(job.tasks),
        "NumberOfTasksSucceeded": job.done - failed,
        "NumberOfTasksFailed": failed,
    }
    summary = "".join(f"<{name}>{value}</{name}>" for name, value in counts.items())
    reason = f"<member><FailureReason>{escape(job.failure)}</FailureReason></member>" if job.failure else ""
    return xml(
        f"<DescribeJobResult><Job><JobId>{job.id}</JobId><Status>{job.status}</Status>"
        f"<Priority>{job.priority}</Priority><RoleArn>{job.role}</RoleArn>"
        f"<ProgressSummary>{summary}</ProgressSummary><FailureReasons>{reason}</FailureReasons>"
        "</Job></DescribeJobResult>"
    )
