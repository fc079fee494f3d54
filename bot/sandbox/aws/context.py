"""The condition keys of a request: what a policy's Condition can ask about.

Sources: IAM User Guide, "AWS global condition context keys"; Service Authorization Reference for s3, iam
and sts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from bot.sandbox.aws.backend import Backend
from bot.sandbox.aws.call import Call
from bot.sandbox.aws.identities import Caller
from bot.sandbox.aws.safeguards.resources import linked_service

Context = dict[str, str | Sequence[str]]

#: S3 condition keys that repeat a parameter of the query string.
S3_QUERY = {"prefix": "s3:prefix", "delimiter": "s3:delimiter", "max-keys": "s3:max-keys"}
#: S3 condition keys that repeat a header.
S3_HEADERS = (
    "x-amz-acl", "x-amz-grant-read", "x-amz-grant-write", "x-amz-grant-full-control", "x-amz-copy-source",
    "x-amz-server-side-encryption", "x-amz-server-side-encryption-aws-kms-key-id", "x-amz-storage-class",
)  # fmt: skip


def context(call: Call, caller: Caller, backend: Backend) -> Context:
    """All condition keys that this call carries."""
    keys: Context = {
        "aws:SourceIp": call.stage.source_ip,
        "aws:UserAgent": call.header("user-agent") or "",
        # The sandbox speaks plain HTTP on the loopback; it stands for TLS.
        "aws:SecureTransport": "true",
        "aws:CurrentTime": _iso(call.stage.at),
        "aws:EpochTime": str(int(call.stage.at.timestamp())),
        "aws:RequestedRegion": call.region,
        "aws:ViaAWSService": "false",
    }
    if call.operation == "CreateJob":
        keys["iam:PassedToService"] = "batchoperations.s3.amazonaws.com"
    if service := linked_service(call):
        keys["iam:AWSServiceName"] = service
    keys |= _of_caller(caller, backend)
    if call.service == "s3":
        keys |= _of_s3(call, caller)
    if call.service == "iam":
        keys |= _of_iam(call)
    if call.service == "sts":
        keys |= _of_sts(call)
    return keys


def _of_caller(caller: Caller, backend: Backend) -> Context:
    if caller.is_anonymous:
        return {}
    keys: Context = {"aws:userid": caller.principal_id}
    if backend.organization_id and caller.account_id == backend.account_id:
        keys["aws:PrincipalOrgID"] = backend.organization_id
    if caller.kind == "user":
        keys |= {f"aws:PrincipalTag/{name}": value for name, value in _tags(backend, caller.arn).items()}
    session = caller.session
    if session:
        keys |= {
            "aws:PrincipalArn": session.role_arn,
            "aws:TokenIssueTime": _iso(session.issued_at),
            "aws:MultiFactorAuthPresent": "false",
        }
        keys |= {f"aws:PrincipalTag/{name}": value for name, value in session.tags.items()}
        if session.source_identity:
            keys["aws:SourceIdentity"] = session.source_identity
    return keys


def _tags(backend: Backend, arn: str) -> Mapping[str, str]:
    tags = backend.iam.tagger.list_tags_for_resource(arn)["Tags"]
    return {tag["Key"]: tag["Value"] for tag in tags}


def _of_s3(call: Call, caller: Caller) -> Context:
    query = call.http.query
    keys: Context = {key: query[name] for name, key in S3_QUERY.items() if name in query}
    if call.access_point is not None:
        account = call.access_point.split(":")[4]
        keys |= {
            "s3:DataAccessPointArn": call.access_point,
            "s3:DataAccessPointAccount": account,
            "s3:AccessPointNetworkOrigin": "Internet",
        }
    # S3 asks KMS in the caller's name.
    keys["kms:ViaService"] = f"s3.{call.region}.amazonaws.com"
    for name in S3_HEADERS:
        value = call.header(name)
        if value is not None:
            keys[f"s3:{name}"] = value
    if "versionId" in query:
        keys["s3:VersionId"] = query["versionId"]
    if not caller.is_anonymous:
        keys["s3:authType"] = "REST-QUERY-STRING" if caller.presigned else "REST-HEADER"
        keys["s3:signatureversion"] = "AWS4-HMAC-SHA256"
    if call.operation == "PutBucketReplication":
        keys["iam:PassedToService"] = "s3.amazonaws.com"
    if "X-Amz-Date" in query:
        keys["s3:signatureAge"] = str(_age_in_milliseconds(query["X-Amz-Date"]))
    return keys


def _age_in_milliseconds(date: str) -> int:
    signed_at = datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return int((datetime.now(UTC) - signed_at).total_seconds() * 1000)


def _of_iam(call: Call) -> Context:
    keys: Context = {}
    if call.text("PolicyArn") and call.operation.startswith(("Attach", "Detach")):
        keys["iam:PolicyARN"] = call.params["PolicyArn"]
    if call.text("PermissionsBoundary"):
        keys["iam:PermissionsBoundary"] = call.params["PermissionsBoundary"]
    return keys


def _of_sts(call: Call) -> Context:
    named = {
        "sts:ExternalId": "ExternalId",
        "sts:RoleSessionName": "RoleSessionName",
        "sts:SourceIdentity": "SourceIdentity",
    }
    keys: Context = {key: call.params[name] for key, name in named.items() if call.text(name)}
    tags = request_tags(call)
    if tags:
        keys |= {f"aws:RequestTag/{name}": value for name, value in tags.items()}
        keys["aws:TagKeys"] = list(tags)
    if call.params.get("TransitiveTagKeys"):
        keys["sts:TransitiveTagKeys"] = list(call.params["TransitiveTagKeys"])
    return keys


def request_tags(call: Call) -> dict[str, str]:
    """The session tags that an AssumeRole passes."""
    return {tag.get("Key", ""): tag.get("Value", "") for tag in call.params.get("Tags") or []}


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
