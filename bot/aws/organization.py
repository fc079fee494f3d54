"""Which organisation the account is in."""

from __future__ import annotations

from bot.aws.fact import Fact, ask
from bot.aws.public_verdict import Reader


def organization_id(reader: Reader) -> Fact[str]:
    """The organisation's id (`o-...`), the value of aws:PrincipalOrgID for all of the account.

    Raises nothing of AWS's: an account that is in none has AWS's refusal for a reason. Source: Organizations
    API Reference, DescribeOrganization (any account of the organisation may call it).
    """
    return ask(
        lambda: str(reader.call("organizations", "describe_organization", {}).data["Organization"]["Id"])
    )
