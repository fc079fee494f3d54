"""Answers of AWS for these tests, checked against botocore's own models of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import botocore.session
from botocore.validate import ParamValidator

from bot.aws.config_history import ConfigHistory, Recorder
from bot.aws.fact import Fact
from bot.aws.guardduty import Detector, RegionFindings
from bot.aws.iam_facts import CredentialReport, IamFacts, Key, NamedPolicy, PrincipalFacts

ACCOUNT, BUCKET = "111122223333", "acme-payroll"
T0 = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
OWNER = "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a"
USER = f"arn:aws:iam::{ACCOUNT}:user/ci-deploy"
OPEN = {
    "Sid": "PartnerSync",
    "Effect": "Allow",
    "Principal": "*",
    "Action": "s3:GetObject",
    "Resource": f"arn:aws:s3:::{BUCKET}/*",
}
TLS = {
    "Sid": "Tls",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": f"arn:aws:s3:::{BUCKET}/*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}

_SESSION = botocore.session.Session()


def shaped(service: str, operation: str, answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """The answer, which AWS could have given: a member or type that its model lacks fails the test."""
    shape = _SESSION.get_service_model(service).operation_model(operation).output_shape
    report = ParamValidator().validate(answer, shape)
    assert not report.has_errors(), report.generate_report()
    return answer


def document(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def item(minutes: float, **parts: Any) -> Mapping[str, Any]:
    """A configuration item of the bucket, so many minutes after T0; `parts` in Config's own spelling."""
    acl = {"grantSet": None, "grantList": [_own()], "owner": {"displayName": None, "id": OWNER}}
    grants = parts.pop("grants", None)
    if grants is not None:
        acl["grantList"] = [_own(), *grants]
    told = {
        "AccessControlList": json.dumps(acl),
        "BucketPolicy": {"policyText": parts.pop("policy", None)},
        "BucketVersioningConfiguration": {"status": "Off", "isMfaDeleteEnabled": None},
        "BucketLoggingConfiguration": {"destinationBucketName": None, "logFilePrefix": None},
        **parts,
    }
    one = {
        "resourceType": "AWS::S3::Bucket",
        "resourceId": BUCKET,
        "configurationItemCaptureTime": T0 + timedelta(minutes=minutes),
        "configurationItemStatus": "OK",
        "supplementaryConfiguration": {name: json.dumps(value) for name, value in told.items()},
    }
    shaped("config", "GetResourceConfigHistory", {"configurationItems": [one]})
    return one


def _own() -> dict[str, Any]:
    return {"grantee": {"id": OWNER, "displayName": None}, "permission": "FullControl"}


def block(*, on: bool) -> dict[str, bool]:
    """Block Public Access as Config spells it."""
    return dict.fromkeys(
        ("blockPublicAcls", "ignorePublicAcls", "blockPublicPolicy", "restrictPublicBuckets"), on
    )


def account_item(minutes: float, *, on: bool) -> Mapping[str, Any]:
    one = {
        "resourceType": "AWS::S3::AccountPublicAccessBlock",
        "resourceId": ACCOUNT,
        "configurationItemCaptureTime": T0 + timedelta(minutes=minutes),
        "configurationItemStatus": "OK",
        "configuration": json.dumps(block(on=on)),
    }
    shaped("config", "GetResourceConfigHistory", {"configurationItems": [one]})
    return one


def config(*items: Mapping[str, Any], account: tuple[Mapping[str, Any], ...] = ()) -> ConfigHistory:
    recorder = Recorder("default", recording=True, records_buckets=True)
    return ConfigHistory(T0, Fact(recorder), Fact(items), Fact(account))


def finding(kind: str, severity: float = 8.0, **service: Any) -> Mapping[str, Any]:
    """A finding of GuardDuty about the bucket, seen a minute after T0."""
    one = {
        "AccountId": ACCOUNT,
        "Arn": "arn:aws:guardduty:us-east-1:111122223333:detector/d/finding/f",
        "CreatedAt": "2026-11-23T02:01:00Z",
        "Description": "Somebody did something.",
        "Id": f"id-of-{kind}",
        "Region": "us-east-1",
        "Resource": {
            "ResourceType": "S3Bucket",
            "AccessKeyDetails": {"AccessKeyId": "AKIAEXAMPLE000000001", "UserName": "ci-deploy"},
            "S3BucketDetails": [{"Arn": f"arn:aws:s3:::{BUCKET}", "Name": BUCKET}],
        },
        "SchemaVersion": "2.0",
        "Service": {
            "Action": {"AwsApiCallAction": {"RemoteIpDetails": {"IpAddressV4": "203.0.113.66"}}},
            "Count": 3,
            "EventFirstSeen": "2026-11-23T02:01:00Z",
            "EventLastSeen": "2026-11-23T02:05:00Z",
            **service,
        },
        "Severity": severity,
        "Title": "What GuardDuty calls it",
        "Type": kind,
        "UpdatedAt": "2026-11-23T02:06:00Z",
    }
    shaped("guardduty", "GetFindings", {"Findings": [one]})
    return one


def guardduty(*found: Mapping[str, Any], s3: bool = True, on: bool = True) -> RegionFindings:
    return RegionFindings("us-east-1", Fact(Detector("d", on, s3)), Fact(found))


def principal(**more: Any) -> PrincipalFacts:
    """User ci-deploy, who may read and write one bucket, with one key 400 days old."""
    grant = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": f"arn:aws:s3:::{BUCKET}/*"}
    told: dict[str, Any] = {
        "arn": USER,
        "kind": "user",
        "name": "ci-deploy",
        "created": T0 - timedelta(days=400),
        "policies": (NamedPolicy("ci", document(grant)),),
        "attached": (),
        "groups": (),
        "boundary": None,
        "boundary_policy": None,
        "keys": Fact((Key("AKIAEXAMPLE000000001", True, T0 - timedelta(days=400)),)),
        "last_accessed": Fact(()),
    }
    return PrincipalFacts(**{**told, **more})


def report(*rows: Mapping[str, str]) -> CredentialReport:
    return CredentialReport(T0 + timedelta(hours=1), rows)


def iam(*principals: PrincipalFacts, rows: tuple[Mapping[str, str], ...] = (), **more: Any) -> IamFacts:
    told = {"principals": Fact(principals), "key_uses": {}, "report": Fact(report(*rows))}
    return IamFacts(**{**told, **more})
