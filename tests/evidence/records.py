"""Builders of CloudTrail records and whole stories, in the shapes that AWS writes.

The shapes are those of eventVersion 1.11 as seen in real logs: bracketed user agents for S3, floats for
bytes, null for absent members, policies as objects for S3 and as JSON strings for IAM.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ACCOUNT = "111122223333"
BUCKET = "acme-payroll"
START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
WINDOW = (START - timedelta(hours=1), START + timedelta(hours=2))

Record = dict[str, Any]


@dataclass(frozen=True)
class Caller:
    """Who makes calls, from where and with what."""

    identity: Mapping[str, Any]
    source_ip: str
    user_agent: str

    def at(self, source_ip: str, user_agent: str | None = None) -> Caller:
        return Caller(self.identity, source_ip, user_agent or self.user_agent)

    @property
    def key(self) -> str | None:
        return self.identity.get("accessKeyId")


def user(name: str, key: str, source_ip: str, user_agent: str, *, account: str = ACCOUNT) -> Caller:
    identity = {
        "type": "IAMUser",
        "principalId": _unique("AIDA", name),
        "arn": f"arn:aws:iam::{account}:user/{name}",
        "accountId": account,
        "accessKeyId": key,
        "userName": name,
    }
    return Caller(identity, source_ip, user_agent)


def session(
    role: str, name: str, key: str, source_ip: str, user_agent: str, *, created: datetime = START
) -> Caller:
    unique = _unique("AROA", role)
    identity = {
        "type": "AssumedRole",
        "principalId": f"{unique}:{name}",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{name}",
        "accountId": ACCOUNT,
        "accessKeyId": key,
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": unique,
                "arn": f"arn:aws:iam::{ACCOUNT}:role/{role}",
                "accountId": ACCOUNT,
                "userName": role,
            },
            "attributes": {"creationDate": _zulu(created), "mfaAuthenticated": "false"},
        },
    }
    return Caller(identity, source_ip, user_agent)


def anonymous(source_ip: str, user_agent: str = "curl/8.9.1") -> Caller:
    return Caller({"type": "AWSAccount", "principalId": "", "accountId": "anonymous"}, source_ip, user_agent)


def outsider(account: str, source_ip: str, user_agent: str = "Boto3/1.43.0") -> Caller:
    identity = {"type": "AWSAccount", "principalId": _unique("AIDA", account), "accountId": account}
    return Caller(identity, source_ip, user_agent)


def service(name: str) -> Caller:
    return Caller({"type": "AWSService", "invokedBy": name}, name, name)


@dataclass
class Log:
    """A log that grows by calls; time moves only when told, event ids follow from their place."""

    records: list[Record] = field(default_factory=list)
    now: datetime = START

    def wait(self, **length: float) -> Log:
        self.now += timedelta(**length)
        return self

    def call(self, who: Caller, source: str, name: str, **members: Any) -> Record:
        """One management call; members are CloudTrail's own (`requestParameters=...`, `errorCode=...`)."""
        number = len(self.records)
        record: Record = {
            "eventVersion": "1.11",
            "userIdentity": dict(who.identity),
            "eventTime": _zulu(self.now),
            "eventSource": f"{source}.amazonaws.com",
            "eventName": name,
            "awsRegion": "us-east-1",
            "sourceIPAddress": who.source_ip,
            "userAgent": f"[{who.user_agent}]" if source == "s3" else who.user_agent,
            "requestParameters": None,
            "responseElements": None,
            "requestID": f"REQ{number:013d}",
            "eventID": _event_id(number, name, who.source_ip),
            "readOnly": name.startswith(("Get", "List", "Head", "Describe")),
            "eventType": "AwsApiCall",
            "managementEvent": True,
            "recipientAccountId": ACCOUNT,
            "eventCategory": "Management",
        }
        record.update(members)
        self.records.append(record)
        return record

    def denied(self, who: Caller, source: str, name: str, **members: Any) -> Record:
        message = f"User: {who.identity.get('arn')} is not authorized to perform: {source}:{name}"
        return self.call(who, source, name, errorCode="AccessDenied", errorMessage=message, **members)

    def object(
        self,
        who: Caller,
        name: str,
        key: str | None,
        *,
        bucket: str = BUCKET,
        size: float | None = 4096.0,
        **members: Any,
    ) -> Record:
        """One S3 data event."""
        arn = f"arn:aws:s3:::{bucket}"
        parameters: Record = {"bucketName": bucket, "Host": f"{bucket}.s3.amazonaws.com"}
        resources: list[Record] = [{"type": "AWS::S3::Bucket", "ARN": arn, "accountId": ACCOUNT}]
        if key is not None:
            parameters["key"] = key
            resources.append({"type": "AWS::S3::Object", "ARN": f"{arn}/{key}"})
        extra: Record = {"AuthenticationMethod": "AuthHeader", "SignatureVersion": "SigV4"}
        if size is not None:
            extra |= {"bytesTransferredIn": 0.0, "bytesTransferredOut": size}
        data: Record = {
            "requestParameters": parameters,
            "resources": resources,
            "additionalEventData": extra,
            "managementEvent": False,
            "eventCategory": "Data",
        }
        return self.call(who, "s3", name, **(data | members))

    def bucket(self, who: Caller, name: str, *, bucket: str = BUCKET, **parameters: Any) -> Record:
        """One S3 management event about a bucket."""
        arn = f"arn:aws:s3:::{bucket}"
        return self.call(
            who,
            "s3",
            name,
            requestParameters={"bucketName": bucket, "Host": f"{bucket}.s3.amazonaws.com", **parameters},
            resources=[{"type": "AWS::S3::Bucket", "ARN": arn, "accountId": ACCOUNT}],
        )

    def assume(self, who: Caller, role: str, name: str, issued: str) -> Record:
        arn = f"arn:aws:iam::{ACCOUNT}:role/{role}"
        return self.call(
            who,
            "sts",
            "AssumeRole",
            requestParameters={"roleArn": arn, "roleSessionName": name},
            responseElements={
                "credentials": {
                    "accessKeyId": issued,
                    "sessionToken": "IQoJb3JpZ2luX2VjEXAMPLETOKEN==",
                    "expiration": "x",
                },
                "assumedRoleUser": {"arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{name}"},
            },
            resources=[{"type": "AWS::IAM::Role", "ARN": arn, "accountId": ACCOUNT}],
        )

    def create_key(self, who: Caller, name: str, issued: str) -> Record:
        return self.call(
            who,
            "iam",
            "CreateAccessKey",
            requestParameters={"userName": name},
            responseElements={"accessKey": {"accessKeyId": issued, "status": "Active", "userName": name}},
        )


