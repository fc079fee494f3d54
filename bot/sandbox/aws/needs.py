"""What a call needs to be allowed: IAM actions on resources.

Sources: Service Authorization Reference (Amazon S3, IAM, STS, CloudTrail); domain 1.2.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from bot.policy.actions import iam_action
from bot.sandbox.aws import control
from bot.sandbox.aws.backend import Backend
from bot.sandbox.aws.call import Call
from bot.sandbox.aws.identities import Caller
from bot.sandbox.aws.safeguards.resources import resource, service_role

#: Identified but never refused: STS User Guide, "No permissions are required to perform this operation".
FREE = {("sts", "GetCallerIdentity"), ("sts", "GetSessionToken")}


@dataclass(frozen=True)
class Need:
    """One permission: the action, the resource's ARN (or "*"), the account that owns the resource."""

    action: str
    resource: str
    account: str | None = None


def needs(call: Call, caller: Caller, backend: Backend) -> tuple[Need, ...]:
    """Everything that must be allowed for the call to go through."""
    if (call.service, call.operation) in FREE:
        return ()
    if call.service == "s3":
        return _s3(call, backend)
    if call.service == "sts":
        return _sts(call, backend)
    if call.service == "athena" and call.params.get("QueryExecutionId"):
        return ()  # of the query's workgroup, which Athena knows: it decides by itself
    action = iam_action(call.service, call.operation)
    made = service_role(call, backend)
    more = (Need("iam:CreateServiceLinkedRole", made, backend.account_id),) if made else ()
    if call.operation == "CreateJob" and (role := re.search(rb"<RoleArn>([^<]+)</RoleArn>", call.http.body)):
        more = (Need("iam:PassRole", role[1].decode(), backend.account_id),)
    return (Need(action, _resource(call, caller, backend), backend.account_id), *more)


def _resource(call: Call, caller: Caller, backend: Backend) -> str:
    if call.service == "iam":
        return _iam_resource(call, caller, backend)
    if call.service == "cloudtrail":
        return _trail(call, backend)
    if call.service == "kms":
        return _key(call, backend)
    if call.service == "s3control":
        return control.resource(call, backend)
    return _workgroup(call, backend) if call.service == "athena" else resource(call, backend.account_id)


def _s3(call: Call, backend: Backend) -> tuple[Need, ...]:
    action = iam_action("s3", call.operation, versioned="VersionId" in call.params)
    bucket = call.bucket
    if bucket is None:
        return (Need(action, "*", backend.account_id),)
    owner = backend.owner(bucket) or backend.account_id
    arn = f"arn:aws:s3:::{bucket}"
    if call.operation == "DeleteObjects":
        return ()  # each key is decided by itself (see `batch`)
    door = _at_the_door(call, action, owner)
    if call.key is None:
        return (*door, Need(action, arn, owner), *_handed_over(call, backend))
    more = _also(call, f"{arn}/{call.key}", owner, backend)
    return (*door, Need(action, f"{arn}/{call.key}", owner), *more)


def _at_the_door(call: Call, action: str, owner: str) -> list[Need]:
    """Through an access point, its policy must allow as well as the bucket's (S3 User Guide, "Configuring IAM
    policies for using access points").
    """
    if call.access_point is None:
        return []
    behind = f"/object/{call.key}" if call.key is not None else ""
    return [Need(action, f"{call.access_point}{behind}", owner)]


def _handed_over(call: Call, backend: Backend) -> list[Need]:
    """The role that a replication is to act with (S3 API Reference, PutBucketReplication, "Permissions")."""
    role = re.search(rb"<Role>\s*([^<]+?)\s*</Role>", call.http.body)
    if call.operation != "PutBucketReplication" or role is None:
        return []
    return [Need("iam:PassRole", role[1].decode(), backend.account_id)]


def _also(call: Call, arn: str, owner: str, backend: Backend) -> list[Need]:
    """Further permissions that a header of the call asks for."""
    found = []
    if call.operation in {"PutObject", "CopyObject", "CreateMultipartUpload"}:
        if call.header("x-amz-acl") or any(
            name.lower().startswith("x-amz-grant-") for name, _ in call.http.headers
        ):
            found.append(Need("s3:PutObjectAcl", arn, owner))
        if call.header("x-amz-tagging"):
            found.append(Need("s3:PutObjectTagging", arn, owner))
    source = call.header("x-amz-copy-source")
    if source:
        path, _, version = unquote(source).lstrip("/").partition("?versionId=")
        action = "s3:GetObjectVersion" if version else "s3:GetObject"
        found.append(Need(action, f"arn:aws:s3:::{path}", backend.owner(path.split("/")[0])))
        found += _of_copy(call, arn, owner, backend, path, version or None)
    return found


