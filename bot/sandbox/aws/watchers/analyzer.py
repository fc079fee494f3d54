"""IAM Access Analyzer: who outside of the account can reach its buckets, worked out at each change.

Source: IAM Access Analyzer API Reference (CreateAnalyzer, ListAnalyzers, ListFindingsV2, GetFindingV2).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

from bot.policy.document import Statement
from bot.policy.exposure import Way
from bot.sandbox.aws import wire
from bot.sandbox.aws.backend import Backend
from bot.sandbox.aws.call import Call, Response
from bot.sandbox.aws.errors import AwsError
from bot.sandbox.aws.ids import some_uuid
from bot.sandbox.aws.watchers import new_access
from bot.sandbox.aws.watchers.bucket_state import BucketState, BucketStates

#: An outside principal's access, as one finding tells it: JSON of findingDetails' externalAccessDetails.
Access = str


@dataclass
class _Finding:
    id: str
    access: Access
    bucket: str
    created: datetime
    updated: datetime
    status: str = "ACTIVE"


@dataclass
class _Analyzer:
    arn: str
    name: str
    kind: str
    created: datetime
    analyzed: datetime
    findings: dict[tuple[str, Access], _Finding] = field(default_factory=dict)


class AccessAnalyzer:
    """The account's analyzers; there is none until somebody creates one."""

    def __init__(self, backend: Backend, states: BucketStates, chance: Random) -> None:
        self._backend = backend
        self._states = states
        self._chance = chance
        self._analyzers: dict[tuple[str, str], _Analyzer] = {}
        self._answers = {
            "CheckNoNewAccess": new_access.check,
            "CreateAnalyzer": self._create,
            "DeleteAnalyzer": self._delete,
            "ListAnalyzers": self._list,
            "ListFindingsV2": self._findings,
            "GetFindingV2": self._finding,
        }

    def answer(self, call: Call) -> Response | None:
        """Our answer to a call of this service, None for others'.

        Raises:
            AwsError: no such analyzer or finding, or one of that name exists.
        """
        own = self._answers.get(call.operation) if call.service == "accessanalyzer" else None
        return own(call) if own else None

    def changed(self, call: Call) -> None:
        """Look again at what a successful call may have opened or closed."""
        account_wide = call.service == "s3control"
        for analyzer in self._analyzers.values():
            for name in self._states.names() if account_wide else filter(None, [call.bucket]):
                self._analyze(analyzer, name, call.stage.at)

    def _analyze(self, analyzer: _Analyzer, bucket: str, at: datetime) -> None:
        state = self._states.of(bucket)
        open_now = set(_outside(state, self._backend.account_id)) if state else set()
        known = {access for name, access in analyzer.findings if name == bucket}
        for access in sorted(open_now - known):
            made = _Finding(some_uuid(self._chance), access, bucket, at, at)
            analyzer.findings[bucket, access] = made
        for access in sorted(known):
            found = analyzer.findings[bucket, access]
            status = "ACTIVE" if access in open_now else "RESOLVED"
            if found.status != status:
                found.status, found.updated = status, at
        analyzer.analyzed = at

    # -- answers ---------------------------------------------------------------------------------------

    def _create(self, call: Call) -> Response:
        name, kind = str(call.text("analyzerName")), str(call.text("type"))
        if (call.region, name) in self._analyzers:
            raise AwsError("ConflictException", f"An analyzer named {name} exists.", 409)
        if any(region == call.region and one.kind == kind for (region, _), one in self._analyzers.items()):
            message = f"The maximum number of analyzers of type {kind} in this Region is 1."
            raise AwsError("ServiceQuotaExceededException", message, 402)
        self._backend.make_service_role("access-analyzer.amazonaws.com")
        arn = f"arn:aws:access-analyzer:{call.region}:{self._backend.account_id}:analyzer/{name}"
        made = _Analyzer(arn, name, kind, call.stage.at, call.stage.at)
        self._analyzers[call.region, name] = made
        for bucket in self._states.names():
            self._analyze(made, bucket, call.stage.at)
        return wire.answer(call, {"arn": arn})

    def _delete(self, call: Call) -> Response:
        if self._analyzers.pop((call.region, str(call.text("analyzerName"))), None) is None:
            raise _missing("analyzer")
        return Response(200, b"{}")

    def _list(self, call: Call) -> Response:
        found = [one for (region, _), one in self._analyzers.items() if region == call.region]
        return wire.answer(
            call,
            {
                "analyzers": [
                    {
                        "arn": one.arn,
                        "name": one.name,
                        "type": one.kind,
                        "createdAt": one.created,
                        "lastResourceAnalyzedAt": one.analyzed,
                        "status": "ACTIVE",
                    }
                    for one in found
                    if call.text("type") in (None, one.kind)
                ]
            },
        )

    def _findings(self, call: Call) -> Response:
        analyzer = self._analyzer(call)
        wanted = (call.params.get("filter") or {}).get("resource", {}).get("eq")
        found = [self._told(analyzer, one) for one in analyzer.findings.values()]
        asked = [one for one in found if wanted is None or one["resource"] in wanted]
        first = int(call.text("nextToken") or 0)
        last = first + int(call.params.get("maxResults") or 50)
        token = {"nextToken": str(last)} if last < len(asked) else {}
        return wire.answer(call, {"findings": asked[first:last], **token})

    def _finding(self, call: Call) -> Response:
        analyzer = self._analyzer(call)
        found = next((one for one in analyzer.findings.values() if one.id == call.text("id")), None)
        if found is None:
            raise _missing("finding")
        details = [{"externalAccessDetails": json.loads(found.access)}]
        return wire.answer(call, {**self._told(analyzer, found), "findingDetails": details})

    def _analyzer(self, call: Call) -> _Analyzer:
        for analyzer in self._analyzers.values():
            if analyzer.arn == call.text("analyzerArn"):
                return analyzer
        raise _missing("analyzer")

    def _told(self, analyzer: _Analyzer, one: _Finding) -> dict[str, Any]:
        return {
            "id": one.id,
            "resource": f"arn:aws:s3:::{one.bucket}",
            "resourceType": "AWS::S3::Bucket",
            "resourceOwnerAccount": self._backend.account_id,
            "status": one.status,
            "createdAt": one.created,
            "updatedAt": one.updated,
            "analyzedAt": analyzer.analyzed,
            "findingType": "ExternalAccess",
        }


