"""The services that watch the account: Config, Access Analyzer, GuardDuty, and IAM's reports.

All of them are off until somebody turns them on, as in a new account; IAM's reports are always there.
"""

from __future__ import annotations

from random import Random

from bot.sandbox.aws.backend import Backend
from bot.sandbox.aws.buckets import Buckets
from bot.sandbox.aws.call import Call, Response
from bot.sandbox.aws.history import History
from bot.sandbox.aws.identities import Caller
from bot.sandbox.aws.watchers.analyzer import AccessAnalyzer
from bot.sandbox.aws.watchers.bucket_state import BucketStates
from bot.sandbox.aws.watchers.config_items import ConfigItems
from bot.sandbox.aws.watchers.guardduty import GuardDuty
from bot.sandbox.aws.watchers.iam_reports import IamReports

WATCHED = ("Put", "Delete", "Create", "Start", "Stop")


class Watchers:
    """Tells each of them what happens, and asks them for their answers."""

    def __init__(self, backend: Backend, buckets: Buckets, history: History, seed: int) -> None:
        states, chance = BucketStates(backend, buckets), Random(f"{seed} watchers")
        self._config = ConfigItems(backend, states)
        self._analyzer = AccessAnalyzer(backend, states, chance)
        self._guardduty = GuardDuty(backend, states, chance)
        self._reports = IamReports(backend, history, chance)

    def answer(self, call: Call) -> Response | None:
        """The answer of the service that is asked, None when it is none of these.

        Raises:
            AwsError: as the service refuses.
        """
        for one in (self._config, self._analyzer, self._guardduty, self._reports):
            if (found := one.answer(call)) is not None:
                return found
        return None

    def changed(self, call: Call) -> None:
        """A call has changed something, also while the stage is being built."""
        if call.operation.startswith(WATCHED) and call.key is None and call.operation != "DeleteObjects":
            self._config.changed(call)
            self._analyzer.changed(call)
            self._guardduty.changed(call)

    def seen(self, call: Call, caller: Caller, response: Response) -> None:
        """Somebody has made a call that CloudTrail records."""
        self._guardduty.seen(call, caller, response)
