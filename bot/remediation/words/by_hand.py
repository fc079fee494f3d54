"""Sentences and steps of what a person does by hand, because AWS lets no program do it."""

from __future__ import annotations

WHEN_DONE = "The bot reads AWS again by itself; this is done when AWS shows it, not when somebody says so."

# --- R43: MFA Delete ------------------------------------------------------------------------------

ROOT_TAKES_IT_BACK = (
    "The bot cannot undo this: the root user switches it off with the same command and MFADelete=Disabled."
)
VERSIONS_NEED_DEVICE = (
    "From then on nobody deletes a version of an object for good, or changes versioning, without the root"
    " user's MFA device: not with any access key, not by a role, not in the console."
)
NO_LIFECYCLE_THEN = (
    "S3 takes no lifecycle rules for such a bucket: old versions stay, and cost, until root deletes them."
)
NO_CODE_IN_SLACK = (
    "Type the code of the device into your own terminal only. Nobody needs it in Slack, and the bot never"
    " asks."
)


def mfa_delete_steps(bucket: str, account_id: str, region: str, partition: str) -> tuple[str, ...]:
    sign_in = (
        f"Sign in to account {account_id} as its root user. No other identity can do this, and not in the"
        " console: it takes an access key of the root user. Make one under Security credentials."
    )
    run = (
        "In your own terminal, with that key, and with SERIAL and CODE replaced: "
        f"aws s3api put-bucket-versioning --region {region} --bucket {bucket}"
        f" --expected-bucket-owner {account_id} --versioning-configuration Status=Enabled,MFADelete=Enabled"
        ' --mfa "SERIAL CODE"'
    )
    device = (
        f"SERIAL is the root user's MFA device: its ARN (arn:{partition}:iam::{account_id}:mfa/NAME, under"
        " Security credentials) or the serial number of a hardware device. CODE is what it shows now."
    )
    return sign_in, run, device, "Delete the root user's access key again, at once.", WHEN_DONE


def already_with_mfa(bucket: str) -> str:
    return f"MFA Delete is on for {bucket}: nothing is left to do here."


def lifecycle_against_mfa(bucket: str) -> str:
    return (
        f"{bucket} has lifecycle rules, and S3 allows no MFA Delete beside them. Decide which matters more:"
        " take the rules out first (what they delete is then kept, and costs), or lock the objects for some"
        " days with Object Lock (R42), which goes with lifecycle rules."
    )


def no_root_user(account_id: str) -> str:
    return (
        f"The root user of account {account_id} has neither a password nor an access key: its credentials are"
        " removed, as organizations do centrally, and nobody can switch MFA Delete on. Lock the objects with"
        " Object Lock (R42), or deny s3:DeleteObjectVersion and s3:PutBucketVersioning by a service control"
        " policy (R13)."
    )
