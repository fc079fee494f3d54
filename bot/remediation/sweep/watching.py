"""Whether a sweep still stands: a look at some of its objects, since one at all can take hours."""

from __future__ import annotations

from bot.aws.errors import AwsRefused
from bot.remediation.contract import Reader
from bot.remediation.plan import Call, Plan
from bot.remediation.sweep.contract import Hands, Sweep
from bot.remediation.sweep.manifests import Item, Manifests

#: How many objects are looked at, spread evenly over the list.
MOST = 100


def still_stands(plan: Plan, row: Sweep, read: Reader, manifests: Manifests) -> bool:
    """Whether none of the objects looked at is as it was before the change again.

    People write, delete and share objects: another state than the planned one is no sign of anything.
    Raises AwsUnavailable, and ManifestError where the list is gone.
    """
    hands = Hands(read, read, plan.target, plan.before)
    return not any(
        _is_back(row, hands, call, item)
        for call in plan.calls
        if call.each
        for number, item in enumerate(manifests.lines(call.each))
        if number % max(1, call.each.items // MOST) == 0
    )


def _is_back(row: Sweep, hands: Hands, call: Call, item: Item) -> bool:
    try:
        return row.standing(hands, call, item) == "before"
    except AwsRefused:
        # What the evidence role may not look at (an object's content) tells nothing.
        return False
