"""AWS Config: a configuration item for each change of a bucket, while the recorder is on.

The recorder itself is moto's. Source: AWS Config API Reference, GetResourceConfigHistory; the members of a
bucket's item as real ones have them (the ACL is JSON in JSON).
"""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.sandbox.aws import wire
from bot.sandbox.aws.backend import ALL_USERS, AUTHENTICATED_USERS, Backend, naive
from bot.sandbox.aws.call import Call, Response
from bot.sandbox.aws.errors import AwsError
from bot.sandbox.aws.watchers.bucket_state import BucketState, BucketStates

BUCKET = "AWS::S3::Bucket"
ACCOUNT_BLOCK = "AWS::S3::AccountPublicAccessBlock"
#: How long after a change Config looks.
LAG = timedelta(seconds=20)
PAGE = 10
PERMISSIONS = {
    "FULL_CONTROL": "FullControl",
    "READ": "Read",
    "WRITE": "Write",
    "READ_ACP": "ReadAcp",
    "WRITE_ACP": "WriteAcp",
}
GROUPS = {ALL_USERS: "AllUsers", AUTHENTICATED_USERS: "AuthenticatedUsers"}


class ConfigItems:
    """Config's record of the account's buckets, oldest first by resource."""

    def __init__(self, backend: Backend, states: BucketStates) -> None:
        self._backend = backend
        self._states = states
        self._items: defaultdict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)

    def changed(self, call: Call) -> None:
        """Take down what a successful call has changed."""
        if (call.service, call.operation) == ("config", "StartConfigurationRecorder"):
            self._start(call)
        elif (call.service, call.operation) == ("config", "StopConfigurationRecorder"):
            self._backend.date_recorder(stopped=naive(call.stage.at))
        elif not self._backend.recording_config():
            return
        elif call.service == "s3control" and call.operation.endswith("PublicAccessBlock"):
            self._keep_account(call.stage.at)
        elif call.bucket is not None:
            self._keep_bucket(call.bucket, call.stage.at)

    def answer(self, call: Call) -> Response | None:
        """GetResourceConfigHistory; None for every other call.

        Raises:
            AwsError: ResourceNotDiscoveredException, or a time range that is none.
        """
        if (call.service, call.operation) != ("config", "GetResourceConfigHistory"):
            return None
        kind, resource = str(call.params.get("resourceType")), str(call.params.get("resourceId"))
        kept = self._items.get((kind, resource))
        if not kept:
            message = f"Resource {resource} of resourceType:{kind} is unknown or has not been discovered"
            raise AwsError("ResourceNotDiscoveredException", message)
        items = [item for item in kept if _asked(call, item["configurationItemCaptureTime"])]
        if call.params.get("chronologicalOrder", "Reverse") == "Reverse":
            items.reverse()
        first = int(call.params.get("nextToken") or 0)
        last = first + int(call.params.get("limit") or PAGE)
        token = {"nextToken": str(last)} if last < len(items) else {}
        return wire.answer(call, {"configurationItems": items[first:last], **token})

    def _start(self, call: Call) -> None:
        """From now on; and everything that is there already is discovered."""
        self._backend.date_recorder(started=naive(call.stage.at))
        for name in self._states.names():
            self._keep_bucket(name, call.stage.at)
        if self._states.account_block is not None:
            self._keep_account(call.stage.at)

    def _keep_bucket(self, name: str, at: datetime) -> None:
        kept, state = self._items[BUCKET, name], self._states.of(name)
        details = _bucket_item(state) if state else {}
        status = "ResourceDeleted" if state is None else "OK" if kept else "ResourceDiscovered"
        region = state.region if state else self._backend.region
        item = {"arn": f"arn:aws:s3:::{name}", "awsRegion": region, "configurationItemStatus": status}
        self._keep(kept, BUCKET, name, at, item | details)

    def _keep_account(self, at: datetime) -> None:
        account, block = self._backend.account_id, self._states.account_block
        told = json.dumps(_block(block)) if block else None
        item = {"awsRegion": self._backend.region, "configurationItemStatus": "OK", "configuration": told}
        self._keep(self._items[ACCOUNT_BLOCK, account], ACCOUNT_BLOCK, account, at, item)

    def _keep(
        self, kept: list[dict[str, Any]], kind: str, resource: str, at: datetime, item: dict[str, Any]
    ) -> None:
        captured = min(at + LAG, max(at, datetime.now(UTC)))
        whole = {
            "version": "1.3",
            "accountId": self._backend.account_id,
            "configurationItemCaptureTime": captured,
            "configurationStateId": str(int(captured.timestamp() * 1000)),
            "resourceType": kind,
            "resourceId": resource,
            "resourceName": resource,
            "availabilityZone": "Regional",
            "tags": {},
            "relatedEvents": [],
            "relationships": [],
            "recordingFrequency": "CONTINUOUS",
            **item,
        }
        # Within its lag Config sees only the last of several changes.
        if kept and kept[-1]["configurationItemCaptureTime"] >= captured:
            kept.pop()
        kept.append(whole)


def _asked(call: Call, captured: datetime) -> bool:
    earlier, later = call.params.get("earlierTime"), call.params.get("laterTime")
    if earlier is not None and later is not None and float(earlier) > float(later):
        raise AwsError("InvalidTimeRangeException", "The specified time range is not valid.")
    after = earlier is None or captured.timestamp() >= float(earlier)
    return after and (later is None or captured.timestamp() <= float(later))


def _bucket_item(state: BucketState) -> dict[str, Any]:
    owner = {"displayName": None, "id": state.owner_id}
    configuration = {"name": state.name, "owner": owner, "creationDate": state.created.isoformat()}
    return {
        "resourceCreationTime": state.created,
        "configuration": json.dumps(configuration),
        "supplementaryConfiguration": {key: json.dumps(one) for key, one in _parts(state, owner).items()},
    }


def _parts(state: BucketState, owner: dict[str, Any]) -> dict[str, Any]:
    grants = [_grant(one) for one in state.acl["Grants"]]
    acl = {"grantSet": None, "grantList": grants, "owner": owner, "isRequesterCharged": False}
    parts: dict[str, Any] = {
        "AccessControlList": json.dumps(acl),
        "BucketLoggingConfiguration": {
            "destinationBucketName": state.logging.get("TargetBucket"),
            "logFilePrefix": state.logging.get("TargetPrefix"),
        },
        "BucketPolicy": {"policyText": state.policy_text},
        "BucketVersioningConfiguration": {
            "status": state.versioning or "Off",
            "isMfaDeleteEnabled": True if state.mfa_delete else None,
        },
        "IsRequesterPaysEnabled": False,
    }
    return parts | ({"PublicAccessBlockConfiguration": _block(state.block)} if state.block else {})


def _grant(grant: dict[str, Any]) -> dict[str, Any]:
    who, permission = grant["Grantee"], PERMISSIONS[grant["Permission"]]
    if who["Type"] == "Group":
        return {"grantee": GROUPS.get(who["URI"], who["URI"]), "permission": permission}
    return {"grantee": {"id": who["ID"], "displayName": None}, "permission": permission}


def _block(block: dict[str, bool]) -> dict[str, bool]:
    return {name[:1].lower() + name[1:]: value for name, value in block.items()}
