"""What an access log calls an operation, by the name CloudTrail gives the same call.

Sources: S3 User Guide, "Server access log format" (REST.HTTP_method.resource_type, WEBSITE., BATCH., S3.,
SOAP.), "S3 Lifecycle and logging" (S3.*), "Amazon S3 CloudTrail events" (CloudTrail's names, domain 1.2);
operations seen in published logs (NCBI, DANDI, the S3 console). Names that CloudTrail has none for, because
no call was made, are the lifecycle actions: they keep the log's own name.
"""

from collections.abc import Mapping

#: Bucket-level resources: `REST.GET.CORS` is GetBucketCors. The verb is the request's.
_SETTINGS = {
    "ACCELERATE": "AccelerateConfiguration",
    "ACL": "BucketAcl",
    "ANALYTICS": "BucketAnalyticsConfiguration",
    "BUCKETPOLICY": "BucketPolicy",
    "CORS": "BucketCors",
    "ENCRYPTION": "BucketEncryption",
    "INTELLIGENT_TIERING": "BucketIntelligentTieringConfiguration",
    "INVENTORY": "BucketInventoryConfiguration",
    "LIFECYCLE": "BucketLifecycle",
    "LOCATION": "BucketLocation",
    "LOGGING_STATUS": "BucketLogging",
    "METRICS": "BucketMetricsConfiguration",
    "NOTIFICATION": "BucketNotification",
    "OBJECT_LOCK_CONFIGURATION": "BucketObjectLockConfiguration",
    "OWNERSHIP_CONTROLS": "BucketOwnershipControls",
    "POLICY_STATUS": "BucketPolicyStatus",
    "PUBLIC_ACCESS_BLOCK": "BucketPublicAccessBlock",
    "REPLICATION": "BucketReplication",
    "REQUEST_PAYMENT": "BucketRequestPayment",
    "TAGGING": "BucketTagging",
    "VERSIONING": "BucketVersioning",
    "WEBSITE": "BucketWebsite",
}

#: Object-level resources with the same rule; those also in _SETTINGS mean the object where a key is named.
_OF_OBJECTS = {
    "ACL": "ObjectAcl",
    "LEGAL_HOLD": "ObjectLegalHold",
    "OBJECT_ATTRIBUTES": "ObjectAttributes",
    "OBJECT_TAGGING": "ObjectTagging",
    "RETENTION": "ObjectRetention",
    "TAGGING": "ObjectTagging",
    "TORRENT": "ObjectTorrent",
}

_VERBS = {"GET": "Get", "PUT": "Put", "DELETE": "Delete"}

#: Those that follow no rule.
_OWN = {
    "BATCH.DELETE.OBJECT": "DeleteObject",
    "REST.COPY.OBJECT": "CopyObject",
    "REST.COPY.OBJECT_GET": "CopyObject",
    "REST.COPY.PART": "UploadPartCopy",
    "REST.COPY.PART_GET": "UploadPartCopy",
    "REST.DELETE.BUCKET": "DeleteBucket",
    "REST.DELETE.OBJECT": "DeleteObject",
    "REST.DELETE.UPLOAD": "AbortMultipartUpload",
    "REST.GET.BUCKET": "ListObjects",
    "REST.GET.BUCKETVERSIONS": "ListObjectVersions",
    "REST.GET.OBJECT": "GetObject",
    "REST.GET.UPLOAD": "ListParts",
    "REST.GET.UPLOADS": "ListMultipartUploads",
    "REST.HEAD.BUCKET": "HeadBucket",
    "REST.HEAD.OBJECT": "HeadObject",
    "REST.OPTIONS.PREFLIGHT": "PreflightRequest",
    "REST.POST.MULTI_OBJECT_DELETE": "DeleteObjects",
    "REST.POST.OBJECT": "PutObject",
    "REST.POST.RESTORE": "RestoreObject",
    "REST.POST.SELECT": "SelectObjectContent",
    "REST.POST.UPLOAD": "CompleteMultipartUpload",
    "REST.POST.UPLOADS": "CreateMultipartUpload",
    "REST.PUT.BUCKET": "CreateBucket",
    "REST.PUT.OBJECT": "PutObject",
    "REST.PUT.PART": "UploadPart",
    "REST.SELECT.OBJECT": "SelectObjectContent",
    "WEBSITE.GET.OBJECT": "GetObject",
    "WEBSITE.HEAD.OBJECT": "HeadObject",
}

#: The source's side of a copy; its lines name no request, only the key that was read.
COPIED_FROM = frozenset({"REST.COPY.OBJECT_GET", "REST.COPY.PART_GET"})


def _ruled(resources: Mapping[str, str]) -> dict[str, str]:
    return {
        f"REST.{method}.{resource}": verb + name
        for resource, name in resources.items()
        for method, verb in _VERBS.items()
    }


_ON_BUCKETS = _ruled(_SETTINGS) | _OWN
_ON_OBJECTS = (
    _ruled(_SETTINGS) | _ruled(_OF_OBJECTS) | {"REST.PUT.ENCRYPTION": "UpdateObjectEncryption"} | _OWN
)


def event_name(operation: str, *, on_object: bool) -> str:
    """CloudTrail's event name for an operation; the operation itself where there is none."""
    if operation.startswith("SOAP."):
        return operation.removeprefix("SOAP.")
    return (_ON_OBJECTS if on_object else _ON_BUCKETS).get(operation, operation)


def operations_named(names: frozenset[str]) -> frozenset[str]:
    """Every operation that can have one of these event names."""
    known = {
        operation
        for table in (_ON_BUCKETS, _ON_OBJECTS)
        for operation, name in table.items()
        if name in names
    }
    return frozenset(known | {f"SOAP.{name}" for name in names} | {name for name in names if "." in name})
