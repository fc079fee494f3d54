"""The policies of the bot's roles, made from what the catalogue and the evidence ask for (domain 6).

Three identities: the base identity can do nothing but assume the two roles; the evidence role reads; the
remediation role is the outer limit of every approved step, whose session policy is far narrower.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

from bot.remediation.catalogue import listing

Document = dict[str, Any]
Statement = dict[str, Any]

#: IAM User Guide, "IAM and AWS STS quotas": characters of a customer managed policy, white space not counted.
MOST_CHARACTERS = 6144

#: What each source of evidence asks, beside what the remediations read (domain 1, sources S1 to S17).
EVIDENCE_READS: Mapping[str, tuple[str, ...]] = {
    "CloudTrail": (
        *("cloudtrail:DescribeTrails", "cloudtrail:GetEventSelectors", "cloudtrail:GetTrail"),
        *("cloudtrail:GetTrailStatus", "cloudtrail:ListPublicKeys", "cloudtrail:ListTrails"),
        "cloudtrail:LookupEvents",
    ),
    "IAM": (
        "iam:GenerateCredentialReport",
        "iam:GenerateServiceLastAccessedDetails",
        "iam:Get*",
        "iam:List*",
    ),
    "S3": (
        *("s3:GetAccessPoint", "s3:GetAccessPointPolicy", "s3:GetAccountPublicAccessBlock", "s3:GetBucket*"),
        *("s3:GetEncryptionConfiguration", "s3:GetLifecycleConfiguration", "s3:GetReplicationConfiguration"),
        *("s3:ListAccessPoints", "s3:ListAllMyBuckets", "s3:ListBucket", "s3:ListBucketVersions"),
    ),
    "STS": ("sts:GetAccessKeyInfo",),
    "GuardDuty": (
        *("guardduty:GetDetector", "guardduty:GetFindings", "guardduty:ListDetectors"),
        "guardduty:ListFindings",
    ),
    "Access Analyzer": (
        *("access-analyzer:CheckNoNewAccess", "access-analyzer:CheckNoPublicAccess"),
        *("access-analyzer:GetFinding", "access-analyzer:ListAnalyzers", "access-analyzer:ListFindings"),
    ),
    "Config": (
        *("config:DescribeConfigurationRecorderStatus", "config:DescribeConfigurationRecorders"),
        "config:GetResourceConfigHistory",
    ),
    "Organizations": ("organizations:DescribeEffectivePolicy", "organizations:DescribeOrganization"),
}

#: Policies that contain: the only ones of AWS that the bot attaches to a user (domain 0.12).
_CONTAINING = ("AWSDenyAll", "AWSCompromisedKeyQuarantineV3")
_READING = ("BatchGet", "Check", "Describe", "Get", "List", "Lookup", "Simulate", "Validate")
#: Reads of what is in the objects: never evidence, however a remediation may need them to copy.
_CONTENT = ("s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectTagging", "s3:GetObjectVersionTagging")


def reads(action: str) -> bool:
    """Whether the action changes nothing and shows nothing of an object's content."""
    return action.partition(":")[2].startswith(_READING) and action not in _CONTENT


def evidence_documents(logs: Any, keys: Any, when_keys: str) -> dict[str, Document]:
    """The evidence role's policies by name. `logs`: ARNs of the objects that the bot may read; `keys`: of the
    KMS keys that they are encrypted with, where the condition `when_keys` of the template holds.

    Responders must not read the victim's data through the bot: objects other than logs are denied.
    """
    asked = {action for actions in EVIDENCE_READS.values() for action in actions}
    asked |= {action for row in listing() for action in row.permissions if reads(action)}
    decrypt = {"Sid": "DecryptLogs", "Effect": "Allow", "Action": ["kms:Decrypt"], "Resource": keys}
    files: list[Statement] = [
        {"Sid": "ReadLogs", "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": logs},
        {"Fn::If": [when_keys, decrypt, {"Ref": "AWS::NoValue"}]},
        {
            "Sid": "NothingButLogs",
            "Effect": "Deny",
            "Action": ["s3:GetObject", "s3:GetObjectVersion"],
            "NotResource": logs,
        },
    ]
    return {**_parts("Read", _services(asked)), "Logs": _document(files)}


def remediation_documents(partition: Any = "aws") -> dict[str, Document]:
    """The remediation role's policies by name, a part or more for each family of the catalogue."""
    made: dict[str, Document] = {}
    rows = sorted(listing(), key=lambda row: row.family)
    for family, members in groupby(rows, key=lambda row: row.family):
        asked = {action for row in members if row.mode == "automated" for action in row.permissions}
        name = "".join(word.capitalize() for word in family.split())
        made |= _parts(name, _services(asked - _LIMITED.keys()))
    asked = {action for row in rows if row.mode == "automated" for action in row.permissions}
    limited = [limit(partition) for action, limit in _LIMITED.items() if action in asked]
    return {**made, "Limited": _document(limited)} if limited else made


