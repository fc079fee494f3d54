"""The three names of one S3 operation: in the API, in CloudTrail and in IAM policies.

They differ more often than one expects: detections written with the API name never fire, policies written
with it grant nothing. An operation without a row has the same name everywhere. Services are named as boto3
names them.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

_ACTIONS_PAGE: Final = "S3 User Guide, Required permissions for Amazon S3 API operations"
_EVENTS_PAGE: Final = "S3 User Guide, Amazon S3 CloudTrail events"
_BOTH_PAGES: Final = f"{_ACTIONS_PAGE}; {_EVENTS_PAGE}"

_PREFIXES: Final = {
    "s3control": "s3",
    "accessanalyzer": "access-analyzer",
    "identitystore": "identitystore",
    "resourcegroupstaggingapi": "tag",
    "sso-admin": "sso",
}
"""IAM service prefixes that differ from the boto3 name (Service Authorization Reference)."""


@dataclass(frozen=True)
class Names:
    """One operation whose names differ.

    `actions` are the IAM actions it needs, without prefix, the one on its own resource first; `event` is
    CloudTrail's eventName; `source` the AWS page that says so.
    """

    operation: str
    event: str
    actions: tuple[str, ...]
    source: str
    service: str = "s3"


def _same_event(operation: str, *actions: str) -> Names:
    return Names(operation, operation, actions, _ACTIONS_PAGE)


_ANALYZER_PAGE: Final = "IAM Access Analyzer API Reference, ListFindingsV2, GetFindingV2"

TABLE: Final = (
    Names("ListFindingsV2", "ListFindingsV2", ("ListFindings",), _ANALYZER_PAGE, "accessanalyzer"),
    Names("GetFindingV2", "GetFindingV2", ("GetFinding",), _ANALYZER_PAGE, "accessanalyzer"),
    Names("PutPublicAccessBlock", "PutBucketPublicAccessBlock", ("PutBucketPublicAccessBlock",), _BOTH_PAGES),
    Names("GetPublicAccessBlock", "GetBucketPublicAccessBlock", ("GetBucketPublicAccessBlock",), _BOTH_PAGES),
    Names(
        "DeletePublicAccessBlock",
        "DeleteBucketPublicAccessBlock",
        ("PutBucketPublicAccessBlock",),
        _BOTH_PAGES,
    ),
    Names(
        "PutPublicAccessBlock",
        "PutAccountPublicAccessBlock",
        ("PutAccountPublicAccessBlock",),
        _BOTH_PAGES,
        "s3control",
    ),
    Names(
        "GetPublicAccessBlock",
        "GetAccountPublicAccessBlock",
        ("GetAccountPublicAccessBlock",),
        _BOTH_PAGES,
        "s3control",
    ),
    Names(
        "DeletePublicAccessBlock",
        "DeleteAccountPublicAccessBlock",
        ("PutAccountPublicAccessBlock",),
        _BOTH_PAGES,
        "s3control",
    ),
    Names(
        "PutBucketLifecycleConfiguration", "PutBucketLifecycle", ("PutLifecycleConfiguration",), _BOTH_PAGES
    ),
    Names(
        "GetBucketLifecycleConfiguration", "GetBucketLifecycle", ("GetLifecycleConfiguration",), _BOTH_PAGES
    ),
    _same_event("PutBucketLifecycle", "PutLifecycleConfiguration"),
    _same_event("GetBucketLifecycle", "GetLifecycleConfiguration"),
    _same_event("DeleteBucketLifecycle", "PutLifecycleConfiguration"),
    Names(
        "PutBucketNotificationConfiguration", "PutBucketNotification", ("PutBucketNotification",), _BOTH_PAGES
    ),
    Names(
        "GetBucketNotificationConfiguration", "GetBucketNotification", ("GetBucketNotification",), _BOTH_PAGES
    ),
    Names(
        "PutObjectLockConfiguration",
        "PutBucketObjectLockConfiguration",
        ("PutBucketObjectLockConfiguration",),
        _BOTH_PAGES,
    ),
    Names(
        "GetObjectLockConfiguration",
        "GetBucketObjectLockConfiguration",
        ("GetBucketObjectLockConfiguration",),
        _BOTH_PAGES,
    ),
    Names("ListObjectsV2", "ListObjects", ("ListBucket",), _BOTH_PAGES),
    _same_event("ListObjects", "ListBucket"),
    _same_event("ListObjectVersions", "ListBucketVersions"),
    _same_event("ListBuckets", "ListAllMyBuckets"),
    _same_event("HeadBucket", "ListBucket"),
    _same_event("ListMultipartUploads", "ListBucketMultipartUploads"),
    _same_event("ListParts", "ListMultipartUploadParts"),
    _same_event("HeadObject", "GetObject"),
    _same_event("GetObjectAttributes", "GetObjectAttributes", "GetObject"),
    _same_event("SelectObjectContent", "GetObject"),
    _same_event("CopyObject", "PutObject", "GetObject"),
    _same_event("UploadPartCopy", "PutObject", "GetObject"),
    _same_event("CreateMultipartUpload", "PutObject"),
    _same_event("UploadPart", "PutObject"),
    _same_event("CompleteMultipartUpload", "PutObject"),
    _same_event("DeleteObjects", "DeleteObject"),
    _same_event("GetBucketEncryption", "GetEncryptionConfiguration"),
    _same_event("PutBucketEncryption", "PutEncryptionConfiguration"),
    _same_event("DeleteBucketEncryption", "PutEncryptionConfiguration"),
    _same_event("GetBucketReplication", "GetReplicationConfiguration"),
    _same_event("PutBucketReplication", "PutReplicationConfiguration"),
    _same_event("DeleteBucketReplication", "PutReplicationConfiguration"),
    _same_event("GetBucketCors", "GetBucketCORS"),
    _same_event("PutBucketCors", "PutBucketCORS"),
    _same_event("DeleteBucketCors", "PutBucketCORS"),
    _same_event("DeleteBucketTagging", "PutBucketTagging"),
    _same_event("DeleteBucketOwnershipControls", "PutBucketOwnershipControls"),
    _same_event("GetBucketAccelerateConfiguration", "GetAccelerateConfiguration"),
    _same_event("PutBucketAccelerateConfiguration", "PutAccelerateConfiguration"),
    _same_event("GetBucketAnalyticsConfiguration", "GetAnalyticsConfiguration"),
    _same_event("ListBucketAnalyticsConfigurations", "GetAnalyticsConfiguration"),
    _same_event("PutBucketAnalyticsConfiguration", "PutAnalyticsConfiguration"),
    _same_event("DeleteBucketAnalyticsConfiguration", "PutAnalyticsConfiguration"),
    _same_event("GetBucketInventoryConfiguration", "GetInventoryConfiguration"),
    _same_event("ListBucketInventoryConfigurations", "GetInventoryConfiguration"),
    _same_event("PutBucketInventoryConfiguration", "PutInventoryConfiguration"),
    _same_event("DeleteBucketInventoryConfiguration", "PutInventoryConfiguration"),
    _same_event("GetBucketMetricsConfiguration", "GetMetricsConfiguration"),
    _same_event("ListBucketMetricsConfigurations", "GetMetricsConfiguration"),
    _same_event("PutBucketMetricsConfiguration", "PutMetricsConfiguration"),
    _same_event("DeleteBucketMetricsConfiguration", "PutMetricsConfiguration"),
    _same_event("GetBucketIntelligentTieringConfiguration", "GetIntelligentTieringConfiguration"),
    _same_event("ListBucketIntelligentTieringConfigurations", "GetIntelligentTieringConfiguration"),
    _same_event("PutBucketIntelligentTieringConfiguration", "PutIntelligentTieringConfiguration"),
    _same_event("DeleteBucketIntelligentTieringConfiguration", "PutIntelligentTieringConfiguration"),
)
"""Every operation whose IAM action or CloudTrail event has another name than the API."""

_VERSIONED: Final = {
    "GetObject": "GetObjectVersion",
    "GetObjectAcl": "GetObjectVersionAcl",
    "GetObjectAttributes": "GetObjectVersionAttributes",
    "GetObjectTagging": "GetObjectVersionTagging",
    "PutObjectAcl": "PutObjectVersionAcl",
    "PutObjectTagging": "PutObjectVersionTagging",
    "DeleteObject": "DeleteObjectVersion",
    "DeleteObjectTagging": "DeleteObjectVersionTagging",
}
"""IAM actions that a request for one version of an object needs in place of the usual (the same page)."""

_ROWS: Final = {(row.service, row.operation): row for row in TABLE}


def iam_action(service: str, operation: str, *, versioned: bool = False) -> str:
    """The IAM action on the operation's own resource: ("s3", "ListObjectsV2") is `s3:ListBucket`.

    `service` and `operation` are boto3's (`s3control` for account-level S3); `versioned` says that the
    request names a version of an object. A copy also needs the actions of `iam_actions` on its source.
    """
    return iam_actions(service, operation, versioned=versioned)[0]


def iam_actions(service: str, operation: str, *, versioned: bool = False) -> tuple[str, ...]:
    """All IAM actions the operation needs, the one on its own resource first."""
    row = _ROWS.get((service, operation))
    actions = row.actions if row else (operation,)
    if versioned:
        actions = tuple(_VERSIONED.get(action, action) for action in actions)
    return tuple(f"{_PREFIXES.get(service, service)}:{action}" for action in actions)


def event_name(service: str, operation: str) -> str:
    """CloudTrail's eventName: ("s3", "PutBucketLifecycleConfiguration") is `PutBucketLifecycle`."""
    row = _ROWS.get((service, operation))
    return row.event if row else operation


def _by_event() -> dict[tuple[str, str], tuple[str, ...]]:
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in TABLE:
        for action in iam_actions(row.service, row.operation):
            if action not in found[_PREFIXES.get(row.service, row.service), row.event]:
                found[_PREFIXES.get(row.service, row.service), row.event].append(action)
    return {event: tuple(actions) for event, actions in found.items()}


_EVENT_ACTIONS: Final = {**_by_event(), ("s3", "PreflightRequest"): ()}
"""An OPTIONS request (PreflightRequest) needs no permission: the CORS configuration decides."""


def actions_of_event(event_source: str, event: str, *, versioned: bool = False) -> tuple[str, ...]:
    """The IAM actions behind a CloudTrail record; ("s3.amazonaws.com", "ListObjects"): `s3:ListBucket`.

    `versioned` says that the request named a version of an object.
    """
    service = event_source.removesuffix(".amazonaws.com")
    found = _EVENT_ACTIONS.get((service, event), (f"{_PREFIXES.get(service, service)}:{event}",))
    return tuple(_of_version(action) for action in found) if versioned and service == "s3" else found


def _of_version(action: str) -> str:
    prefix, _, name = action.partition(":")
    return f"{prefix}:{_VERSIONED.get(name, name)}"
