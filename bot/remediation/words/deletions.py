"""Every sentence that people read of deleting what an attacker created.

Names and ids in them come from the outside: whoever shows them escapes them.
"""

from __future__ import annotations

from collections.abc import Sequence

_SHOWN = 8

NEVER_COMES_BACK = (
    "What is deleted here does not come back: this plan keeps all that IAM shows of it, which is not enough"
    " to make the same again. Keys and passwords are never shown."
)
LINEAGE = (
    "IAM forgets the ids with it. Close the investigation of them first, and keep this plan with the report:"
    " it names every key, policy and id that goes."
)
ROLES_OF_USER_GO_ON = (
    "Sessions of roles that it assumed go on until they end: revoke those roles' sessions (R5)."
)
CHAINED_GO_ON = (
    "Its own sessions can do nothing any more; sessions of further roles that were opened with them go on"
    " (R5)."
)
FEDERATED_GO_ON = (
    "Sessions that were opened through it go on until they end: revoke those of every role that trusts it"
    " (R5), and take it out of their trust policies (R6)."
)
SESSIONS_OF_KEY_GO_ON = (
    "Sessions that were opened with it go on until they end: deny everything to the user as well (R2)."
)
NO_EVIDENCE_OF_TIME = (
    "No evidence says when the attack began, so nothing shows that the attacker made this: ask the people who"
    " look after the account before you approve."
)
NO_DATE = (
    "AWS does not tell when this was made: ask the people who look after the account before you approve."
)


def made(label: str, when: str, since: str) -> str:
    return f"The {label} was made {when}, after the first suspicious act ({since})."


def made_before(label: str, when: str, since: str) -> str:
    return (
        f"The {label} was made {when}, before the first suspicious act that the evidence shows ({since}): the"
        " attacker cannot have made it then, and it may be somebody's work. Deny or deactivate it instead"
        " (R2, R1). If the attack began earlier, collect evidence from earlier on, then ask again."
    )


def made_unknown(label: str, when: str) -> str:
    return f"The {label} was made {when}."


def goes_too(part: str, names: Sequence[str]) -> str:
    return f"With it goes: {part} {_some(names)}."


def gone_already(label: str) -> str:
    return (
        f"There is no {label}: it is deleted, or the name is of another account. Nothing is left to do here."
    )


def stop_user_first(user: str) -> str:
    return (
        f"{user} can still be used. Deny everything to it first (R2), look who misses it, then delete it:"
        " that can be undone, and this cannot."
    )


def deactivate_first(key: str) -> str:
    return (
        f"The access key {key} is active. Deactivate it first (R1), look who misses it, then delete it: that"
        " can be undone, and this cannot."
    )


def bounds_somebody(label: str, count: int) -> str:
    return (
        f"The {label} is the permissions boundary of {count} users or roles. Deleting it would need the"
        " boundary taken off, which gives them more rights: set another boundary by hand first."
    )


def holders_lose(names: Sequence[str]) -> str:
    return f"It is detached from {_some(names)}, who lose what it allows, and what it denies them."


def members_lose(names: Sequence[str]) -> str:
    return f"Its members {_some(names)} stay, and lose what the group allows, and what it denies them."


def instances_lose(names: Sequence[str]) -> str:
    return f"Instances with the instance profile {_some(names)} have no role any more. The profile stays."


def which_one(ways: Sequence[str]) -> str:
    return f"Name one thing to delete: {'; '.join(ways)}."


def by_hand(what: str) -> str:
    return (
        f"{what} is not in IAM: a trust anchor is disabled and deleted with IAM Roles Anywhere, by a person"
        " (aws rolesanywhere disable-trust-anchor, then delete-trust-anchor)."
    )


def not_a_policy_here(arn: str, account_id: str) -> str:
    return (
        f"{arn!r} is not the ARN of a policy of account {account_id}. Policies of AWS cannot be deleted:"
        " detach them instead (R11)."
    )


def not_a_provider(given: str, account_id: str) -> str:
    return (
        f"{given!r} is not an identity provider of account {account_id}: give its ARN, the name of a SAML"
        " provider, or the https:// address of an OpenID Connect one."
    )


def not_an_id(given: str) -> str:
    return f"{given!r} is not the id of a credential: those are 16 to 128 letters and digits."


def not_a_name(given: str) -> str:
    return f"{given!r} cannot be the name of a group: up to 128 letters, digits and _+=,.@-."


def _some(values: Sequence[str]) -> str:
    more = f" and {len(values) - _SHOWN} more" if len(values) > _SHOWN else ""
    return ", ".join(values[:_SHOWN]) + more
