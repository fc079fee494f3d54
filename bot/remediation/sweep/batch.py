"""S3 Batch Operations: lets S3 copy the objects of a long list, at its own pace (some thousand a second).

The job gets those objects of the approved list that are as it says at that moment. What the job leaves, for
whatever reason, is then walked like any other list, so a job that fails costs time and nothing else.

Sources: S3 User Guide, "Performing object operations in bulk with Batch Operations", "Specifying a manifest",
"Granting permissions for Batch Operations"; S3 API Reference, CreateJob (equal tokens make one job),
DescribeJob.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import quote

from bot.aws.errors import AwsRefused, AwsUnavailable
from bot.remediation.arns import partition
from bot.remediation.contract import BatchOperations
from bot.remediation.plan import Call, Manifest, Permission, State, Target, state_hash
from bot.remediation.sweep.contract import Hands
from bot.remediation.sweep.manifests import Item
from bot.remediation.sweep.progress import Progress

OPERATION = "create_job"
#: Seconds between two looks at a job, and how many silent ones in a row are borne.
POLL = 15.0
_PATIENCE = 40
_ENDED = frozenset({"Complete", "Failed", "Cancelled", "Suspended"})
#: The list as S3 takes it: at most this many bytes of it are kept in memory.
_IN_MEMORY = 1 << 20


def job_call(target: Target, after: State, each: Manifest, batch: BatchOperations) -> Call:
    """The call that makes the job. The ETag of the list and the token are added when it is made."""
    account_id, region = target.params["account_id"], target.params["region"]
    bucket, key = batch.bucket, f"{batch.prefix}{each.sha256}/objects.csv"
    place = f"arn:{partition(region)}:s3:::{bucket}"
    copy = {"S3PutObjectCopy": {"TargetResource": target.id, "MetadataDirective": "COPY"}}
    report = {"Bucket": place, "Prefix": f"{batch.prefix}{each.sha256}", "Format": "Report_CSV_20180820"}
    spec = {"Format": "S3BatchOperations_CSV_20180820", "Fields": ["Bucket", "Key", "VersionId"]}
    to_batch = {"StringEquals": {"iam:PassedToService": "batchoperations.s3.amazonaws.com"}}
    jobs = f"arn:{partition(region)}:s3:{region}:{account_id}:job/*"
    return Call(
        service="s3control",
        operation=OPERATION,
        params={
            "AccountId": account_id,
            "ConfirmationRequired": False,
            "Operation": copy,
            "Report": {**report, "Enabled": True, "ReportScope": "FailedTasksOnly"},
            "Manifest": {"Spec": spec, "Location": {"ObjectArn": f"{place}/{key}"}},
            "Priority": 10,
            "RoleArn": batch.role,
            "Description": f"Restore objects in {target.label}",
        },
        after=state_hash(after),
        permissions=(
            Permission(action="s3:CreateJob", resource="*"),
            Permission(action="s3:DescribeJob", resource=jobs),
            Permission(action="iam:PassRole", resource=batch.role, condition=to_batch),
            *(Permission(action=f"s3:{one}Object", resource=f"{place}/{key}") for one in ("Get", "Put")),
        ),
        each=each,
    )


def run_job(
    hands: Hands,
    call: Call,
    token: str,
    items: Iterable[Item],
    sleep: Callable[[float], None],
    tell: Callable[[Progress], None],
) -> str:
    """Makes the job, or finds the one that was made before a crash, waits for it, and returns its id.

    `items`: what of the list is still as it says. Raises AwsError when there is no job or AWS stays silent.
    """
    etag = _upload(hands, call, items)
    manifest = call.params["Manifest"]
    location = {**manifest["Location"], "ETag": etag}
    params = {**call.params, "Manifest": {**manifest, "Location": location}, "ClientRequestToken": token}
    job: str = hands.act.call(call.service, call.operation, params, hands.region).data["JobId"]
    assert call.each is not None
    for status, progress in _statuses(hands, call, job, call.each.items, sleep):
        tell(progress)
        if status in _ENDED:
            break
    return job


def _upload(hands: Hands, call: Call, items: Iterable[Item]) -> str:
    """Writes the list where the job reads it, once, and returns its ETag."""
    place = call.params["Manifest"]["Location"]["ObjectArn"].split(":::", 1)[1]
    bucket, _, key = place.partition("/")
    named = {"Bucket": bucket, "Key": key}
    with suppress(AwsRefused):
        # After a crash it is there, and the job may be: both stay what they are.
        return _etag(hands.act.call("s3", "head_object", named, hands.region).data)
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as file:
        for line in _lines(hands, items):
            file.write(line)
        file.seek(0)
        body: Any = file
        asked = {**named, "Body": body, "IfNoneMatch": "*"}
        return _etag(hands.act.call("s3", "put_object", asked, hands.region).data)


def _etag(answer: Mapping[str, Any]) -> str:
    return str(answer["ETag"]).strip('"')


def _lines(hands: Hands, items: Iterable[Item]) -> Iterator[bytes]:
    """Bucket, key and version, as S3 wants them: keys URL-encoded."""
    for item in items:
        yield f"{hands.bucket},{quote(item['Key'], safe='')},{item['VersionId']}\n".encode()


def _statuses(
    hands: Hands, call: Call, job: str, items: int, sleep: Callable[[float], None]
) -> Iterator[tuple[str, Progress]]:
    silent = 0
    while True:
        asked = {"AccountId": call.params["AccountId"], "JobId": job}
        try:
            found = hands.act.call("s3control", "describe_job", asked, hands.region).data["Job"]
            silent = 0
            yield found["Status"], _progress(found.get("ProgressSummary") or {}, items)
        except AwsUnavailable:
            silent += 1
            if silent >= _PATIENCE:
                raise
        sleep(POLL)


def _progress(summary: dict[str, Any], items: int) -> Progress:
    done, failed = summary.get("NumberOfTasksSucceeded", 0), summary.get("NumberOfTasksFailed", 0)
    return Progress(items, walked=done + failed, done=done, failed=failed)
