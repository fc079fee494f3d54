"""Copies one version of an object to be its current one, with all that belongs to it.

Sources: S3 API Reference, CopyObject (up to 5 GB; takes metadata and tags along, not storage class,
encryption, ACL or website redirect), CreateMultipartUpload, UploadPartCopy; S3 User Guide, "Multipart upload
limits".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from bot.aws.errors import AwsRefused
from bot.remediation.acls import PUBLIC
from bot.remediation.plan import Call
from bot.remediation.sweep.contract import Hands, params_of
from bot.remediation.sweep.manifests import Item
from bot.remediation.words import sweeping

#: The most that one CopyObject takes, and a part of a copy in parts: at most 10,000 parts of at most 5 GiB.
MOST_AT_ONCE = 5 * 1024**3
_PART = 512 * 1024**2
_MOST_PARTS = 10_000
ARCHIVED = frozenset({"GLACIER", "DEEP_ARCHIVE"})
_HEADERS = (
    *("CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "ContentType", "Expires"),
    *("Metadata", "WebsiteRedirectLocation"),
)
_GRANTS = {
    "FULL_CONTROL": "GrantFullControl",
    "READ": "GrantRead",
    "READ_ACP": "GrantReadACP",
    "WRITE_ACP": "GrantWriteACP",
}
_CHECKSUMS = (
    *("ChecksumCRC32", "ChecksumCRC32C", "ChecksumCRC64NVME", "ChecksumSHA1", "ChecksumSHA256"),
    *("ChecksumSHA512", "ChecksumMD5", "ChecksumXXHASH64", "ChecksumXXHASH3", "ChecksumXXHASH128"),
)


class Unreadable(AwsRefused):
    """The version's content cannot be had: it is archived, gone, or under a key that only its writer has."""


def copy(hands: Hands, call: Call, item: Item, *, acls: bool) -> str:
    """Makes the version of a line the current one, and returns the request id. Raises AwsError.

    With `acls` its grants are kept, but for those to everybody.
    """
    head = head_of(hands, item["Key"], item["VersionId"])
    kept = {**_stored_as(item, head), **(_granted(hands, item) if acls else {})}
    params = {**params_of(call, item), **kept}
    if item["Size"] > MOST_AT_ONCE:
        return _in_parts(hands, params, head, item)
    if redirect := head.get("WebsiteRedirectLocation"):
        params["WebsiteRedirectLocation"] = redirect
    return hands.act.call(call.service, call.operation, params, hands.region).request_id


def head_of(hands: Hands, key: str, version_id: str) -> Mapping[str, Any]:
    """What S3 says of a version without its content. Raises Unreadable and AwsError."""
    asked = {"Bucket": hands.bucket, "Key": key, "VersionId": version_id, "ChecksumMode": "ENABLED"}
    try:
        return hands.act.call("s3", "head_object", asked, hands.region).data
    except AwsRefused as error:
        # The answer to HEAD has no body: 400 is what S3 says without the customer's key (SSE-C).
        said = {400: sweeping.UNREADABLE_KEY, 404: sweeping.NO_SUCH_VERSION}.get(error.status)
        if said is None or error.code not in ("400", "404"):
            raise
        raise Unreadable("s3", "head_object", error.code, said, error.request_id, error.status) from error


def same_content(hands: Hands, item: Item, version_id: str) -> bool:
    """Whether another version of equal size has the content of a line's version, where their ETags differ.

    ETags of large objects and of those under KMS keys are no hashes of their content. Then a checksum that
    both have decides, else what else came along with the copy. Raises AwsError.
    """
    one = head_of(hands, item["Key"], item["VersionId"])
    other = head_of(hands, item["Key"], version_id)
    if one["ContentLength"] != other["ContentLength"]:
        return False
    if one.get("ChecksumType") == other.get("ChecksumType"):
        for name in _CHECKSUMS:
            if one.get(name) and other.get(name):
                return bool(one[name] == other[name])
    if _is_hash(one) and _is_hash(other):
        return bool(one["ETag"] == other["ETag"])
    return all(one.get(name) == other.get(name) for name in _HEADERS)


