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


def trust(principal: str, actions: Sequence[str] = ("sts:AssumeRole",), **condition: Any) -> str:
    """A role's trust policy for one principal."""
    statement: Statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": list(actions)}
    return document(statement | ({"Condition": condition} if condition else {}))


def trust_in_service(service: str) -> str:
    """A role's trust policy for an AWS service."""
    principal = {"Service": service}
    return document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})


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