def _of_copy(
    call: Call, arn: str, owner: str, backend: Backend, path: str, version: str | None
) -> list[Need]:
    """Tags that come along, and KMS keys that S3 uses in the caller's name.

    Source: S3 API Reference, CopyObject; S3 User Guide, "Required permissions" and "Using SSE-KMS".
    """
    bucket, _, key = path.partition("/")
    copied = backend.version(bucket, key, version)
    found = []
    if copied is not None and backend.is_object(copied):
        if call.header("x-amz-tagging-directive") != "REPLACE" and backend.tagged(copied):
            action = "s3:GetObjectVersionTagging" if version else "s3:GetObjectTagging"
            found.append(Need(action, f"arn:aws:s3:::{path}", backend.owner(bucket)))
            found.append(Need("s3:PutObjectTagging", arn, owner))
        if copied.encryption == "aws:kms" and copied.kms_key_id:
            found.append(_master_key("kms:Decrypt", str(copied.kms_key_id), backend))
    key_id = call.header("x-amz-server-side-encryption-aws-kms-key-id")
    if call.header("x-amz-server-side-encryption") == "aws:kms" and key_id:
        found.append(_master_key("kms:GenerateDataKey", key_id, backend))
    return found


def _master_key(action: str, key: str, backend: Backend) -> Need:
    arn = f"arn:aws:kms:{backend.region}:{backend.account_id}:key/{key.rpartition('/')[2]}"
    return Need(action, arn, backend.account_id)


def _sts(call: Call, backend: Backend) -> tuple[Need, ...]:
    if call.operation != "AssumeRole":
        return (Need(iam_action("sts", call.operation), "*", backend.account_id),)
    arn = call.text("RoleArn") or "*"
    found = [Need("sts:AssumeRole", arn)]
    if call.params.get("Tags"):
        found.append(Need("sts:TagSession", arn))
    if call.params.get("SourceIdentity"):
        found.append(Need("sts:SetSourceIdentity", arn))
    return tuple(found)


def _iam_resource(call: Call, caller: Caller, backend: Backend) -> str:
    """The ARN that an IAM action is authorized on. A call about "myself" names no user."""
    account = f"arn:aws:iam::{backend.account_id}"
    role, group, policy = call.text("RoleName"), call.text("GroupName"), call.text("PolicyArn")
    if call.operation in _NOT_BY_USER:
        return _named_otherwise(call, account, backend)
    if call.text("UserName") or (caller.kind == "user" and _about_self(call)):
        name = call.text("UserName") or caller.name
        return _arn(backend.user(name), f"{account}:user/{name}")
    if role:
        return _arn(backend.role(role), f"{account}:role/{role}")
    if group:
        return _arn(backend.holder("group", group), f"{account}:group/{group}")
    if policy or call.text("PolicyName"):
        return policy or f"{account}:policy/{call.text('PolicyName')}"
    return {"ListUsers": f"{account}:user/", "ListRoles": f"{account}:role/"}.get(call.operation, "*")


def _arn(holder: Any | None, otherwise: str) -> str:
    return otherwise if holder is None else str(holder.arn)


def _named_otherwise(call: Call, account: str, backend: Backend) -> str:
    named = str(call.text(_NOT_BY_USER[call.operation]))
    if named.startswith("arn:"):
        return named
    if "InstanceProfile" in call.operation:
        return f"{account}:instance-profile/{named}"
    return _arn(backend.holder("group", named), f"{account}:group/{named}")


#: IAM calls that are authorized on something else than the user or role in them: the parameter that names it.
_NOT_BY_USER = {
    "AddUserToGroup": "GroupName",
    "RemoveUserFromGroup": "GroupName",
    "AddRoleToInstanceProfile": "InstanceProfileName",
    "RemoveRoleFromInstanceProfile": "InstanceProfileName",
    "DeleteVirtualMFADevice": "SerialNumber",
    "DeleteSAMLProvider": "SAMLProviderArn",
    "GetSAMLProvider": "SAMLProviderArn",
    "DeleteOpenIDConnectProvider": "OpenIDConnectProviderArn",
    "GetOpenIDConnectProvider": "OpenIDConnectProviderArn",
}

#: IAM calls that speak of the calling user when no UserName is given (IAM API Reference, each action).
SELF = {
    "GetUser", "CreateAccessKey", "ListAccessKeys", "DeleteAccessKey", "UpdateAccessKey",
    "ListMFADevices", "ListSSHPublicKeys", "ListSigningCertificates",
}  # fmt: skip


def _about_self(call: Call) -> bool:
    return call.operation in SELF


def _trail(call: Call, backend: Backend) -> str:
    name = call.text("TrailName") or call.text("Name")
    if not name:
        return "*"
    if name.startswith("arn:"):
        return name
    return f"arn:aws:cloudtrail:{call.region}:{backend.account_id}:trail/{name}"


def _key(call: Call, backend: Backend) -> str:
    """An alias is not what is authorized: the key behind it is."""
    named = call.text("KeyId")
    if not named:
        return "*"
    key = backend.kms_key(call.region, named)
    return str(key.arn) if key is not None else f"arn:aws:kms:{call.region}:{backend.account_id}:key/{named}"


def _workgroup(call: Call, backend: Backend) -> str:
    name = call.text("WorkGroup") or call.text("Name") or "primary"
    return f"arn:aws:athena:{call.region}:{backend.account_id}:workgroup/{name}"
