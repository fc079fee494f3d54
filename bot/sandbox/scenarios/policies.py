"""The policy documents of the scenario's account."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

Statement = dict[str, Any]


def document(*statements: Statement) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(actions: Sequence[str], resources: Sequence[str] | str = "*", **more: Any) -> Statement:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resources, **more}


def deny(actions: Sequence[str], **more: Any) -> Statement:
    return {"Effect": "Deny", "Action": list(actions), **more}


def trust(principal: str, actions: Sequence[str] = ("sts:AssumeRole",), **condition: Any) -> str:
    """A role's trust policy for one principal."""
    statement: Statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": list(actions)}
    return document(statement | ({"Condition": condition} if condition else {}))


def objects(bucket: str) -> list[str]:
    """The ARNs of a bucket and of everything in it."""
    return [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]


def tls_only(bucket: str) -> Statement:
    return {
        "Sid": "DenyInsecureTransport",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": objects(bucket),
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def open_to_everyone(bucket: str) -> Statement:
    """What the attacker adds; the Sid is made to look like a vendor's integration."""
    return {
        "Sid": "PartnerSync",
        "Effect": "Allow",
        "Principal": "*",
        "Action": ["s3:GetObject", "s3:ListBucket"],
        "Resource": objects(bucket),
    }


def trail_bucket(bucket: str, account_id: str, trail_arn: str) -> str:
    """The bucket policy of CloudTrail User Guide, "Amazon S3 bucket policy for CloudTrail"."""
    service = {"Service": "cloudtrail.amazonaws.com"}
    source = {"aws:SourceArn": trail_arn}
    return document(
        {
            "Sid": "AWSCloudTrailAclCheck",
            "Effect": "Allow",
            "Principal": service,
            "Action": "s3:GetBucketAcl",
            "Resource": f"arn:aws:s3:::{bucket}",
            "Condition": {"StringEquals": source},
        },
        {
            "Sid": "AWSCloudTrailWrite",
            "Effect": "Allow",
            "Principal": service,
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::{bucket}/AWSLogs/{account_id}/*",
            "Condition": {"StringEquals": source | {"s3:x-amz-acl": "bucket-owner-full-control"}},
        },
    )


def access_log_bucket(bucket: str, account_id: str) -> str:
    """The bucket policy of S3 User Guide, "Permissions for log delivery"."""
    return document(
        {
            "Sid": "S3ServerAccessLogsPolicy",
            "Effect": "Allow",
            "Principal": {"Service": "logging.s3.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::{bucket}/*",
            "Condition": {"StringEquals": {"aws:SourceAccount": account_id}},
        }
    )


def partner_exchange(bucket: str, partner: str) -> str:
    """Wide, but not public: a foreign account, and everybody from the office's addresses."""
    return document(
        {
            "Sid": "PartnerAccount",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{partner}:root"},
            "Action": ["s3:GetObject", "s3:PutObject", "s3:ListBucket"],
            "Resource": objects(bucket),
        },
        {
            "Sid": "OfficeNetwork",
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{bucket}/*",
            "Condition": {"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}},
        },
    )


def website(bucket: str, account_id: str) -> str:
    """Readable by one distribution (CloudFront Developer Guide, "Restrict access to an S3 origin")."""
    return document(
        {
            "Sid": "AllowCloudFrontServicePrincipal",
            "Effect": "Allow",
            "Principal": {"Service": "cloudfront.amazonaws.com"},
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{bucket}/*",
            "Condition": {
                "StringEquals": {
                    "aws:SourceArn": f"arn:aws:cloudfront::{account_id}:distribution/E1ACMEWEBSITE1"
                }
            },
        }
    )


# -- the bot's own -------------------------------------------------------------------------------------


def bot_base(*roles: str) -> str:
    """The base identity can become one of its roles and nothing else."""
    return document(allow(["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"], list(roles)))


def bot_trust(user_arn: str, external_id: str, *, sourced: bool) -> str:
    """Trust in the bot's base identity; `sourced` demands that the session names the approver."""
    condition: dict[str, Any] = {"StringEquals": {"sts:ExternalId": external_id}}
    if sourced:
        condition["Null"] = {"sts:SourceIdentity": "false"}
    return trust(user_arn, ("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"), **condition)


def evidence(trail_bucket_name: str) -> str:
    """Read-only, and never the objects of the buckets under investigation (domain 6, tier 1)."""
    return document(
        allow(
            [
                *(
                    f"cloudtrail:{name}"
                    for name in ("LookupEvents", "DescribeTrails", "ListTrails", "GetTrail")
                ),
                *(f"cloudtrail:{name}" for name in ("GetTrailStatus", "GetEventSelectors")),
                *("iam:Get*", "iam:List*", "iam:GenerateCredentialReport", "sts:GetAccessKeyInfo"),
                *("s3:GetAccountPublicAccessBlock", "s3:GetBucket*", "s3:GetEncryptionConfiguration"),
                *("s3:GetLifecycleConfiguration", "s3:GetReplicationConfiguration"),
                *("s3:ListAllMyBuckets", "s3:ListBucketVersions", "s3:ListBucket"),
                *(
                    "iam:GenerateServiceLastAccessedDetails",
                    "guardduty:ListDetectors",
                    "guardduty:GetDetector",
                ),
                *("guardduty:ListFindings", "guardduty:GetFindings", "access-analyzer:ListAnalyzers"),
                *("access-analyzer:ListFindings", "access-analyzer:GetFinding"),
                *("access-analyzer:CheckNoPublicAccess", "organizations:DescribeEffectivePolicy"),
                *("organizations:DescribeOrganization",),
                *("s3:ListAccessPoints", "s3:GetAccessPoint", "s3:GetAccessPointPolicy"),
                *("config:DescribeConfigurationRecorders", "config:DescribeConfigurationRecorderStatus"),
                *("config:GetResourceConfigHistory",),
            ]
        ),
        allow(["s3:GetObject"], f"arn:aws:s3:::{trail_bucket_name}/*"),
        deny(["s3:GetObject", "s3:GetObjectVersion"], NotResource=f"arn:aws:s3:::{trail_bucket_name}/*"),
    )


#: Settings of buckets that remediations read and write.
_READS = (
    *("s3:GetBucketAcl", "s3:GetBucketOwnershipControls", "s3:GetBucketVersioning", "s3:GetBucketLogging"),
    *("s3:GetEncryptionConfiguration", "s3:GetBucketObjectLockConfiguration"),
    *("s3:GetAccountPublicAccessBlock", "s3:ListAllMyBuckets"),
)
_SETTINGS = (
    *("s3:PutBucketPublicAccessBlock", "s3:PutBucketAcl", "s3:PutBucketOwnershipControls"),
    *("s3:PutBucketVersioning", "s3:PutBucketLogging", "s3:PutEncryptionConfiguration"),
    "s3:PutAccountPublicAccessBlock",
)


def remediation() -> str:
    """What the bot's remediations need, and little more (domain 6, tier 2; domain 0.12)."""
    containment = [
        "arn:aws:iam::aws:policy/AWSDenyAll",
        "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3",
    ]
    return document(
        allow(
            ["iam:AttachUserPolicy", "iam:DetachUserPolicy"],
            Condition={"ArnEquals": {"iam:PolicyARN": containment}},
        ),
        allow(["iam:UpdateAccessKey", "iam:ListAccessKeys", "iam:ListAttachedUserPolicies", "iam:GetUser"]),
        allow(["iam:GetAccessKeyLastUsed"]),
        allow(
            [
                *("iam:PutRolePolicy", "iam:DeleteRolePolicy"),
                *("iam:DeleteLoginProfile", "iam:GetLoginProfile"),
                *("iam:GetRole", "iam:GetRolePolicy", "iam:ListRolePolicies"),
            ]
        ),
        # Nothing limits what PutRolePolicy writes; at least the bot never widens its own roles.
        deny(["iam:PutRolePolicy", "iam:DeleteRolePolicy"], Resource="arn:aws:iam::*:role/S3Incident*"),
        allow(["s3:GetBucketPolicy", "s3:GetBucketPolicyStatus", "s3:GetBucketPublicAccessBlock", *_READS]),
        allow(["s3:PutBucketPolicy", "s3:DeleteBucketPolicy", *_SETTINGS]),
        deny(["s3:DeleteBucket", "s3:DeleteObject*", "iam:CreateUser", "iam:CreateAccessKey"], Resource="*"),
    )
