"""GuardDuty: findings raised by what was really done in this account, while a detector is on.

The detector is moto's. The rules stand for AWS's, which are not public; the types, severities and shapes
are those of the GuardDuty User Guide, "S3 Protection finding types", "IAM finding types". Like AWS's it
reads data events only with S3 Protection, and none of objects that are public.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from bot.sandbox.aws import wire
from bot.sandbox.aws.backend import Backend
from bot.sandbox.aws.call import Call, Response
from bot.sandbox.aws.errors import AwsError
from bot.sandbox.aws.events import is_data, iso
from bot.sandbox.aws.identities import Caller
from bot.sandbox.aws.watchers.bucket_state import BucketStates

#: So many different objects from a place where the key was not used first are unusual.
MANY = 20
PAGE = 50
SEVERITIES = {
    "Policy:S3/BucketAnonymousAccessGranted": 8.0,
    "Policy:S3/BucketBlockPublicAccessDisabled": 2.0,
    "Stealth:S3/ServerAccessLoggingDisabled": 2.0,
    "Stealth:IAMUser/CloudTrailLoggingDisabled": 2.0,
    "PenTest:S3/KaliLinux": 5.0,
    "PenTest:IAMUser/KaliLinux": 5.0,
    "Exfiltration:S3/AnomalousBehavior": 8.0,
}
#: What a detector watches unless told otherwise (CreateDetector).
FEATURES = ("CLOUD_TRAIL", "DNS_LOGS", "FLOW_LOGS", "S3_DATA_EVENTS")


@dataclass
class _Finding:
    """One kind of thing seen again and again: by whom, on what, from where."""

    id: str
    type: str
    region: str
    bucket: str | None
    caller: Caller
    source_ip: str
    api: str
    service: str
    first: datetime
    last: datetime
    count: int = 1


class GuardDuty:
    """The account's findings, Region by Region."""

    def __init__(self, backend: Backend, states: BucketStates, chance: Random) -> None:
        self._backend = backend
        self._states = states
        self._chance = chance
        self._findings: dict[tuple[str, ...], _Finding] = {}
        self._public: set[str] = set()
        self._opened_by = ""
        self._home: dict[str, str] = {}
        self._read: defaultdict[tuple[str, str], set[str]] = defaultdict(set)

    def answer(self, call: Call) -> Response | None:
        """ListFindings and GetFindings; None for every other call.

        Raises:
            AwsError: no such detector, or a criterion that is not known here.
        """
        if call.service != "guardduty" or call.operation not in {"ListFindings", "GetFindings"}:
            return None
        if self._backend.detector(call.region, str(call.text("DetectorId"))) is None:
            message = "The request is rejected because the input detectorId is not owned by the account."
            raise AwsError("BadRequestException", message)
        told = [self._told(one) for one in self._findings.values() if one.region == call.region]
        return self._list(call, told) if call.operation == "ListFindings" else self._get(call, told)

    def changed(self, call: Call) -> None:
        """Keep track of the public buckets; a new detector watches what CreateDetector turns on by itself."""
        if (call.service, call.operation) == ("guardduty", "CreateDetector"):
            self._backend.complete_detectors(call.region, FEATURES, call.stage.at)
        state = self._states.of(call.bucket) if call.bucket else None
        if state is None:
            return
        if not state.exposure(self._backend.account_id).public:
            self._public.discard(state.name)
        elif state.name not in self._public:
            self._public.add(state.name)
            self._opened_by = call.request_id

    def seen(self, call: Call, caller: Caller, response: Response) -> None:
        """Judge a call that was made."""
        features = self._backend.guardduty_features(call.region)
        if features is None:
            return
        for kind in self._kinds(call, caller, response, objects="S3_DATA_EVENTS" in features):
            self._raise(kind, call, caller)

    # -- what is worth a finding -----------------------------------------------------------------------

    def _kinds(self, call: Call, caller: Caller, response: Response, *, objects: bool) -> Iterator[str]:
        if is_data(call):
            if objects and call.bucket not in self._public:
                yield from self._of_data(call, caller, response)
            return
        if "kali" in (call.header("user-agent") or "").lower():
            yield "PenTest:IAMUser/KaliLinux"
        if response.ok:
            yield from _of_change(call)
            if call.request_id == self._opened_by:
                yield "Policy:S3/BucketAnonymousAccessGranted"

    def _of_data(self, call: Call, caller: Caller, response: Response) -> Iterator[str]:
        if "kali" in (call.header("user-agent") or "").lower():
            yield "PenTest:S3/KaliLinux"
        key = caller.access_key_id
        if key is None or not response.ok or call.operation != "GetObject":
            return
        home = self._home.setdefault(key, call.stage.source_ip)
        read = self._read[key, call.stage.source_ip]
        read.add(f"{call.bucket}/{call.key}")
        if call.stage.source_ip != home and len(read) >= MANY:
            yield "Exfiltration:S3/AnomalousBehavior"

    def _raise(self, kind: str, call: Call, caller: Caller) -> None:
        who = caller.access_key_id or caller.arn
        by = (kind, call.region, call.bucket or "", who, call.stage.source_ip)
        found = self._findings.get(by)
        if found is not None:
            found.last, found.count = max(found.last, call.stage.at), found.count + 1
            return
        id_ = f"{self._chance.getrandbits(128):032x}"
        self._findings[by] = _Finding(
            id_,
            kind,
            call.region,
            call.bucket,
            caller,
            call.stage.source_ip,
            call.operation,
            f"{call.service}.amazonaws.com",
            call.stage.at,
            call.stage.at,
        )

    # -- answers ---------------------------------------------------------------------------------------

    def _list(self, call: Call, told: list[dict[str, Any]]) -> Response:
        asked = (call.params.get("FindingCriteria") or {}).get("criterion") or {}
        ids = [one["Id"] for one in told if all(_meets(one, *test) for test in asked.items())]
        first = int(call.text("NextToken") or 0)
        last = first + int(call.params.get("MaxResults") or PAGE)
        return wire.answer(
            call, {"FindingIds": ids[first:last], "NextToken": str(last) if last < len(ids) else ""}
        )

    def _get(self, call: Call, told: list[dict[str, Any]]) -> Response:
        wanted = call.params.get("FindingIds") or []
        if len(wanted) > PAGE:
            raise AwsError("BadRequestException", "The request is rejected because of too many finding IDs.")
        return wire.answer(call, {"Findings": [one for one in told if one["Id"] in wanted]})

    def _told(self, one: _Finding) -> dict[str, Any]:
        account, detector = self._backend.account_id, self._backend.detector_ids(one.region)[0]
        arn = f"arn:aws:guardduty:{one.region}:{account}:detector/{detector}/finding/{one.id}"
        return {
            "AccountId": account,
            "Arn": arn,
            "CreatedAt": iso(one.first),
            "Description": f"{one.api} was called in a way that {one.type} stands for.",
            "Id": one.id,
            "Partition": "aws",
            "Region": one.region,
            "Resource": self._resource(one),
            "SchemaVersion": "2.0",
            "Service": _service(one, detector),
            "Severity": SEVERITIES[one.type],
            "Title": f"{one.type.split('/')[-1]} seen on {one.bucket or 'the account'}.",
            "Type": one.type,
            "UpdatedAt": iso(one.last),
        }

    def _resource(self, one: _Finding) -> dict[str, Any]:
        kinds = {"root": "Root", "user": "IAMUser", "session": "AssumedRole", "anonymous": "AWSAccount"}
        key = {
            "AccessKeyId": one.caller.access_key_id,
            "PrincipalId": one.caller.principal_id,
            "UserName": one.caller.name or one.caller.account_id,
            "UserType": kinds[one.caller.kind],
        }
        if one.bucket is None:
            return {"ResourceType": "AccessKey", "AccessKeyDetails": key}
        state = self._states.of(one.bucket)
        public = state is not None and state.exposure(self._backend.account_id).public
        bucket = {
            "Arn": f"arn:aws:s3:::{one.bucket}",
            "Name": one.bucket,
            "Type": "Destination",
            "PublicAccess": {"EffectivePermission": "PUBLIC" if public else "NOT_PUBLIC"},
        }
        return {"ResourceType": "S3Bucket", "AccessKeyDetails": key, "S3BucketDetails": [bucket]}