LEAKED_KEY = "AKIALEAKEDKEY0000001"
SECOND_KEY = "AKIASECONDKEY0000002"
ATTACKER_IP = "203.0.113.66"
CI_IP = "198.51.100.10"
PUBLIC_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{BUCKET}/*",
        }
    ],
}
ALLOW_ALL = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
)


def leaked_key() -> Log:
    """The CI user's key leaks: denied, grants itself more, reads, makes a key, opens the bucket;
    innocents go on.
    """
    log = Log()
    ci = user("ci-deploy", LEAKED_KEY, CI_IP, "aws-cli/2.31.0 Linux/6.1 exe/x86_64")
    thief = ci.at(ATTACKER_IP, "Boto3/1.40.1 md/Botocore#1.40.1 os/macos#24.1.0")
    second = user("ci-deploy", SECOND_KEY, ATTACKER_IP, thief.user_agent)
    _ordinary(log, rounds=6)
    for number in range(3):
        log.wait(minutes=1).object(ci, "PutObject", f"builds/{number}.tar", bucket="acme-website")
    log.wait(minutes=10).call(thief, "sts", "GetCallerIdentity")
    log.wait(seconds=20).denied(thief, "s3", "ListBuckets")
    log.wait(seconds=20).object(
        thief, "GetObject", "payroll/2026-10.csv", size=243.0, errorCode="AccessDenied"
    )
    grant = {"userName": "ci-deploy", "policyName": "ci-extra", "policyDocument": ALLOW_ALL}
    log.wait(seconds=40).call(thief, "iam", "PutUserPolicy", requestParameters=grant)
    log.wait(seconds=15).call(thief, "s3", "ListBuckets")
    log.wait(seconds=15).object(thief, "ListObjects", None, size=9000.0)
    for number in range(35):
        log.wait(seconds=2).object(thief, "GetObject", f"payroll/{number:02d}.csv", size=1000.0 + number)
    log.wait(minutes=2).create_key(thief, "ci-deploy", SECOND_KEY)
    _ordinary(log, rounds=3)
    log.wait(minutes=1).object(second, "GetObject", "payroll/00.csv", size=1000.0)
    log.wait(seconds=30).bucket(second, "DeleteBucketPublicAccessBlock", publicAccessBlock="")
    log.wait(seconds=20).bucket(second, "PutBucketPolicy", bucketPolicy=PUBLIC_POLICY, policy="")
    log.wait(minutes=3)
    for number in range(4):
        log.wait(seconds=5).object(anonymous("192.0.2.200"), "GetObject", f"payroll/{number:02d}.csv")
    _ordinary(log, rounds=3)
    return log


def _ordinary(log: Log, rounds: int) -> None:
    """Two roles at their daily work, an operator looking around, CloudTrail checking its bucket."""
    app = session("payroll-app", "app-1", "ASIAPAYROLLAPP000001", "10.0.1.5", "Boto3/1.43.0 os/linux")
    reports = session(
        "payroll-reports", "nightly", "ASIAREPORTS000000001", "10.0.2.9", "Boto3/1.43.0 os/linux"
    )
    maria = user("maria.ops", "AKIAMARIAOPS00000001", "198.51.100.77", "aws-cli/2.31.0 macOS/15")
    for number in range(rounds):
        log.wait(seconds=30).object(app, "GetObject", f"payroll/{number:02d}.csv")
        log.wait(seconds=5).object(app, "PutObject", f"payroll/{number:02d}.csv", size=0.0)
        log.wait(seconds=10).object(reports, "ListObjects", None, size=2000.0)
        log.wait(seconds=5).object(reports, "GetObject", f"payroll/{number:02d}.csv")
        log.wait(seconds=3).call(maria, "s3", "ListBuckets")
        log.wait(seconds=3).denied(maria, "iam", "ListUsers")
        log.wait(seconds=3).bucket(
            service("cloudtrail.amazonaws.com"), "GetBucketAcl", bucket="acme-trail-logs"
        )


def write(
    folder: Path,
    records: Iterable[Record],
    *,
    name: str = "20261123T0330Z_aaaaaaaaaaaaaaaa",
    packed: bool = True,
) -> Path:
    """A trail file in AWS's own key layout."""
    place = folder / f"AWSLogs/{ACCOUNT}/CloudTrail/us-east-1/2026/11/23"
    place.mkdir(parents=True, exist_ok=True)
    content = json.dumps({"Records": list(records)}, separators=(",", ":"), ensure_ascii=False).encode()
    path = place / f"{ACCOUNT}_CloudTrail_us-east-1_{name}.json{'.gz' if packed else ''}"
    path.write_bytes(gzip.compress(content, mtime=0) if packed else content)
    return path


def _event_id(number: int, name: str, address: str) -> str:
    digest = hashlib.sha256(f"{number} {name} {address}".encode("utf-8", "replace")).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}"


def _unique(prefix: str, name: str) -> str:
    return prefix + "".join(random.Random(name).choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", k=17))


def _zulu(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
