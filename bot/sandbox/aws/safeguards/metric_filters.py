"""Metric filters of CloudWatch Logs: one of each name, on log groups that exist; moto adds another one.

Source: CloudWatch Logs API Reference, PutMetricFilter ("creates or updates"), DescribeMetricFilters.
"""

from __future__ import annotations

from moto.logs.models import logs_backends

from bot.sandbox.aws.backend import Backend
from bot.sandbox.aws.call import Call
from bot.sandbox.aws.errors import AwsError

CALLS = {"PutMetricFilter", "DescribeMetricFilters", "DeleteMetricFilter"}
MOST_CHARACTERS = 1024


class MetricFilters:
    """What CloudWatch Logs demands of a metric filter."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def guard(self, call: Call) -> None:
        """The log group exists; a filter takes the place of the one of its name.

        Raises:
            AwsError: ResourceNotFoundException, InvalidParameterException.
        """
        if call.service != "logs" or call.operation not in CALLS:
            return
        logs = logs_backends[self._backend.account_id][call.region]
        group, name = call.text("logGroupName"), call.text("filterName")
        if group is not None and group not in logs.groups:
            raise AwsError("ResourceNotFoundException", "The specified log group does not exist.")
        if call.operation == "PutMetricFilter":
            if len(call.text("filterPattern") or "") > MOST_CHARACTERS:
                raise AwsError("InvalidParameterException", "Filter pattern is too long.")
            kept = logs.filters.metric_filters
            kept[:] = [one for one in kept if (one["logGroupName"], one["filterName"]) != (group, name)]
