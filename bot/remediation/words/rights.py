"""Every sentence that people read of taking back rights that were given, and of narrowing them.

Names, Sids and ARNs in them come from the outside: whoever shows them escapes them.
"""

from __future__ import annotations

from collections.abc import Sequence

# --- R11: rights that were given ------------------------------------------------------------------

RIGHTS_COME_BACK = "Undoing this gives the rights back, to whoever holds the credentials now."
MEMBERS_LOSE = "Every member of the group loses these rights: look who is in it."
WHOLE_POLICY = "The whole inline policy goes. To keep some of it, name the statement."
LAST_STATEMENT = "No statement remains, so the inline policy is deleted. The undo puts it back."
ROOM_FOR_UNDO = "The undo needs room: where other policies fill the quota meanwhile, IAM refuses it."
OTHER_RIGHTS = (
    "Other policies, groups and resource policies may still allow the same: look at all that the principal"
    " has."
)
GROUP_STAYS = "The group and what it allows stay as they are, for its other members."
ATTACHED_TO_NOBODY = "The policy is attached to nobody: nobody feels the change."
VERSION_STAYS = (
    "A new version of the policy is put in force; the old one stays beside it, as evidence. The undo puts"
    " the old one in force again and leaves the new one there."
)


def attach_by_hand(user: str, policy: str) -> str:
    return (
        "The bot's role attaches nothing to a user but what contains. To give this back, a person calls:"
        f" aws iam attach-user-policy --user-name {user} --policy-arn {policy}"
    )


def loses_rights(holder: str) -> str:
    return f"{holder.replace('/', ' ', 1)} loses what this takes out."


def denies_go(count: int) -> str:
    if count == 1:
        return "A Deny statement goes with it: what it held back may be allowed again."
    return f"{count} Deny statements go with it: what they held back may be allowed again."


def version_goes(version: str | None) -> str:
    return (
        f"The policy has five versions, and IAM takes no sixth: the oldest that is not in force ({version})"
        " is deleted first. Its text stays in this plan; its number does not come back."
    )


def put_in_force(version: str) -> str:
    return (
        f"{version} is put in force: the newest version from before. IAM does not tell which one was in"
        " force: read it before you approve."
    )


def which_rights(ways: Sequence[str]) -> str:
    return f"Name what was given: {'; '.join(ways)}."


def no_holder(label: str, account_id: str) -> str:
    return f"Account {account_id} has no {label}: it was deleted, or the name is of another account."


def not_a_group(name: str) -> str:
    return f"{name!r} cannot be the name of a group: up to 128 letters, digits and _+=,.@-."


def not_a_policy_name(name: str) -> str:
    return f"{name!r} cannot be the name of an inline policy: up to 128 letters, digits and _+=,.@-."


def not_a_policy(arn: str) -> str:
    return f"{arn!r} is not the ARN of a policy."


def not_editable(arn: str, account_id: str) -> str:
    return (
        f"{arn} is no policy of account {account_id}, so it cannot be edited. Name the user, role or group"
        " that it was attached to as well: then it is detached."
    )


def no_such_policy(label: str) -> str:
    return f"There is no {label}: nothing is left to do here."


def not_attached(label: str) -> str:
    return f"There is no {label}: it is not attached, and nothing is left to do here."


def no_member(user: str, group: str) -> str:
    return f"{user} is not in the group {group}: nothing is left to do here."


def stops_somebody(policy: str) -> str:
    return f"{policy} stops somebody: it is taken back by undoing the step that attached it (R2, R3)."


def no_such_statement(label: str, wanted: str) -> str:
    return (
        f"The {label} has no statement {wanted!r}: nothing is left to do here. Name its Sid, or its number."
    )


def not_understood(label: str, error: str) -> str:
    return f"The {label} is not understood, so it is not changed: {error}"


def nothing_left(label: str) -> str:
    return (
        f"Without it, the {label} would have no statement, and IAM takes no empty policy. Detach it from"
        " whom it was given to (name the user, role or group), or delete it (R10)."
    )


def not_in_force(label: str, wanted: Sequence[str], default: str) -> str:
    return (
        f"{', '.join(wanted)} of the {label} is not in force, {default} is: it gives nobody anything, and"
        " nothing is left to do here."
    )


def no_earlier(arn: str) -> str:
    return (
        f"{arn} has no version from before the attack that could be put in force. Name the statement to take"
        " out, or detach the policy from whom it was given to."
    )


def no_boundary(user: str) -> str:
    return (
        f"The permissions boundary of {user} was deleted, and the event does not tell which it was. Look in"
        " AWS Config or ask its owner, then set it by hand; until then, deny everything to the user (R2)."
    )


# --- R12: what was used ---------------------------------------------------------------------------

WIDE_AGAIN = "Undoing this allows again what nobody but the attacker is known to have used."
OBJECTS_STAY_ALLOWED = (
    "Reads or writes of objects were not recorded all the time, so that no action on S3 objects can be called"
    " unused: those stay allowed as they are. Switch data events on (R36), and ask again after a while."
)


def no_requests(label: str) -> str:
    return (
        f"There is no evidence yet of what was used, so the {label} cannot be narrowed. Collect evidence,"
        " then ask again."
    )


def management_not_recorded(label: str) -> str:
    return (
        f"Management events were not recorded all the time, so nothing that the {label} allows can be called"
        " unused. Collect evidence from a trail or from CloudTrail's event history, then ask again."
    )


def objects_not_recorded(label: str) -> str:
    return (
        f"Reads or writes of objects were not recorded all the time, so what the {label} allows on S3 objects"
        " cannot be narrowed, and there is nothing else to narrow. Switch data events on (R36), and ask again"
        " after a while; to stop somebody now, deny (R2, R14)."
    )


def not_followed(label: str, arn: str) -> str:
    return (
        f"The evidence has all requests of suspects alone, and {arn} is none: of it there is only what"
        f" touched the bucket. The {label} cannot be narrowed by that without breaking the rest of its work."
    )


def nobody_used(label: str) -> str:
    return (
        f"The evidence shows no use of the {label} but the attacker's. Take it back as a whole instead"
        " (R11), or look further back first."
    )


def cannot_narrow(label: str, error: str) -> str:
    return f"The {label} cannot be narrowed: {error}"


def narrow_already(label: str) -> str:
    return f"The {label} allows nothing that was not used: nothing is left to do here."


def seldom_used(hours: float | None) -> str:
    looked = f"The evidence is of {hours / 24:.0f} days" if hours else "The evidence has its limits"
    return (
        f"{looked}: what is done once a month, a quarter or in an emergency may not be in it, and fails"
        " then. Ask whose policy it is."
    )
