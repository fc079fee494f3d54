"""Trusted Advisor's check of bucket permissions, as the Support API tells it: as of the last refresh.

Source: AWS Support API Reference, DescribeTrustedAdvisorChecks, DescribeTrustedAdvisorCheckResult,
RefreshTrustedAdvisorCheck; Support User Guide, "Amazon S3 Bucket Permissions" (metadata columns).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bot.sandbox.aws import wire
from bot.sandbox.aws.call import Call, Response
from bot.sandbox.aws.errors import AwsError
from bot.sandbox.aws.watchers.bucket_state import BucketState, BucketStates

CHECK = "Pfx0RwqBli"
COLUMNS = ("Region Name", "Region API Parameter", "Bucket Name", "ACL Allows List",
           "ACL Allows Upload/Delete", "Status", "Policy Allows Access", "Ignored Bucket Name")  # fmt: skip


class TrustedAdvisor:
    """The one check that is about public buckets. `subscribed`: the account has a Business support plan."""

    def __init__(self, states: BucketStates) -> None:
        self.subscribed = True
        self._states = states
        self._flagged: list[dict[str, Any]] = []
        self._at = datetime.now(UTC)
        self._answers = {
            "DescribeTrustedAdvisorChecks": self._checks,
            "DescribeTrustedAdvisorCheckResult": self._result,
            "RefreshTrustedAdvisorCheck": self._refresh,
        }

    def answer(self, call: Call) -> Response | None:
        """Our answer to a call of the Support API, None for others'.

        Raises:
            AwsError: SubscriptionRequiredException, or for an unknown check.
        """
        own = self._answers.get(call.operation) if call.service == "support" else None
        if own is None:
            return None
        if not self.subscribed:
            message = "Amazon Web Services Premium Support Subscription is required to use this service."
            raise AwsError("SubscriptionRequiredException", message)
        if call.region != "us-east-1":
            raise AwsError("InternalServerError", "The Support API has its endpoint in us-east-1.", 500)
        return own(call)

    def _checks(self, call: Call) -> Response:
        told = {
            "id": CHECK,
            "name": "Amazon S3 Bucket Permissions",
            "description": "Checks buckets in Amazon S3 that have open access permissions.",
            "category": "security",
            "metadata": list(COLUMNS),
        }
        return wire.answer(call, {"checks": [told]})

    def _refresh(self, call: Call) -> Response:
        """Looks at every bucket now; real ones are queued first, and refreshed again after minutes."""
        self._known(call)
        found = [self._states.of(name) for name in self._states.names()]
        self._flagged = [self._told(one) for one in found if one is not None]
        self._at = datetime.now(UTC)
        status = {"checkId": CHECK, "status": "enqueued", "millisUntilNextRefreshable": 3_599_992}
        return wire.answer(call, {"status": status})

    def _result(self, call: Call) -> Response:
        self._known(call)
        statuses = [one["status"] for one in self._flagged]
        worst = next((one for one in ("error", "warning") if one in statuses), "ok")
        flagged = sum(one != "ok" for one in statuses)
        result = {
            "checkId": CHECK,
            "timestamp": self._at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "status": worst,
            "resourcesSummary": {
                "resourcesProcessed": len(statuses),
                "resourcesFlagged": flagged,
                "resourcesIgnored": 0,
                "resourcesSuppressed": 0,
            },
            "categorySpecificSummary": {},
            "flaggedResources": self._flagged,
        }
        return wire.answer(call, {"result": result})

    def _known(self, call: Call) -> None:
        if call.text("checkId") != CHECK:
            raise AwsError("InvalidParameterValueException", f"Unknown check: {call.text('checkId')}")

    def _told(self, state: BucketState) -> dict[str, Any]:
        grants = [one for one in state.acl["Grants"] if one["Grantee"].get("URI", "").find("global") > 0]
        lists = any(one["Permission"] in ("READ", "FULL_CONTROL") for one in grants)
        uploads = any(one["Permission"] in ("WRITE", "FULL_CONTROL") for one in grants)
        public = any(way.reach.level == "anyone" for way in state.exposure("").ways)
        status = "error" if uploads else "warning" if lists or public else "ok"
        metadata = [
            "",
            state.region,
            state.name,
            _yes(lists),
            _yes(uploads),
            _COLOUR[status],
            _yes(public),
            None,
        ]
        return {
            "status": status,
            "region": state.region,
            "resourceId": state.name,
            "isSuppressed": False,
            "metadata": metadata,
        }


_COLOUR = {"ok": "Green", "warning": "Yellow", "error": "Red"}


def _yes(value: object) -> str:
    return "Yes" if value else "No"
