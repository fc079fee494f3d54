"""IAM's reports: the credential report, and the services that a principal last reached for.

Sources: IAM API Reference, GenerateCredentialReport, GenerateServiceLastAccessedDetails; IAM User Guide,
"Refine permissions using last accessed information" (attempts count, refused ones too). moto writes the
credential report; when it was written, and that it is kept for four hours, is ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from bot.sandbox.aws import wire
from bot.sandbox.aws.backend import Backend
from bot.sandbox.aws.call import Call, Response
from bot.sandbox.aws.errors import AwsError
from bot.sandbox.aws.events import Record
from bot.sandbox.aws.history import History
from bot.sandbox.aws.ids import some_uuid

KEPT = timedelta(hours=4)


class IamReports:
    """Reports that are ordered first and fetched when they are ready: at the second asking."""

    def __init__(self, backend: Backend, history: History, chance: Random) -> None:
        self._backend = backend
        self._history = history
        self._chance = chance
        self._report: tuple[datetime, bytes] | None = None
        self._jobs: dict[str, tuple[str, str, datetime]] = {}
        self._asked: set[str] = set()
        self._answers = {
            "GenerateCredentialReport": self._order_report,
            "GetCredentialReport": self._get_report,
            "GenerateServiceLastAccessedDetails": self._order_job,
            "GetServiceLastAccessedDetails": self._get_job,
        }

    def answer(self, call: Call) -> Response | None:
        """Our answer to a call for a report, None for other calls.

        Raises:
            AwsError: ReportNotPresent, NoSuchEntity.
        """
        own = self._answers.get(call.operation) if call.service == "iam" else None
        return own(call) if own else None

    def _order_report(self, call: Call) -> Response:
        now = datetime.now(UTC)
        if self._report is not None and now - self._report[0] < KEPT:
            return wire.answer(call, {"State": "COMPLETE"})
        self._report = now, self._backend.credential_report().encode()
        told = "No report exists. Starting a new report generation task"
        return wire.answer(call, {"State": "STARTED", "Description": told})

    def _get_report(self, call: Call) -> Response:
        if self._report is None:
            raise AwsError("ReportNotPresent", "The credential report does not exist.", 410)
        at, content = self._report
        return wire.answer(call, {"Content": content, "ReportFormat": "text/csv", "GeneratedTime": at})

    def _order_job(self, call: Call) -> Response:
        arn = str(call.text("Arn"))
        if not any(arn == one.arn for one in self._backend.principals()):
            raise AwsError("NoSuchEntity", f"The entity with ARN {arn} cannot be found.", 404)
        job = some_uuid(self._chance)
        self._jobs[job] = (arn, call.text("Granularity") or "SERVICE_LEVEL", datetime.now(UTC))
        return wire.answer(call, {"JobId": job})

    def _get_job(self, call: Call) -> Response:
        job = str(call.text("JobId"))
        if job not in self._jobs:
            raise AwsError("NoSuchEntity", f"JobId {job} does not exist.", 404)
        arn, granularity, at = self._jobs[job]
        ready = job in self._asked
        self._asked.add(job)
        return wire.answer(
            call,
            {
                "JobStatus": "COMPLETED" if ready else "IN_PROGRESS",
                "JobType": granularity,
                "JobCreationDate": at,
                "JobCompletionDate": at,
                "ServicesLastAccessed": list(self._services(arn, granularity)) if ready else [],
                "IsTruncated": False,
            },
        )

    def _services(self, arn: str, granularity: str) -> Iterator[dict[str, Any]]:
        by_service: dict[str, list[Record]] = {}
        for event in sorted(self._history.events, key=lambda one: one.at):
            if _principal(event.record) == arn:
                service = str(event.record["eventSource"]).partition(".")[0]
                by_service.setdefault(service, []).append(event.record)
        for service, records in sorted(by_service.items()):
            tracked = {str(one["eventName"]): one for one in records if one["managementEvent"]}
            actions = [_action(name, arn, one) for name, one in sorted(tracked.items())]
            yield {
                "ServiceName": service,
                "ServiceNamespace": service,
                "LastAuthenticated": _time(records[-1]),
                "LastAuthenticatedEntity": arn,
                "LastAuthenticatedRegion": records[-1]["awsRegion"],
                "TotalAuthenticatedEntities": 1,
                "TrackedActionsLastAccessed": actions if granularity == "ACTION_LEVEL" else None,
            }


def _principal(record: Record) -> str | None:
    identity = record["userIdentity"]
    issuer = identity.get("sessionContext", {}).get("sessionIssuer", {}).get("arn")
    found = issuer or identity.get("arn")
    return None if found is None else str(found)


def _action(name: str, arn: str, record: Record) -> dict[str, Any]:
    return {
        "ActionName": name,
        "LastAccessedEntity": arn,
        "LastAccessedTime": _time(record),
        "LastAccessedRegion": record["awsRegion"],
    }


def _time(record: Record) -> datetime:
    return datetime.fromisoformat(str(record["eventTime"]))
