"""Sentences about Object Lock (R42)."""

from __future__ import annotations

NEW_OBJECTS_UNLOCKED = (
    "Undoing this locks no further objects. Versions that were written meanwhile stay locked until their days"
    " are over, and Object Lock itself stays on."
)
STAYS_ON = (
    "Object Lock can never be switched off again for this bucket, and its versioning can never be suspended:"
    " the undo only takes the default retention away. Versions written until then stay locked for their days."
)
STAYS_LOCKED = "Versions that are written until the undo stay locked for their days."
GOVERNANCE = (
    "GOVERNANCE stops everybody who lacks s3:BypassGovernanceRetention: an attacker with administrator's"
    " rights has it. Deny it by a service control policy (R13) where that is the fear. COMPLIANCE, which"
    " nobody could shorten, not even AWS Support, is never set by this bot."
)
OLD_OBJECTS_STAY = (
    "Versions that are there already are not locked. Deleting an object without naming a version goes on:"
    " that only puts a delete marker before the versions."
)


def deletes_wait(days: int) -> str:
    return (
        f"Nobody deletes or overwrites for good a version written from now on before its {_days(days)} are"
        " over; lifecycle rules that would delete such versions wait that long too."
    )


def storage(days: int) -> str:
    return f"Every version written from now on is stored, and paid for, at least {_days(days)}."


def not_days(given: str) -> str:
    return f"{given!r} is not a number of days: 1 to 36500."


def needs_versions(bucket: str) -> str:
    return (
        f"{bucket} is not versioned, and Object Lock keeps versions: switch versioning on first (R33), then"
        " ask for this again."
    )


def logs_stop(bucket: str) -> str:
    return (
        f"{bucket} takes access logs of S3, and S3 delivers none into a bucket with a default retention: the"
        " logs would stop. Nothing was planned."
    )


def stronger(bucket: str) -> str:
    return f"{bucket} locks new objects in COMPLIANCE mode, which is stronger: nothing is left to do here."


def already_locked(bucket: str, days: int) -> str:
    return f"{bucket} locks new objects for {_days(days)} or longer: nothing is left to do here."


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"
