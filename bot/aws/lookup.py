"""CloudTrail event history: 90 days of management events, 50 a page, 2 requests a second."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from bot.aws.gateway import Gateway


class EventHistory:
    """LookupEvents of one account; calling it gives the decoded records of one query, newest first."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def __call__(
        self, *, region: str, attribute: tuple[str, str], start: datetime, end: datetime
    ) -> Iterator[Mapping[str, Any]]:
        """Every management event with one attribute, such as ("AccessKeyId", "AKIA..."), between two times.

        Raises AwsRefused or AwsUnavailable, also between pages.
        """
        key, value = attribute
        params = {
            "LookupAttributes": [{"AttributeKey": key, "AttributeValue": value}],
            "StartTime": start,
            "EndTime": end,
            "MaxResults": 50,
        }
        for event in self._gateway.pages("cloudtrail", "lookup_events", params, "Events", region):
            yield json.loads(event["CloudTrailEvent"])


def event_history(gateway: Gateway) -> EventHistory:
    """Event history as the evidence room asks for it."""
    return EventHistory(gateway)
