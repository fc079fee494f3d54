"""Sentences about the files of trails that do not arrive (R37)."""

from __future__ import annotations

_REPAIR = (
    'Until that is put right (CloudTrail User Guide, "Amazon S3 bucket policy for CloudTrail"), the trail is'
    " on and its files are not written."
)


def may_write(bucket: str, outcome: str) -> str:
    """By the outcome of the decision about it."""
    if outcome == "allowed":
        return f"The policy of the log bucket {bucket} lets CloudTrail write there."
    if outcome == "depends":
        return (
            f"Whether the policy of the log bucket {bucket} lets CloudTrail write turns on conditions that"
            " cannot be known beforehand: look at LatestDeliveryError of GetTrailStatus in a quarter of an"
            " hour."
        )
    kept = "denies it to" if outcome == "explicitly_denied" else "does not let in"
    return (
        f"CloudTrail cannot write into the log bucket {bucket}: its policy {kept} cloudtrail.amazonaws.com,"
        f" perhaps by the attacker's hand. {_REPAIR}"
    )


def policy_unread(bucket: str, why: str) -> str:
    return (
        f"Whether CloudTrail may write into the log bucket {bucket} is not known: its policy cannot be read"
        f" ({why}). Look at LatestDeliveryError of GetTrailStatus in a quarter of an hour."
    )


def last_time(error: str) -> str:
    return (
        f"CloudTrail could not deliver the last time that it tried (LatestDeliveryError: {error}). It goes on"
        " trying, and the watch of this change says whether that ends."
    )


def still_not_delivered(trail: str, error: str) -> str:
    return (
        f"ATTENTION: {trail} is on again, but its files do not arrive: CloudTrail says {error}"
        " (LatestDeliveryError). Look at the log bucket, its policy, and the key that the files are encrypted"
        " with."
    )
