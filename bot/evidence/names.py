"""CloudTrail event names by what they mean for a bucket (domain E7, E13-E15, E17-E23).

Event names are not API names and not IAM actions: PutPublicAccessBlock is logged as
PutBucketPublicAccessBlock, ListObjectsV2 as ListObjects. Lambda logs API versions in the name
(`UpdateFunctionCode20150331v2`): compare names through `plain`.
"""

import re
from functools import lru_cache

_API_VERSION = re.compile(r"\d{8}(?:v\d+)?$")


@lru_cache(maxsize=4096)
def plain(name: str) -> str:
    """The event name without Lambda's API version suffix."""
    return _API_VERSION.sub("", name)


#: S3 data events (object level, plus HeadBucket and the listings). Older records carry no category flag.
DATA_READS = frozenset(
    {
        "GetObject",
        "HeadObject",
        "GetObjectAcl",
        "GetObjectAttributes",
        "GetObjectTagging",
        "GetObjectTorrent",
        "GetObjectLegalHold",
        "GetObjectRetention",
        "HeadBucket",
        "ListMultipartUploads",
        "ListObjects",
        "ListObjectVersions",
        "ListParts",
        "PreflightRequest",
        "SelectObjectContent",
    }
)
DATA_WRITES = frozenset(
    {
        "AbortMultipartUpload",
        "CompleteMultipartUpload",
        "CopyObject",
        "CreateMultipartUpload",
        "DeleteObject",
        "DeleteObjects",
        "DeleteObjectTagging",
        "PutObject",
        "PutObjectAcl",
        "PutObjectLegalHold",
        "PutObjectRetention",
        "PutObjectTagging",
        "RestoreObject",
        "UpdateObjectEncryption",
        "UploadPart",
        "UploadPartCopy",
    }
)
DATA = DATA_READS | DATA_WRITES

#: Calls that hand over the content of an object.
CONTENT_READS = frozenset({"GetObject", "SelectObjectContent", "GetObjectTorrent"})
COPIES = frozenset({"CopyObject", "UploadPartCopy"})
DELETES = frozenset({"DeleteObject", "DeleteObjects", "DeleteBucket"})

LISTING = frozenset({"ListObjects", "ListObjectVersions", "ListMultipartUploads"})
ENUMERATION = LISTING | frozenset(
    {
        "GetAccountAuthorizationDetails",
        "GetBucketAcl",
        "GetBucketEncryption",
        "GetBucketLifecycle",
        "GetBucketLocation",
        "GetBucketLogging",
        "GetBucketObjectLockConfiguration",
        "GetBucketOwnershipControls",
        "GetBucketPolicy",
        "GetBucketPolicyStatus",
        "GetBucketPublicAccessBlock",
        "GetBucketReplication",
        "GetBucketTagging",
        "GetBucketVersioning",
        "GetCallerIdentity",
        "GetPolicyVersion",
        "GetUserPolicy",
        "HeadBucket",
        "ListAccessKeys",
        "ListAccessPoints",
        "ListAttachedRolePolicies",
        "ListAttachedUserPolicies",
        "ListBuckets",
        "ListGroupsForUser",
        "ListPolicies",
        "ListRoles",
        "ListUserPolicies",
        "ListUsers",
    }
)

#: Calls that change who can reach a bucket (E15).
EXPOSURE = frozenset(
    {
        "CreateAccessGrant",
        "CreateAccessPoint",
        "DeleteAccountPublicAccessBlock",
        "DeleteBucketOwnershipControls",
        "DeleteBucketPolicy",
        "DeleteBucketPublicAccessBlock",
        "PutAccessGrantsInstanceResourcePolicy",
        "PutAccessPointPolicy",
        "PutAccountPublicAccessBlock",
        "PutBucketAcl",
        "PutBucketCors",
        "PutBucketOwnershipControls",
        "PutBucketPolicy",
        "PutBucketPublicAccessBlock",
        "PutBucketRequestPayment",
        "PutBucketWebsite",
        "PutMultiRegionAccessPointPolicy",
        "PutObjectAcl",
    }
)

#: Ways out that need no GetObject (E17, E19).
EXITS = frozenset({"PutBucketInventoryConfiguration", "PutBucketNotification", "PutBucketReplication"})

#: What would let one recover (E22).
SAFETY_NETS = frozenset(
    {
        "DeleteBucketEncryption",
        "DeleteBucketLifecycle",
        "DeleteBucketReplication",
        "PutBucketEncryption",
        "PutBucketLifecycle",
        "PutBucketVersioning",
        "PutObjectLegalHold",
        "PutObjectRetention",
    }
)

#: Ways to stay (E14).
PERSISTENCE = frozenset(
    {
        "AddPermission",
        "AddUserToGroup",
        "AttachGroupPolicy",
        "AttachRolePolicy",
        "AttachUserPolicy",
        "CreateAccessKey",
        "CreateLoginProfile",
        "CreateOpenIDConnectProvider",
        "CreatePolicyVersion",
        "CreateProfile",
        "CreateRole",
        "CreateSAMLProvider",
        "CreateServiceSpecificCredential",
        "CreateTrustAnchor",
        "CreateUser",
        "CreateVirtualMFADevice",
        "DeactivateMFADevice",
        "DeleteUserPermissionsBoundary",
        "EnableMFADevice",
        "GetFederationToken",
        "PutGroupPolicy",
        "PutRolePolicy",
        "PutUserPolicy",
        "SetDefaultPolicyVersion",
        "UpdateAccessKey",
        "UpdateAssumeRolePolicy",
        "UpdateFunctionCode",
        "UpdateFunctionConfiguration",
        "UpdateLoginProfile",
        "UpdateSAMLProvider",
        "UploadSSHPublicKey",
        "UploadSigningCertificate",
    }
)

