"""What the rows that let AWS watch the account share."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.remediation.arns import partition
from bot.remediation.errors import BadTarget
from bot.remediation.plan import Target
from bot.remediation.words import watching as words


def account_target(account_id: str, region: str, wanted: Mapping[str, str], **more: str) -> Target:
    """The account, in one Region. Raises BadTarget for another account than the incident's."""
    given = wanted.get("account", "")
    if not re.fullmatch(r"\d{12}", given, re.ASCII) or given != account_id:
        raise BadTarget(words.not_this_account(given, account_id))
    return Target(
        kind="account",
        id=f"arn:{partition(region)}:iam::{account_id}:root",
        label=account_id,
        params={"account": account_id, "account_id": account_id, "region": region, **more},
    )
