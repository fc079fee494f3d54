"""Every sentence that people read of what stops a user, beside those of bot.remediation.sentences.

Names in them come from the outside: whoever shows them escapes them.
"""

from __future__ import annotations

# --- R3: AWS's quarantine policy ------------------------------------------------------------------

#: What AWSCompromisedKeyQuarantineV3 (version 3 of March 2026) does not deny, and a thief in S3 needs (domain
#: 0.7). A test looks in the document that AWS publishes.
NOT_DENIED = (
    *("sts:AssumeRole", "s3:GetObjectVersion", "s3:ListBucketVersions", "s3:PutObject", "s3:PutObjectAcl"),
    *("s3:PutReplicationConfiguration", "s3:PutBucketVersioning", "s3:PutBucketPublicAccessBlock"),
    *("s3:PutBucketLogging", "s3:PutBucketNotification", "s3:CreateAccessPoint", "s3:PutAccessPointPolicy"),
    *("s3:CreateJob", "s3:UpdateObjectEncryption", "cloudtrail:StopLogging", "cloudtrail:DeleteTrail"),
    *("cloudtrail:PutEventSelectors", "secretsmanager:GetSecretValue", "kms:Decrypt"),
    *("guardduty:DeleteDetector", "iam:CreateSAMLProvider"),
)
STILL_ALLOWED = f"It does not contain a thief: it still lets the user call {', '.join(NOT_DENIED)}."
ONLY_WHERE_NEEDED = (
    "Choose it only where the user must go on working. Otherwise deny everything (R2): that stops all of the"
    " above too."
)
QUARANTINE_LIFTED = "Undoing this gives back what the quarantine denied, to whoever holds the user's keys."

# --- R4: a deny-all of one's own ------------------------------------------------------------------

INLINE_LIFTED = "Undoing this lets whoever has this user's keys use them again."
BY_BOUNDARY = (
    "The user's inline policies leave no room for another one, so its permissions boundary becomes"
    " AWSDenyAll. The boundary it has now is kept in this plan; the undo puts it back."
)
WEAKER_THAN_ATTACHED = (
    "Where the user has room for another attached policy, attach AWSDenyAll instead (R2): AWS keeps that"
    " policy, while who may write the user's inline policies can take this one out."
)


def denied_inline(user: str, how: str) -> str:
    return f"{user} is already denied everything by {how}: nothing is left to do here."


# --- R8: MFA devices ------------------------------------------------------------------------------

DEVICE_NEVER_BACK = (
    "A device that is deactivated cannot be put back by anybody but whoever holds it: to use it again, it is"
    " enabled anew with two of its codes."
)
ONLY_THE_DEVICE = "The console password is not touched: remove it as well (R8 without a device)."
LAST_DEVICE = (
    "Other devices of the user stay: ask which are really theirs. If it is the only one, what asks for MFA"
    " refuses the user from now on, and a sign-in to the console asks for the password alone."
)


def since_when(serial: str, enabled: str) -> str:
    return f"{serial} was enabled {enabled}: compare that with when the attack began."


def no_such_device(serial: str, user: str) -> str:
    return f"{user} has no MFA device {serial}: nothing is left to do here."


def not_a_device(serial: str) -> str:
    return f"{serial!r} is not the serial number of an MFA device: an ARN, or 9 to 256 letters and digits."
