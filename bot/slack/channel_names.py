"""Names of incident channels: `inc-0001-acme-payroll`."""

from __future__ import annotations

import re

from bot.store.tables.incidents import Incident

# conversations.create takes 80 characters: lower-case letters, digits, hyphens and underscores.
LONGEST = 80
_NOT_ALLOWED = re.compile(r"[^a-z0-9_-]+")


def wanted(incident: Incident, attempt: int = 1) -> str:
    """The channel's name; from the second attempt on (the name is taken) with a number behind it."""
    suffix = "" if attempt == 1 else f"-{attempt}"
    bucket = _NOT_ALLOWED.sub("-", incident.bucket.lower())
    name = f"{incident.name}-{bucket}"[: LONGEST - len(suffix)].rstrip("-")
    return name + suffix
