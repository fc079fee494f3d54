"""Every call becomes a CloudTrail event.

Sources: CloudTrail User Guide, "CloudTrail record contents" and "userIdentity element"; domain 1.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.policy.actions import event_name
from bot.sandbox.aws.call import Call, Response
from bot.sandbox.aws.identities import Caller, Session
from bot.sandbox.aws.parameters import host, request_parameters, response_elements

Record = Mapping[str, Any]

READS = ("Get", "List", "Head", "Describe", "Lookup", "AssumeRole", "Simulate", "Generate", "Check")
#: S3 operations on a bucket that are data events all the same (S3 User Guide, "CloudTrail data events").
BUCKET_DATA = {
    "ListObjects",
    "ListObjectsV2",
    "ListObjectVersions",
    "ListMultipartUploads",
    "HeadBucket",
    "DeleteObjects",
}
CIPHER = "TLS_AES_128_GCM_SHA256"
SOURCES = {"s3control": "s3.amazonaws.com", "cloudwatch": "monitoring.amazonaws.com"}


@dataclass(frozen=True)
class Event:
    """A record with what it is sorted and searched by."""

    at: datetime
    sequence: int
    record: Record

    @property
    def is_management(self) -> bool:
        return bool(self.record["managementEvent"])

    @property
    def is_read_only(self) -> bool:
        return bool(self.record["readOnly"])


def is_data(call: Call) -> bool:
    """Whether the call is a data event (an object, or the listing of objects)."""
    return call.service == "s3" and (call.key is not None or call.operation in BUCKET_DATA)


def compose(
    call: Call, caller: Caller, response: Response, *, account_id: str, event_id: str
) -> dict[str, Any]:
    """The CloudTrail record of a call that was carried out or refused."""
    data = is_data(call)
    read_only = call.operation.startswith(READS)
    agent = call.header("user-agent") or ""
    record: dict[str, Any] = {
        "eventVersion": "1.11",
        "userIdentity": user_identity(caller),
        "eventTime": iso(call.stage.at),
        "eventSource": SOURCES.get(call.service, f"{call.service}.amazonaws.com"),
        "eventName": event_name(call.service, call.operation),
        "awsRegion": "us-east-1" if call.service == "iam" else call.region,
        "sourceIPAddress": call.stage.source_ip,
        "userAgent": f"[{agent}]" if call.service == "s3" else agent,
    }
    if response.error:
        record |= {"errorCode": response.error, "errorMessage": response.message}
    record["requestParameters"] = request_parameters(call, response)
    record["responseElements"] = response_elements(call, response, read_only=read_only)
    if call.service == "s3":
        record["additionalEventData"] = _transfer(call, caller, response)
    record |= {"requestID": call.request_id, "eventID": event_id, "readOnly": read_only}
    resources = _resources(call, account_id)
    if resources:
        record["resources"] = resources
    return record | {
        "eventType": "AwsApiCall",
        "managementEvent": not data,
        "recipientAccountId": account_id,
        "eventCategory": "Data" if data else "Management",
        "tlsDetails": {
            "tlsVersion": "TLSv1.3",
            "cipherSuite": CIPHER,
            "clientProvidedHostHeader": host(call),
        },
    }


def service_record(
    service: str,
    operation: str,
    bucket: str,
    at: datetime,
    *,
    account_id: str,
    region: str,
    ids: tuple[str, str],
) -> dict[str, Any]:
    """The record of what an AWS service itself does to a bucket (CloudTrail looking at its bucket's ACL).

    `ids` are the request id and the event id.
    """
    return {
        "eventVersion": "1.11",
        "userIdentity": {"type": "AWSService", "invokedBy": service},
        "eventTime": iso(at),
        "eventSource": "s3.amazonaws.com",
        "eventName": operation,
        "awsRegion": region,
        "sourceIPAddress": service,
        "userAgent": service,
        "requestParameters": {"bucketName": bucket, "Host": f"{bucket}.s3.{region}.amazonaws.com", "acl": ""},
        "responseElements": None,
        "requestID": ids[0],
        "eventID": ids[1],
        "readOnly": True,
        "resources": [{"accountId": account_id, "type": "AWS::S3::Bucket", "ARN": f"arn:aws:s3:::{bucket}"}],
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": account_id,
        "sharedEventID": ids[1],
        "eventCategory": "Management",
    }


def assumed_by_service(
    service: str, session: Session, at: datetime, *, account_id: str, region: str, ids: tuple[str, str]
) -> dict[str, Any]:
    """The record of a service that opens a session for a resource of the account (an EC2 instance)."""
    parameters = {"roleArn": session.role_arn, "roleSessionName": session.name}
    issued = {"accessKeyId": session.access_key_id, "sessionToken": session.token}
    return {
        "eventVersion": "1.11",
        "userIdentity": {"type": "AWSService", "invokedBy": service},
        "eventTime": iso(at),
        "eventSource": "sts.amazonaws.com",
        "eventName": "AssumeRole",
        "awsRegion": region,
        "sourceIPAddress": service,
        "userAgent": service,
        "requestParameters": parameters,
        "responseElements": {"credentials": {**issued, "expiration": iso(session.expires_at)}},
        "requestID": ids[0],
        "eventID": ids[1],
        "readOnly": True,
        "resources": [{"accountId": account_id, "type": "AWS::IAM::Role", "ARN": session.role_arn}],
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": account_id,
        "sharedEventID": ids[1],
        "eventCategory": "Management",
    }


def user_identity(caller: Caller) -> dict[str, Any]:
    """Who called, as CloudTrail writes it for each kind of caller."""
    if caller.kind == "anonymous":
        return {"type": "AWSAccount", "principalId": "", "accountId": "anonymous"}
    identity: dict[str, Any] = {
        "type": {"root": "Root", "user": "IAMUser", "session": "AssumedRole"}[caller.kind],
        "principalId": caller.principal_id,
        "arn": caller.arn,
        "accountId": caller.account_id,
        "accessKeyId": caller.access_key_id,
    }
    if caller.kind == "user":
        identity["userName"] = caller.name
    if caller.session:
        identity["sessionContext"] = _session_context(caller.session, caller.account_id)
    return identity


def _session_context(session: Session, account_id: str) -> dict[str, Any]:
    context: dict[str, Any] = {
        "sessionIssuer": {
            "type": "Role",
            "principalId": session.role_id,
            "arn": session.role_arn,
            "accountId": account_id,
            "userName": session.role_name,
        },
        "attributes": {"creationDate": iso(session.issued_at), "mfaAuthenticated": "false"},
    }
    if session.source_identity:
        context["sourceIdentity"] = session.source_identity
    if session.delivered_by_ec2:
        context["ec2RoleDelivery"] = "2.0"
    return context


def _transfer(call: Call, caller: Caller, response: Response) -> dict[str, Any]:
    extra: dict[str, Any] = {
        "CipherSuite": CIPHER,
        "bytesTransferredIn": len(call.http.body),
        "bytesTransferredOut": len(response.body),
        "x-amz-id-2": response.headers.get("x-amz-id-2", ""),
    }
    if not caller.is_anonymous:
        method = "QueryString" if caller.presigned else "AuthHeader"
        extra |= {"SignatureVersion": "SigV4", "AuthenticationMethod": method}
    if call.operation == "PutObject" and response.ok:
        extra["SSEApplied"] = "Default_SSE_S3"
    return extra


def _resources(call: Call, account_id: str) -> list[dict[str, str]]:
    if call.service == "sts" and call.text("RoleArn"):
        return [{"accountId": account_id, "type": "AWS::IAM::Role", "ARN": str(call.text("RoleArn"))}]
    if call.service != "s3" or call.bucket is None:
        return []
    arn = f"arn:aws:s3:::{call.bucket}"
    bucket = {"accountId": account_id, "type": "AWS::S3::Bucket", "ARN": arn}
    if call.access_point is not None:
        point = {"accountId": account_id, "type": "AWS::S3::AccessPoint", "ARN": call.access_point}
        return [{"type": "AWS::S3::Object", "ARN": f"{arn}/{call.key or ''}"}, bucket, point]
    if call.key is not None:
        return [{"type": "AWS::S3::Object", "ARN": f"{arn}/{call.key}"}, bucket]
    if is_data(call) and call.operation != "HeadBucket":
        return [{"type": "AWS::S3::Object", "ARNPrefix": f"{arn}/"}, bucket]
    return [bucket]


def iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
