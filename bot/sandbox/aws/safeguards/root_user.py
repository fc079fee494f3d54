"""What IAM tells about the account's root user: it has a password, an MFA device and, here, an access key.

Source: IAM API Reference, GetAccountSummary.
"""

from __future__ import annotations

from bot.sandbox.aws import wire
from bot.sandbox.aws.call import Call, Response

_SUMMARY = {"AccountMFAEnabled": 1, "AccountAccessKeysPresent": 1, "AccountPasswordPresent": 1}


class RootUser:
    """The root user of an account that keeps its own root credentials."""

    def answer(self, call: Call) -> Response | None:
        """GetAccountSummary; None for every other call. Quotas and counts are left out."""
        if (call.service, call.operation) != ("iam", "GetAccountSummary"):
            return None
        return wire.answer(call, {"SummaryMap": _SUMMARY})