def _missing(what: str) -> AwsError:
    return AwsError("ResourceNotFoundException", f"The specified {what} could not be found.", 404)


def _outside(state: BucketState, account_id: str) -> Iterator[Access]:
    """One finding for each outside principal of each way in; AWS services are none."""
    statements = {one.label: one for one in state.policy.statements} if state.policy else {}
    for way in state.exposure(account_id).ways:
        for principal in _principals(way):
            told = {
                "action": sorted(way.actions),
                "condition": _conditions(statements.get(way.name)) if way.kind == "statement" else {},
                "isPublic": way.reach.level == "anyone",
                "principal": principal,
                "sources": [{"type": "POLICY" if way.kind == "statement" else "BUCKET_ACL"}],
            }
            yield json.dumps(told, sort_keys=True)


def _principals(way: Way) -> Iterator[dict[str, str]]:
    if way.reach.level in ("anyone", "any_aws_account"):
        yield {"AWS": "*"}
        return
    for account in way.reach.accounts:
        yield {"CanonicalUser" if way.kind == "grant" else "AWS": account}
    for who in way.reach.who:
        if who.startswith("arn:"):
            yield {"AWS": who}
        elif who.startswith("anyone from"):
            yield {"AWS": "*"}


def _conditions(statement: Statement | None) -> dict[str, str]:
    return {one.key: ",".join(one.values) for one in (statement.conditions if statement else ())}
