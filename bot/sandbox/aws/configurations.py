"""A bucket's configurations that are written as whole documents: kept as they were sent, shown as they are.

Lifecycle, replication, notifications, CORS, website, who pays, and inventories by their ids. moto rewrites
or forgets parts of them and refuses hardly anything. What AWS refuses is in `configuration_rules`. Sources:
S3 API Reference, Put..., Get... and DeleteBucket... of each; S3 API Reference, "Error responses".
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from random import Random

from werkzeug.datastructures import Headers

from bot.sandbox.aws.backend import Backend
from bot.sandbox.aws.call import Call, Response, xml
from bot.sandbox.aws.configuration_rules import (
    MINIMUM_HEADER,
    check_lifecycle,
    check_notification,
    check_replication,
)
from bot.sandbox.aws.errors import AwsError
from bot.sandbox.aws.ids import some_uuid
from bot.sandbox.aws.versions import Versions

#: What S3 answers where nothing is configured; who pays and notifications always have an answer.
_ABSENT = {
    "lifecycle": ("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"),
    "replication": (
        "ReplicationConfigurationNotFoundError",
        "The replication configuration was not found",
    ),
    "cors": ("NoSuchCORSConfiguration", "The CORS configuration does not exist"),
    "website": (
        "NoSuchWebsiteConfiguration",
        "The specified bucket does not have a website configuration",
    ),
}
_ALWAYS = {
    "notification": "<NotificationConfiguration/>",
    "payment": "<RequestPaymentConfiguration><Payer>BucketOwner</Payer></RequestPaymentConfiguration>",
}
#: Elements to which S3 gives an id where the writer gave none.
_GIVEN_IDS = {
    "lifecycle": ("Rule", "ID"),
    "replication": ("Rule", "ID"),
    "notification": ("*", "Id"),
}
#: Inventories in one answer (S3 API Reference, ListBucketInventoryConfigurations).
_PAGE = 100


class Configurations:
    """The documents of all buckets, by bucket and kind."""

    def __init__(self, backend: Backend, versions: Versions) -> None:
        self._backend = backend
        self._versions = versions
        self._kept: dict[tuple[str, str], ET.Element] = {}
        self._minimum: dict[str, str] = {}
        self._inventories: dict[str, dict[str, ET.Element]] = {}
        self._chance = Random("ids of rules")
        self.answers: dict[tuple[str, str], Callable[[Call], Response]] = {
            ("s3", "PutBucketLifecycleConfiguration"): self._put_lifecycle,
            ("s3", "GetBucketLifecycleConfiguration"): self._get_lifecycle,
            ("s3", "DeleteBucketLifecycle"): self._delete("lifecycle"),
            ("s3", "PutBucketReplication"): self._put_replication,
            ("s3", "GetBucketReplication"): self._get("replication"),
            ("s3", "DeleteBucketReplication"): self._delete("replication"),
            ("s3", "PutBucketNotificationConfiguration"): self._put_notification,
            ("s3", "GetBucketNotificationConfiguration"): self._get("notification"),
            ("s3", "PutBucketCors"): self._put("cors"),
            ("s3", "GetBucketCors"): self._get("cors"),
            ("s3", "DeleteBucketCors"): self._delete("cors"),
            ("s3", "PutBucketWebsite"): self._put("website"),
            ("s3", "GetBucketWebsite"): self._get("website"),
            ("s3", "DeleteBucketWebsite"): self._delete("website"),
            ("s3", "PutBucketRequestPayment"): self._put("payment"),
            ("s3", "GetBucketRequestPayment"): self._get("payment"),
            ("s3", "PutBucketInventoryConfiguration"): self._put_inventory,
            ("s3", "GetBucketInventoryConfiguration"): self._get_inventory,
            ("s3", "ListBucketInventoryConfigurations"): self._list_inventories,
            ("s3", "DeleteBucketInventoryConfiguration"): self._delete_inventory,
        }

    def has_lifecycle(self, bucket: str) -> bool:
        """Whether there are lifecycle rules, which forbid MFA Delete."""
        return (bucket, "lifecycle") in self._kept

    def replicates(self, bucket: str) -> bool:
        """Whether a replication is configured, which forbids to suspend versioning."""
        return (bucket, "replication") in self._kept

    def forget(self, bucket: str) -> None:
        self._kept = {key: one for key, one in self._kept.items() if key[0] != bucket}
        self._minimum.pop(bucket, None)
        self._inventories.pop(bucket, None)

    # -- one document ----------------------------------------------------------------------------------

    def _put(self, kind: str) -> Callable[[Call], Response]:
        def put(call: Call) -> Response:
            return self._keep(call, kind, read(call))

        return put

    def _get(self, kind: str) -> Callable[[Call], Response]:
        def get(call: Call) -> Response:
            found = self._kept.get((str(call.bucket), kind))
            if found is not None:
                return _shown(found)
            if kind in _ALWAYS:
                return xml(_ALWAYS[kind])
            code, message = _ABSENT[kind]
            raise AwsError(code, message, 404, details={"BucketName": str(call.bucket)})

        return get

    def _delete(self, kind: str) -> Callable[[Call], Response]:
        def delete(call: Call) -> Response:
            self._kept.pop((str(call.bucket), kind), None)
            return Response(204)

        return delete

    def _keep(self, call: Call, kind: str, document: ET.Element) -> Response:
        if kind in _GIVEN_IDS:
            of, name = _GIVEN_IDS[kind]
            for one in document.findall(of):
                if one.find(name) is None and one.tag != "EventBridgeConfiguration" and len(one):
                    given = ET.Element(name)
                    given.text = some_uuid(self._chance)
                    one.insert(0, given)
        self._kept[str(call.bucket), kind] = document
        return Response(200)

    # -- those with rules of their own -----------------------------------------------------------------

    def _put_lifecycle(self, call: Call) -> Response:
        document = read(call)
        minimum = check_lifecycle(call, document, mfa_delete=self._versions.mfa_delete(str(call.bucket)))
        response = self._keep(call, "lifecycle", document)
        self._minimum[str(call.bucket)] = response.headers[MINIMUM_HEADER] = minimum
        return response

    def _get_lifecycle(self, call: Call) -> Response:
        response = self._get("lifecycle")(call)
        response.headers[MINIMUM_HEADER] = self._minimum[str(call.bucket)]
        return response

    def _put_replication(self, call: Call) -> Response:
        document = read(call)
        check_replication(self._backend, str(call.bucket), document)
        return self._keep(call, "replication", document)

    def _put_notification(self, call: Call) -> Response:
        document = read(call)
        check_notification(self._backend, call, document)
        return self._keep(call, "notification", document)

    # -- inventories -----------------------------------------------------------------------------------

    def _put_inventory(self, call: Call) -> Response:
        document, wanted = read(call), str(call.text("Id"))
        if document.findtext("Id") != wanted:
            message = "The ID in the request and the ID in the configuration differ."
            raise AwsError("InvalidArgument", message, 400)
        self._inventories.setdefault(str(call.bucket), {})[wanted] = document
        return Response(204)

    def _get_inventory(self, call: Call) -> Response:
        return _shown(self._inventory(call))

    def _list_inventories(self, call: Call) -> Response:
        found = sorted(self._inventories.get(str(call.bucket), {}).items())
        token = call.text("ContinuationToken") or ""
        rest = [one for one in found if one[0] > token]
        page, more = rest[:_PAGE], len(rest) > _PAGE
        inner = "".join(ET.tostring(one, encoding="unicode") for _, one in page)
        following = f"<NextContinuationToken>{page[-1][0]}</NextContinuationToken>" if more else ""
        return xml(
            f"<ListInventoryConfigurationsResult>{inner}<IsTruncated>{str(more).lower()}</IsTruncated>"
            f"{following}</ListInventoryConfigurationsResult>"
        )

    def _delete_inventory(self, call: Call) -> Response:
        self._inventory(call)
        del self._inventories[str(call.bucket)][str(call.text("Id"))]
        return Response(204)

    def _inventory(self, call: Call) -> ET.Element:
        found = self._inventories.get(str(call.bucket), {}).get(str(call.text("Id")))
        if found is None:
            raise AwsError("NoSuchConfiguration", "The specified configuration does not exist.", 404)
        return found


def read(call: Call) -> ET.Element:
    """The document of a call, its elements without a namespace.

    Raises:
        AwsError: MalformedXML.
    """
    try:
        root = ET.fromstring(call.http.body)  # noqa: S314 -- the sandbox reads what its own players send
    except ET.ParseError:
        message = "The XML you provided was not well-formed or did not validate against our published schema"
        raise AwsError("MalformedXML", message, 400) from None
    for one in root.iter():
        one.tag = one.tag.rpartition("}")[2]
    return root


def _shown(document: ET.Element) -> Response:
    body = b'<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(document)
    return Response(200, body, Headers([("Content-Type", "application/xml")]))