def _of_change(call: Call) -> Iterator[str]:
    if (call.service, call.operation) == ("s3", "DeletePublicAccessBlock"):
        yield "Policy:S3/BucketBlockPublicAccessDisabled"
    if call.operation == "PutBucketLogging" and b"LoggingEnabled" not in call.http.body:
        yield "Stealth:S3/ServerAccessLoggingDisabled"
    if call.service == "cloudtrail" and call.operation in {"StopLogging", "DeleteTrail"}:
        yield "Stealth:IAMUser/CloudTrailLoggingDisabled"


def _service(one: _Finding, detector: str) -> dict[str, Any]:
    action = {
        "Api": one.api,
        "CallerType": "Remote IP",
        "RemoteIpDetails": {"IpAddressV4": one.source_ip},
        "ServiceName": one.service,
    }
    return {
        "Action": {"ActionType": "AWS_API_CALL", "AwsApiCallAction": action},
        "Archived": False,
        "Count": one.count,
        "DetectorId": detector,
        "EventFirstSeen": iso(one.first),
        "EventLastSeen": iso(one.last),
        "ResourceRole": "TARGET",
        "ServiceName": "guardduty",
    }


def _meets(finding: Mapping[str, Any], name: str, test: Mapping[str, Any]) -> bool:
    """Whether a finding meets one criterion; those of ListFindings that are in use here."""
    if name == "updatedAt":
        updated = datetime.fromisoformat(finding["UpdatedAt"]).timestamp() * 1000
        return bool(updated >= test.get("greaterThanOrEqual", 0))
    resource = finding["Resource"]
    values = {
        "type": [finding["Type"]],
        "resource.s3BucketDetails.name": [one["Name"] for one in resource.get("S3BucketDetails", ())],
        "resource.accessKeyDetails.accessKeyId": [resource["AccessKeyDetails"]["AccessKeyId"]],
    }
    if name not in values:
        raise AwsError("BadRequestException", f"The request is rejected: the sandbox knows no {name}.")
    return any(value in test.get("equals", ()) for value in values[name])