def _is_hash(head: Mapping[str, Any]) -> bool:
    return "-" not in head.get("ETag", "-") and not str(head.get("ServerSideEncryption", "")).startswith(
        "aws:kms"
    )


def _stored_as(item: Item, head: Mapping[str, Any]) -> dict[str, Any]:
    """Storage class and encryption as they were: the bucket's defaults may be the attacker's."""
    kept = {"StorageClass": "STANDARD" if item["StorageClass"] in ARCHIVED else item["StorageClass"]}
    for name in ("ServerSideEncryption", "SSEKMSKeyId", "BucketKeyEnabled"):
        if head.get(name):
            kept[name] = head[name]
    return kept


def _granted(hands: Hands, item: Item) -> dict[str, str]:
    """The version's grants as parameters of the copy; empty where only the owner has any."""
    asked = {"Bucket": hands.bucket, "Key": item["Key"], "VersionId": item["VersionId"]}
    acl = hands.read.call("s3", "get_object_acl", asked, hands.region).data
    grants = [one for one in acl["Grants"] if one["Grantee"].get("URI") not in PUBLIC]
    if all(one["Grantee"].get("ID") == acl["Owner"]["ID"] for one in grants):
        return {}
    found: dict[str, list[str]] = {}
    for one in grants:
        grantee = one["Grantee"]
        told = f'uri="{grantee["URI"]}"' if "URI" in grantee else f'id="{grantee["ID"]}"'
        found.setdefault(_GRANTS[one["Permission"]], []).append(told)
    return {name: ", ".join(grantees) for name, grantees in found.items()}


def _in_parts(hands: Hands, params: Mapping[str, Any], head: Mapping[str, Any], item: Item) -> str:
    """The copy of a version that is too large for one call."""
    named = {"Bucket": params["Bucket"], "Key": params["Key"]}
    source = params["CopySource"]
    more = {name: value for name, value in params.items() if name not in (*named, "CopySource")}
    kept = {name: head[name] for name in _HEADERS if head.get(name)}
    begun = _call(hands, "create_multipart_upload", {**named, **more, **kept, **_tags(hands, item)})
    upload = {**named, "UploadId": begun["UploadId"]}
    try:
        parts = [
            {"PartNumber": number, **_copied(hands, upload, source, number, span)}
            for number, span in enumerate(spans(item["Size"]), 1)
        ]
        done = hands.act.call(
            "s3", "complete_multipart_upload", {**upload, "MultipartUpload": {"Parts": parts}}, hands.region
        )
    except AwsRefused as error:
        said = sweeping.upload_left(error.message, upload["UploadId"])
        raise AwsRefused("s3", error.operation, error.code, said, error.request_id, error.status) from error
    return done.request_id


def spans(size: int) -> Iterator[str]:
    """The byte ranges of the parts, ends included."""
    part = max(_PART, -(-size // _MOST_PARTS))
    for start in range(0, size, part):
        yield f"bytes={start}-{min(start + part, size) - 1}"


def _copied(
    hands: Hands, upload: Mapping[str, Any], source: object, number: int, span: str
) -> dict[str, Any]:
    asked = {**upload, "CopySource": source, "CopySourceRange": span, "PartNumber": number}
    result: dict[str, Any] = dict(_call(hands, "upload_part_copy", asked)["CopyPartResult"])
    return {name: value for name, value in result.items() if name != "LastModified"}


def _tags(hands: Hands, item: Item) -> dict[str, str]:
    asked = {"Bucket": hands.bucket, "Key": item["Key"], "VersionId": item["VersionId"]}
    tags = _call(hands, "get_object_tagging", asked).get("TagSet") or []
    return {"Tagging": urlencode({one["Key"]: one["Value"] for one in tags})} if tags else {}


def _call(hands: Hands, operation: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
    return hands.act.call("s3", operation, params, hands.region).data
