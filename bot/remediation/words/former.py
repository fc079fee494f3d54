"""What a person reads of the bucket's policy before the attack."""

from __future__ import annotations

from collections.abc import Sequence

MOST = 5


def same(when: str) -> str:
    return f"AWS Config's last version before the attack ({when}) was the policy that this leaves."


def none_then(when: str) -> str:
    return (
        f"AWS Config's last version before the attack ({when}) shows no policy that can be read: compare "
        "what this leaves with your own sources."
    )


def differs(when: str, only_then: Sequence[str], only_now: Sequence[str]) -> str:
    """`only_then`: what this does not bring back; `only_now`: what it leaves and was not there."""
    told = [f"{_named(only_then)} was there and is not brought back"] if only_then else []
    told += [f"{_named(only_now)} was not there and stays"] if only_now else []
    return (
        f"AWS Config's last version before the attack ({when}) was another: {'; '.join(told)}. The evidence "
        "has it whole (bucket_before)."
    )


def _named(labels: Sequence[str]) -> str:
    more = f" and {len(labels) - MOST} more" if len(labels) > MOST else ""
    return f"{', '.join(labels[:MOST])}{more}"
