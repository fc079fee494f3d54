"""The CloudFormation template of the bot's two roles in one account.

Source: CloudFormation User Guide, AWS::IAM::Role, AWS::IAM::ManagedPolicy, intrinsic functions; domain 6.
"""

from __future__ import annotations

from typing import Any

from bot.remediation.roles import Document, boundary, evidence_documents, never_changed, remediation_documents

EVIDENCE, REMEDIATE, BOUNDARY = "S3IncidentEvidence", "S3IncidentRemediate", "S3IncidentBoundary"
Resource = dict[str, Any]

_PARAMETERS: dict[str, Any] = {
    "BaseIdentityArn": {
        "Type": "String",
        "Description": "The bot's own identity (a role of its instance or container, or a user).",
        "AllowedPattern": "^arn:aws[a-z-]*:iam::\\d{12}:(role|user)/.+$",
    },
    "ExternalId": {
        "Type": "String",
        "Description": "A long random string, the external_id of this account in S3INCIDENT_ACCOUNTS.",
        "MinLength": 8,
    },
    "ReadableObjects": {
        "Type": "CommaDelimitedList",
        "Description": (
            "ARNs of the objects that the bot may read, each ending in /*: the trail's, the access logs', "
            "and where in use Athena's results and the bot's vault. Objects elsewhere are denied to it."
        ),
    },
    "LogKeyArns": {
        "Type": "CommaDelimitedList",
        "Description": "ARNs of the KMS keys that those objects are encrypted with.",
        "Default": "",
    },
    "BreakGlassArns": {
        "Type": "CommaDelimitedList",
        "Description": "ARNs of the break-glass identities, which the bot never changes.",
        "Default": "",
    },
    "VaultObjects": {
        "Type": "CommaDelimitedList",
        "Description": "Where evidence is kept (S3INCIDENT_VAULT_URL): the ARN of its objects, ending in /*.",
        "Default": "",
    },
    "AthenaResults": {
        "Type": "CommaDelimitedList",
        "Description": "Where Athena writes results, if it is used: the ARN of those objects, ending in /*.",
        "Default": "",
    },
}
_GIVEN = {
    "HasLogKeys": "LogKeyArns",
    "HasBreakGlass": "BreakGlassArns",
    "HasVault": "VaultObjects",
    "HasAthena": "AthenaResults",
}
_NO_VALUE = {"Ref": "AWS::NoValue"}
_PARTITION = {"Ref": "AWS::Partition"}


def template() -> Resource:
    """The whole template, as data: what to deploy in each account that the bot looks after."""
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "The two roles of s3incident: one reads evidence, one carries out approved changes.",
        "Parameters": _PARAMETERS,
        "Conditions": {name: _is_given(parameter) for name, parameter in _GIVEN.items()},
        "Resources": {
            "Boundary": _policy(BOUNDARY, _boundary()),
            "EvidenceRole": _role(EVIDENCE),
            **_attached(EVIDENCE, "EvidenceRole", _evidence()),
            "Vault": {"Condition": "HasVault", **_own("Vault", _vault())},
            "Athena": {"Condition": "HasAthena", **_own("Athena", _athena())},
            "RemediationRole": _role(REMEDIATE),
            **_attached(REMEDIATE, "RemediationRole", remediation_documents(_PARTITION)),
        },
        "Outputs": {
            "EvidenceRoleArn": {"Value": {"Fn::GetAtt": ["EvidenceRole", "Arn"]}},
            "RemediationRoleArn": {"Value": {"Fn::GetAtt": ["RemediationRole", "Arn"]}},
        },
    }


def _is_given(parameter: str) -> Resource:
    return {"Fn::Not": [{"Fn::Equals": [{"Fn::Join": ["", {"Ref": parameter}]}, ""]}]}


def _role(name: str) -> Resource:
    """Trusts the base identity with the external id, and only sessions that name who is behind them."""
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": {"Ref": "BaseIdentityArn"}},
        "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
        "Condition": {
            "StringEquals": {"sts:ExternalId": {"Ref": "ExternalId"}},
            "Null": {"sts:SourceIdentity": "false"},
        },
    }
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": name,
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
            "PermissionsBoundary": {"Ref": "Boundary"},
        },
    }


def _policy(name: str, document: Document, role: str | None = None) -> Resource:
    properties = {"ManagedPolicyName": name, "PolicyDocument": document}
    return {
        "Type": "AWS::IAM::ManagedPolicy",
        "Properties": {**properties, "Roles": [{"Ref": role}]} if role else properties,
    }


def _attached(prefix: str, role: str, documents: dict[str, Document]) -> dict[str, Resource]:
    """A managed policy for each document: a role's own inline policies hold too little."""
    return {
        f"{role.removesuffix('Role')}{name}": _policy(f"{prefix}{name}", document, role)
        for name, document in documents.items()
    }


def _own(name: str, document: Document) -> Resource:
    return _policy(f"{EVIDENCE}{name}", document, "EvidenceRole")


def _evidence() -> dict[str, Document]:
    return evidence_documents({"Ref": "ReadableObjects"}, {"Ref": "LogKeyArns"}, when_keys="HasLogKeys")


def _boundary() -> Document:
    ours = [
        _in_account("role/S3Incident*"),
        _in_account("policy/S3Incident*"),
        _in_account("role/aws-service-role/*"),
        _in_account("role/aws-reserved/*"),
        _in_account("role/OrganizationAccountAccessRole"),
        {"Ref": "BaseIdentityArn"},
    ]
    break_glass = never_changed({"Ref": "BreakGlassArns"}, "NeverBreakGlass")
    return boundary(never_changed(ours, "NeverThese"), {"Fn::If": ["HasBreakGlass", break_glass, _NO_VALUE]})


def _in_account(path: str) -> Resource:
    return {"Fn::Sub": f"arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:{path}"}


def _vault() -> Document:
    """What a vault in S3 needs (bot/evidence/README.md)."""
    write = _allow(["s3:PutObject", "s3:PutObjectRetention"], {"Ref": "VaultObjects"})
    return {"Version": "2012-10-17", "Statement": [write]}


def _athena() -> Document:
    """What Athena needs (bot/evidence/README.md), the making of its table too."""
    asks = ["GetQueryExecution", "GetQueryResults", "GetTableMetadata", "StartQueryExecution"]
    glue = ["CreateDatabase", "CreateTable", "GetDatabase", "GetPartitions", "GetTable"]
    actions = [f"athena:{name}" for name in (*asks, "StopQueryExecution")] + [f"glue:{name}" for name in glue]
    statements = [_allow(actions, "*"), _allow(["s3:PutObject"], {"Ref": "AthenaResults"})]
    return {"Version": "2012-10-17", "Statement": statements}


def _allow(actions: list[str], resource: Any) -> Resource:
    return {"Effect": "Allow", "Action": actions, "Resource": resource}