#: Ways not to be seen (E23).
EVASION = frozenset(
    {
        "CreateFilter",
        "CreateIPSet",
        "DeleteAnalyzer",
        "DeleteConfigurationRecorder",
        "DeleteDetector",
        "DeleteEventDataStore",
        "DeleteFlowLogs",
        "DeleteLogGroup",
        "DeleteResolverQueryLogConfig",
        "DeleteTrail",
        "LeaveOrganization",
        "PutBucketLogging",
        "PutEventSelectors",
        "PutInsightSelectors",
        "StopConfigurationRecorder",
        "StopEventDataStoreIngestion",
        "StopLogging",
        "UpdateDetector",
        "UpdateTrail",
    }
)

#: The ways to blind a trail: asked of event history even where the trail's own files are read.
BLINDING = frozenset({"DeleteTrail", "PutEventSelectors", "StopLogging", "UpdateTrail"})

#: Calls that hand over secrets kept elsewhere (E13): those need to be changed too.
SECRETS = frozenset(
    {
        "BatchGetSecretValue",
        "GetParameter",
        "GetParameters",
        "GetParametersByPath",
        "GetPasswordData",
        "GetSecretValue",
    }
)

#: Calls that issue temporary credentials (E12).
MINTING = frozenset(
    {
        "AssumeRole",
        "AssumeRoleWithSAML",
        "AssumeRoleWithWebIdentity",
        "AssumeRoot",
        "GetFederationToken",
        "GetSessionToken",
    }
)

#: Changes that can turn a refusal into a success (E6).
GRANTS = frozenset(
    {
        "AddUserToGroup",
        "AttachGroupPolicy",
        "AttachRolePolicy",
        "AttachUserPolicy",
        "CreatePolicyVersion",
        "DeleteBucketPolicy",
        "DeleteUserPermissionsBoundary",
        "DeleteUserPolicy",
        "DetachUserPolicy",
        "PutBucketAcl",
        "PutBucketPolicy",
        "PutGroupPolicy",
        "PutRolePolicy",
        "PutUserPolicy",
        "SetDefaultPolicyVersion",
    }
)

#: Everything about which single records are kept, whichever bucket they name.
NOTABLE = (
    EXPOSURE
    | EXITS
    | SAFETY_NETS
    | PERSISTENCE
    | EVASION
    | SECRETS
    | MINTING
    | GRANTS
    | ENUMERATION
    | DELETES
    # What ends a gap that StopLogging began.
    | {"StartLogging"}
)

#: Names outside the groups above whose single record is worth telling (see detections).
WORTH_A_FINDING = frozenset(
    {
        "AuthorizeSecurityGroupIngress",
        "CancelKeyDeletion",
        "CreateGrant",
        "DeleteImportedKeyMaterial",
        "DescribeInstanceAttribute",
        "DisableKey",
        "EnableSerialConsoleAccess",
        "GetCommandInvocation",
        "InvokeModel",
        "JobCreated",
        "ModifyDBSnapshotAttribute",
        "ModifyImageAttribute",
        "ModifyInstanceAttribute",
        "ModifySnapshotAttribute",
        "PutKeyPolicy",
        "RunInstances",
        "ScheduleKeyDeletion",
        "SendCommand",
        "SendSSHPublicKey",
        "SendSerialConsoleSSHPublicKey",
        "StartSession",
    }
)

#: Signing in, and changing roles, in the console (E12, E27).
SIGN_INS = frozenset(
    {
        "ConsoleLogin",
        "GetSigninToken",
        "PasswordRecoveryCompleted",
        "PasswordRecoveryRequested",
        "SwitchRole",
    }
)

#: Made all day by programs and by AWS itself: such records are found by the bucket they name and by the keys
#: of those who matter, never by their name alone.
FREQUENT = (
    DATA
    | MINTING
    | SECRETS
    | frozenset(name for name in ENUMERATION if name.startswith(("GetBucket", "ListAttached")))
    | frozenset(
        {
            "CreateGrant",
            "Decrypt",
            "DescribeInstanceAttribute",
            "GenerateDataKey",
            "GetCallerIdentity",
            "GetCommandInvocation",
            "GetPolicyVersion",
            "GetUserPolicy",
            "InvokeModel",
            "RunInstances",
        }
    )
) - {"GetFederationToken", "GetPasswordData"}

#: What is searched by name in the whole log, whoever did it and to whatever.
TELLING = (NOTABLE | WORTH_A_FINDING | SIGN_INS) - FREQUENT

#: Looking without touching: told, and by itself no reason to follow whoever did it.
LOOKING = ENUMERATION | SIGN_INS | SECRETS
