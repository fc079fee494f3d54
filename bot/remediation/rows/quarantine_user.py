"""R3: attach AWS's quarantine policy to an IAM user."""

from __future__ import annotations

from bot.remediation.rows.deny_all_user import DenyAllUser
from bot.remediation.words import users as words


class QuarantineUser(DenyAllUser):
    """R3: AWSCompromisedKeyQuarantineV3 denies what cloud miners do, and lets the rest go on (domain 0.7)."""

    row = "R3"
    name = "quarantine-user"
    title = "Attach AWS's quarantine policy to an IAM user"
    order = 16
    verb = "Quarantine"
    undo_verb = "Lift the quarantine from"
    undo_warning = words.QUARANTINE_LIFTED
    policy = "AWSCompromisedKeyQuarantineV3"
    flag = "QuarantineAttached"
    warnings = (words.STILL_ALLOWED, words.ONLY_WHERE_NEEDED, *DenyAllUser.warnings)


REMEDIATION = QuarantineUser()
