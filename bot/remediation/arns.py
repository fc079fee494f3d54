"""ARNs of what is changed, in the partition of its Region."""

from __future__ import annotations

from fnmatch import fnmatchcase

from bot.remediation.contract import PlanContext
from bot.remediation.errors import Refused

#: Roles that AWS manages itself or through IAM Identity Center: changing them breaks more than it contains.
#: Users are not among them: anybody can give a user such a name.
NEVER = ("AWSServiceRoleFor*", "AWSReservedSSO_*", "OrganizationAccountAccessRole")


def partition(region: str) -> str:
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


def bucket_arn(bucket: str, region: str) -> str:
    return f"arn:{partition(region)}:s3:::{bucket}"


def user_arn(account_id: str, region: str, name: str) -> str:
    """The ARN of a user without a path. Only IAM knows whether there is one: see GetUser."""
    return f"arn:{partition(region)}:iam::{account_id}:user/{name}"


def account_of(arn: str) -> str | None:
    """The account in an ARN; None when it names none."""
    parts = arn.split(":", 5)
    return parts[4] or None if len(parts) == 6 else None


def is_user(principal: str, arn: str) -> bool:
    """Whether a principal of the evidence is this user, or a federated session that this user opened."""
    name = arn.rsplit("/", 1)[-1]
    return principal == arn or (
        account_of(principal) == account_of(arn) and f":federated-user/{name}" in principal
    )


def refuse_protected(arn: str, context: PlanContext) -> None:
    """Raises Refused when the principal is on the protected list or is one that must keep its access."""
    never = NEVER if ":role/" in arn else ()
    for pattern in (*never, *context.protected, *context.keep):
        if fnmatchcase(arn, pattern) or fnmatchcase(arn.rsplit("/", 1)[-1], pattern):
            raise Refused(
                f"{arn} is protected ({pattern}): the bot does not change it. "
                "If it really is the attacker's way in, change it by hand with your break-glass role."
            )


def role_arn(account_id: str, region: str, name: str) -> str:
    """The ARN of a role without a path. Only IAM knows whether there is one: see GetRole."""
    return f"arn:{partition(region)}:iam::{account_id}:role/{name}"


def is_role(principal: str, arn: str) -> bool:
    """Whether a principal of the evidence is this role, or one of its sessions, whose ARNs have no path."""
    name = arn.rsplit("/", 1)[-1]
    return principal == arn or (
        account_of(principal) == account_of(arn)
        and (f":assumed-role/{name}/" in principal or principal.endswith(f":role/{name}"))
    )


def role_of(principal: str) -> str:
    """The role of a session's ARN, by which aws:PrincipalArn knows it; every other ARN as it is."""
    if ":assumed-role/" not in principal:
        return principal
    name = principal.split(":assumed-role/")[1].split("/", 1)[0]
    return f"arn:{principal.split(':', 2)[1]}:iam::{account_of(principal)}:role/{name}"
