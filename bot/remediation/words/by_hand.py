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


# --- R45: a bucket that is locked -----------------------------------------------------------------

OTHERS_LOSE_THE_POLICY = (
    "Without its policy the bucket is open to what the identities' own policies allow, and whoever came in"
    " by the policy alone is kept out: partners, CDNs, log delivery."
)
CREDENTIALS_STAY_IN_TERMINAL = (
    "Credentials of the root user, temporary ones too, never go into Slack or a ticket."
)
ROOT_CAN_BE_STOPPED = (
    "If the root user is refused too, a service or resource control policy, or a VPC endpoint's, stops it:"
    " ask whoever runs the organization, and try from outside of the VPC."
)
PUT_POLICY_BACK = (
    "The bot cannot undo this: to have the policy again, repair the file that the guide makes and put it with"
    " aws s3api put-bucket-policy."
)


def unlock_steps(bucket: str, account_id: str, region: str, partition: str) -> tuple[str, ...]:
    task = f"arn:{partition}:iam::aws:policy/root-task/S3UnlockBucketPolicy"
    owner = f"--region {region} --bucket {bucket} --expected-bucket-owner {account_id}"
    organization = (
        "In an organization, from its management account or the delegated administrator of IAM, get a root"
        f" session of 15 minutes that can do nothing else: aws sts assume-root --region {region}"
        f" --target-principal {account_id} --task-policy-arn arn={task} --duration-seconds 900. Put its"
        " three credentials into the environment of your own terminal. Otherwise sign in as the account's"
        " root user."
    )
    keep = (
        "Keep the policy, it is evidence: aws s3api get-bucket-policy"
        f" {owner} --query Policy --output text > {bucket}-policy.json"
    )
    return organization, keep, f"Take it away: aws s3api delete-bucket-policy {owner}", AND_THEN, WHEN_DONE


AND_THEN = "Put a repaired policy as soon as you can; what the bot changes in buckets works again then."


def not_locked(bucket: str) -> str:
    return (
        f"The policy of {bucket} can be read, or there is none: it is not locked, nothing is left to do here."
    )


def another_layer(bucket: str, said: str) -> str:
    return f"It is not the policy of {bucket} that shuts the bot out, so unlocking it would not help. {said}"


# --- R31: a VPC endpoint --------------------------------------------------------------------------

ENDPOINT_FIRST = "With rights to ec2:ModifyVpcEndpoint (or in the console, Endpoints, Manage policy), run:"
ENDPOINT_IS_ONE_WAY = (
    "It closes this endpoint alone: another endpoint, a NAT gateway or the internet leads to S3 as well."
    " Requests that an endpoint's policy denies are in no access log; CloudTrail has them as network"
    " activity, if on."
)
AWS_BUCKETS_TOO = (
    "Buckets that AWS itself keeps are in other accounts: updates of Amazon Linux, Systems Manager, ECR's"
    " layers and CloudFormation stop behind this endpoint. Add their accounts to aws:ResourceAccount where"
    " they matter."
)


def closes_endpoint(principal: str | None, account_id: str) -> str:
    if principal:
        return f"{principal} reaches no bucket through this endpoint any more."
    return (
        f"No workload behind this endpoint reaches buckets of other accounts than {account_id} any more:"
        " copies to an attacker's bucket stop, and so do partners' buckets."
    )


def endpoint_back(command: str) -> str:
    return f"The bot cannot undo this: to have the former policy again, run {command}"


def not_an_endpoint(given: str) -> str:
    return f"{given!r} is not the id of a VPC endpoint: vpce- and 8 or 17 hexadecimal digits."


def not_a_principal(given: str) -> str:
    return f"{given!r} is not the ARN of a user, a role or a session."


def no_such_endpoint(endpoint: str, region: str) -> str:
    return f"There is no VPC endpoint {endpoint} in {region}."


def not_for_s3(endpoint: str, service: str) -> str:
    return f"{endpoint} leads to {service}, not to S3: its policy does not decide about buckets."


def endpoint_is_closed(endpoint: str) -> str:
    return f"The policy of {endpoint} has this statement already: nothing is left to do here."


def endpoint_policy_too_long(endpoint: str, most: int) -> str:
    return (
        f"With this statement the policy of {endpoint} is longer than the {most:,} characters that AWS takes."
    )