def never_changed(protected: Any, sid: str) -> Statement:
    """That no identity among `protected` (ARNs) may be changed: the bot's own, AWS's, break-glass."""
    return {"Sid": sid, "Effect": "Deny", "Action": _IDENTITY_CHANGES, "Resource": protected}


def boundary(*more: Any) -> Document:
    """What no step may do, whatever its policies say: the permissions boundary of both roles.

    `more`: further statements, such as those of `never_changed`.
    """
    denied = [
        *more,
        {"Sid": "NeverThis", "Effect": "Deny", "Action": _NEVER, "Resource": "*"},
        {
            "Sid": "RolesForS3Alone",
            "Effect": "Deny",
            "Action": "iam:PassRole",
            "Resource": "*",
            "Condition": {
                "StringNotEqualsIfExists": {
                    "iam:PassedToService": ["s3.amazonaws.com", "batchoperations.s3.amazonaws.com"]
                }
            },
        },
    ]
    allowed = {"Sid": "WhatThePoliciesAllow", "Effect": "Allow", "Action": "*", "Resource": "*"}
    return _document([allowed, *denied])


_IDENTITY_CHANGES = [
    *("iam:Add*", "iam:Attach*", "iam:CreatePolicyVersion", "iam:Deactivate*", "iam:Delete*", "iam:Detach*"),
    *("iam:Put*", "iam:Remove*", "iam:Set*", "iam:Tag*", "iam:Untag*", "iam:Update*", "iam:Upload*"),
]
#: Domain 6, tier 2.
_NEVER = [
    *("s3:DeleteBucket", "s3:DeleteObject*", "s3:BypassGovernanceRetention", "iam:CreateUser"),
    *("iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile", "iam:CreateRole"),
    *("kms:ScheduleKeyDeletion", "kms:DeleteImportedKeyMaterial", "cloudtrail:DeleteTrail"),
    *("cloudtrail:StopLogging", "organizations:Attach*", "organizations:Create*", "organizations:Delete*"),
    *("organizations:Detach*", "organizations:Leave*", "organizations:Move*", "organizations:Remove*"),
    *("organizations:Update*", "sts:AssumeRole*"),
]


def _attach(partition: Any) -> Statement:
    allowed = [_joined("arn:", partition, f":iam::aws:policy/{name}") for name in _CONTAINING]
    return {
        "Sid": "AttachWhatContains",
        "Effect": "Allow",
        "Action": "iam:AttachUserPolicy",
        "Resource": "*",
        "Condition": {"ArnEquals": {"iam:PolicyARN": allowed}},
    }


def _pass_role(partition: Any) -> Statement:  # noqa: ARG001
    services = ["s3.amazonaws.com", "batchoperations.s3.amazonaws.com"]
    return {
        "Sid": "GiveS3ItsRoleBack",
        "Effect": "Allow",
        "Action": "iam:PassRole",
        "Resource": "*",
        "Condition": {"StringEquals": {"iam:PassedToService": services}},
    }


def _service_linked(partition: Any) -> Statement:  # noqa: ARG001
    return {
        "Sid": "LetAccessAnalyzerHaveItsRole",
        "Effect": "Allow",
        "Action": "iam:CreateServiceLinkedRole",
        "Resource": "*",
        "Condition": {"StringEquals": {"iam:AWSServiceName": "access-analyzer.amazonaws.com"}},
    }


#: Actions that are allowed under a condition only.
_LIMITED = {
    "iam:AttachUserPolicy": _attach,
    "iam:PassRole": _pass_role,
    "iam:CreateServiceLinkedRole": _service_linked,
}


def _joined(*parts: Any) -> Any:
    """Text, or CloudFormation's Fn::Join where a part is known only when the stack is made."""
    return "".join(parts) if all(isinstance(one, str) for one in parts) else {"Fn::Join": ["", list(parts)]}


def _services(actions: Iterable[str]) -> Iterator[Statement]:
    """A statement for each service. An action that a wildcard beside it covers is left out."""
    asked = sorted(actions)
    kept = [one for one in asked if not any(_covers(other, one) for other in asked)]
    for service, ours in groupby(kept, key=lambda action: action.partition(":")[0]):
        sid = "".join(word.capitalize() for word in service.split("-"))
        yield {"Sid": sid, "Effect": "Allow", "Action": list(ours), "Resource": "*"}


def _covers(pattern: str, action: str) -> bool:
    return pattern != action and pattern.endswith("*") and action.startswith(pattern[:-1])


def _parts(name: str, statements: Iterable[Statement]) -> dict[str, Document]:
    """Policies that each fit into IAM's limit, numbered where there are several."""
    parts: list[list[Statement]] = [[]]
    for statement in statements:
        if parts[-1] and _size([*parts[-1], statement]) > MOST_CHARACTERS:
            parts.append([])
        parts[-1].append(statement)
    if len(parts) == 1:
        return {name: _document(parts[0])}
    return {f"{name}{number}": _document(part) for number, part in enumerate(parts, 1)}


def _size(statements: list[Statement]) -> int:
    return len("".join(str(_document(statements)).split()))


def _document(statements: list[Statement]) -> Document:
    return {"Version": "2012-10-17", "Statement": statements}
