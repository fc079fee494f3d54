"""Every sentence that people read of the changes to roles and to who may assume them.

Names and ARNs in them come from the outside: whoever shows them escapes them.
"""

from __future__ import annotations

from collections.abc import Sequence

_SHOWN = 8

# --- R6: who may assume a role --------------------------------------------------------------------

TRUST_OPENS = (
    "Undoing this lets in again whom the trust policy let in, the attacker too: undo it only where the wrong"
    " one was taken out."
)
SESSIONS_GO_ON = (
    "Sessions that are open go on until they end, up to 12 hours: after this change, revoke them (R5)."
)
WHOLE_DOCUMENT = (
    "IAM replaces the whole trust policy. Infrastructure as code (CloudFormation, Terraform) will put the old"
    " one back: correct it there too."
)
OTHERS_STAY = "Everybody else whom the trust policy names can go on assuming the role."
NOBODY_LEFT = (
    "Nobody is left who may assume the role. IAM takes no empty trust policy, so a Deny for everybody stands"
    " in its place."
)


def loses_role(principal: str, role: str) -> str:
    who = "Everybody in the world" if principal == "*" else principal
    return f"{who} can no longer assume {role}."


def comes_in_no_more(principal: str, calls: int) -> str:
    return f"{principal} was seen in the evidence ({calls} calls) and comes in no more by this role."


def only_insiders(role: str) -> str:
    return (
        f"The trust policy of {role} lets in nobody from outside of the account: nothing is left to do here."
        " If the attacker comes in through somebody inside, name whom to take out."
    )


def not_trusted(role: str, principals: Sequence[str]) -> str:
    return f"The trust policy of {role} does not let in {_some(principals)}: nothing is left to do here."


def trust_not_understood(role: str, error: str) -> str:
    return f"The trust policy of {role} is not understood, so it is not changed: {error}"


def dead_ids(ids: Sequence[str]) -> str:
    return (
        f"{_some(ids)} in the trust policy were deleted from IAM, which takes no such id back: they go out,"
        " and the undo cannot put them back. They let nobody in any more."
    )


def too_long(role: str, size: int, limit: int) -> str:
    return f"The trust policy of {role} would have {size} characters; IAM takes {limit}. Change it by hand."


# --- R7: one session in a bucket policy -----------------------------------------------------------

SESSION_COMES_BACK = "Undoing this lets the session in again, if it has not ended by itself."
ENDS_BY_ITSELF = "A session ends by itself after 12 hours at most. Undo this then, to keep the policy short."
NEXT_SESSION = (
    "Whoever can open another session gets in with that one: close the way it was obtained, or revoke all"
    " sessions of the role (R5). Sessions of further roles that were opened with it go on."
)


def not_a_session(session: str, account_id: str) -> str:
    return (
        f"{session!r} is not a session: give its ARN in account {account_id}"
        " (arn:aws:sts::...:assumed-role/ROLE/NAME), or its user id (AROA...:NAME, CloudTrail's principalId),"
        " which is the only way for a session of another account."
    )


def _some(values: Sequence[str]) -> str:
    more = f" and {len(values) - _SHOWN} more" if len(values) > _SHOWN else ""
    return ", ".join(values[:_SHOWN]) + more
