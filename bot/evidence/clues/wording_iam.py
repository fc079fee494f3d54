"""Every sentence about what IAM says. Arguments may hold what an attacker wrote, as in wording."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.evidence.wording import at, short, some, span

MAY_IAM = (
    "iam:GetAccountAuthorizationDetails, ListAccessKeys, GetPolicy, GetPolicyVersion, GetAccessKeyLastUsed, "
    "GenerateCredentialReport, GetCredentialReport, GenerateServiceLastAccessedDetails and "
    "GetServiceLastAccessedDetails"
)


def iam_sees(principals: int, keys: int, generated: datetime | None, missing: str | None) -> str:
    report = f"; the credential report is of {at(generated)}" if generated else ""
    less = f" Not everything could be asked: {short(missing, 300)}" if missing else ""
    return f"Asked about {some(principals, 'principal')} and {some(keys, 'key')}{report}.{less}"


def quarantined(kind: str, name: str) -> str:
    return f"AWS itself has put its quarantine policy on {kind} {short(name)}"


def quarantine_text(policy: str) -> str:
    return (
        f"{short(policy)} is attached: AWS found a key of it in public. The policy does not stop a thief "
        "from reading S3 through a role or old versions: revoke the key all the same."
    )


def rights_title(kind: str, name: str) -> str:
    return f"What {kind} {short(name)} may do to the bucket now"


def rights_text(
    allowed: Sequence[tuple[str, Sequence[str]]], refused: Sequence[str], boundary: str | None
) -> str:
    """Each action with the policies that allow it, by the principal's own policies alone."""
    by_policy: dict[tuple[str, ...], list[str]] = {}
    for action, by in allowed:
        by_policy.setdefault(tuple(by), []).append(action)
    may = "; ".join(
        f"{', '.join(actions)} (by {', '.join(short(one, 60) for one in by)})"
        for by, actions in by_policy.items()
    )
    not_ = f" Not: {', '.join(refused)}." if refused else ""
    limit = f" Its permissions boundary is {short(boundary)}." if boundary else ""
    told = f"Its own policies allow {may}." if may else "Its own policies allow nothing there."
    return (
        f"{told}{not_}{limit} The bucket's policy, session policies and those of the organization can change "
        "that; and these are the policies of now, not of then."
    )


def key_title(key: str, user: str | None) -> str:
    return f"Key {short(key)}{f' of user {short(user)}' if user else ''}"


def new_key_title(key: str, user: str | None) -> str:
    return f"{key_title(key, user)} was created after the first suspicious act"


def key_text(
    title: str, created: datetime | None, now: datetime, active: bool | None, used: str, others: int
) -> str:
    """One key: its state, age, last use, and how many other active keys its user has."""
    state = {True: "active", False: "inactive", None: "of unknown state"}[active]
    made = f", created {at(created)} ({span(now - created)} ago)" if created else ""
    more = f" The user has {some(others, 'other active key')}." if others else ""
    return f"{title}: {state}{made}. {used}{more}"


def last_used(moment: datetime, service: str | None, region: str | None) -> str:
    return f"Last used {at(moment)} with {short(service or 'a service')} in {short(region or 'a Region')}."


NEVER_USED = "Never used."


def use_unknown(reason: str) -> str:
    return f"When it was last used is not known: {short(reason, 200)}"


def no_mfa_title(user: str) -> str:
    return f"User {short(user)} signs in without MFA"


NO_MFA = "It has a console password and no MFA device: whoever knows the password is in."
ROOT_KEY = "The root user has an active access key"
ROOT_KEY_TEXT = "Nobody needs one: nothing limits it. Delete it once nothing uses it any more."


def reported_key_title(number: str, user: str) -> str:
    return f"Key {number} of user {short(user)} was created after the first suspicious act"


def reported_key_text(created: datetime, generated: datetime) -> str:
    return (
        f"Created {at(created)} and active, as the credential report of {at(generated)} says. Whoever made "
        "it keeps a way back in: find its id (iam:ListAccessKeys) and who created it (CreateAccessKey)."
    )


def new_user_title(user: str) -> str:
    return f"User {short(user)} was created after the first suspicious act"


def new_user_text(created: datetime, generated: datetime) -> str:
    report = f"as the credential report of {at(generated)} says"
    return f"Created {at(created)}, {report}. Find out who created it and why."


def reached_title(kind: str, name: str) -> str:
    return f"What {kind} {short(name)} last reached for"


def reached_text(services: Sequence[tuple[str, datetime, Sequence[str]]]) -> str:
    told = "; ".join(
        f"{short(service, 40)} at {at(moment)}"
        + (f" ({', '.join(short(one, 60) for one in actions)})" if actions else "")
        for service, moment, actions in services
    )
    return f"{told}. IAM is up to four hours behind and counts refused attempts too."
