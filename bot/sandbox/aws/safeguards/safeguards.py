"""What protects the account beside its policies: the root user, Object Lock, alarms, rules, other services.

Each part answers for the calls that moto lacks, and refuses what AWS refuses and moto takes.
"""

from __future__ import annotations

from bot.sandbox.aws.backend import Backend
from bot.sandbox.aws.buckets import Buckets
from bot.sandbox.aws.call import Call, Response
from bot.sandbox.aws.safeguards.config_rules import ConfigRules
from bot.sandbox.aws.safeguards.identity_center import IdentityCenter
from bot.sandbox.aws.safeguards.metric_filters import MetricFilters
from bot.sandbox.aws.safeguards.object_lock import ObjectLock
from bot.sandbox.aws.safeguards.organization import Organization
from bot.sandbox.aws.safeguards.root_user import RootUser
from bot.sandbox.aws.safeguards.trusted_advisor import TrustedAdvisor
from bot.sandbox.aws.watchers.bucket_state import BucketStates


class Safeguards:
    """Asks each part in turn. What people do in consoles alone is done to the parts that are attributes."""

    def __init__(self, backend: Backend, buckets: Buckets) -> None:
        lock, states = ObjectLock(backend), BucketStates(backend, buckets)
        self._guards = (lock, MetricFilters(backend), ConfigRules(backend))
        self.identity_center = IdentityCenter(backend)
        self.trusted_advisor = TrustedAdvisor(states)
        self._answers = (
            *(lock, RootUser(), self.trusted_advisor),
            *(Organization(backend), self.identity_center),
        )

    def guard(self, call: Call) -> None:
        """Refuse what AWS refuses.

        Raises:
            AwsError: with the service's code.
        """
        for one in self._guards:
            one.guard(call)

    def answer(self, call: Call) -> Response | None:
        """The answer of the part that the call is for, None when it is none of these.

        Raises:
            AwsError: as the service refuses.
        """
        for one in self._answers:
            if (found := one.answer(call)) is not None:
                return found
        return None
