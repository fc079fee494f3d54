"""Every sentence that people read of R30: what a bucket's attached settings hand to others.

Names, ids and ARNs in them come from the outside: whoever shows them escapes them.
"""

from __future__ import annotations

from collections.abc import Sequence

HANDED_OUT_AGAIN = "Undoing this hands the bucket's data or its news to the same receivers again."
SENT_IS_SENT = (
    "What was already delivered (messages, lists, log lines, pages) is with its receiver and stays there."
)
CONSUMERS = "Programs of yours that live on what is removed stop receiving it: ask their owners."
NOT_VALIDATED = (
    "S3 is told not to test the destinations that stay (SkipDestinationValidation): a broken one of yours"
    " would otherwise stop the change."
)
NO_EVENT_BUS = "EventBridge is told of nothing any more: rules there that start on this bucket stay silent."
NO_WEBSITE = (
    "The bucket is no website any more: its website address answers 404, redirects and error pages stop."
)
OWNER_PAYS = "The bucket's owner pays for requests again, and requests need not say that they pay."
NO_ACCESS_LOG = (
    "Server access logs are written nowhere any more. Log into a bucket of your own instead (R34), which"
    " replaces the destination in one change."
)


def not_a_setting(name: str, names: Sequence[str]) -> str:
    return f"{name!r} is none of the settings that this change knows: {', '.join(names)}."


def has_no_parts(setting: str) -> str:
    return f"The {setting} setting has no parts to name: leave `id` out to take all of it away."


def not_set(setting: str, bucket: str) -> str:
    return f"{bucket} has no such {setting} setting: nothing is left to do here."


def tells_no_more(name: str, arn: str, events: Sequence[str]) -> str:
    return f"Notification {name!r} is removed: {arn} is not told of {', '.join(events)} any more."


def no_cross_origin(origins: Sequence[str]) -> str:
    return f"Browsers on pages of {', '.join(origins)} may not read the bucket any more."


def no_inventory(name: str, destination: str, account: str | None) -> str:
    whose = f" of account {account}" if account else ""
    return f"Inventory {name!r} is removed: {destination}{whose} gets no more lists of the objects."
