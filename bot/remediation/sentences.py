"""Every sentence of this room that people read: what happened, what it means, what to do. Plain text.

Names, addresses and user agents in them come from the outside: whoever shows them escapes them.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.remediation.contract import Observed

_SHOWN = 3
_AGENT = 40

# --- who feels it ---------------------------------------------------------------------------------

NOBODY_SEEN = "The evidence shows no use of it, and evidence can have gaps: ask its owner what depends on it."


def use_stops(one: Observed) -> str:
    return f"Calls by {one.principal} stop ({one.label}): {_use(one)}."


def uses(one: Observed) -> str:
    return f"{one.principal} uses the bucket ({one.label}): {_use(one)}."


def _use(one: Observed) -> str:
    calls = "1 call" if one.events == 1 else f"{one.events} calls"
    parts = [calls]
    if one.access_key_id:
        parts.append(f"with {one.access_key_id}")
    if one.source_ips:
        parts.append(f"from {_some(one.source_ips)}")
    if one.user_agents:
        parts.append(f"by {_some(list(dict.fromkeys(map(_short, one.user_agents))))}")
    if one.last_seen:
        parts.append(f"last {one.last_seen:%Y-%m-%d %H:%M} UTC")
    return ", ".join(parts)


def _some(values: Sequence[str]) -> str:
    more = f" and {len(values) - _SHOWN} more" if len(values) > _SHOWN else ""
    return ", ".join(values[:_SHOWN]) + more


def _short(agent: str) -> str:
    """The product alone: a user agent may go on for many lines, and the evidence has all of it."""
    product = next(iter(agent.split()), agent)
    return product if len(product) <= _AGENT else f"{product[: _AGENT - 1]}…"


# --- a user ---------------------------------------------------------------------------------------

ROLES_STAY = (
    "Roles that this user has already assumed keep working until their sessions end:"
    " a role's session is not the user any more."
)
USER_COMES_BACK = (
    "Whoever has this user's keys can use them again: undo only when every key is known and replaced."
)


def already_attached(user: str, policy: str) -> str:
    return f"{user} already has {policy} attached: nothing is left to do here."


def no_room(user: str, policy: str) -> str:
    return (
        f"{user} has as many policies attached as the account allows, so {policy} cannot be attached."
        " Deny everything by an inline policy instead (R4)."
    )


def no_such_user(user: str, account_id: str) -> str:
    return f"Account {account_id} has no IAM user {user}: it was deleted, or the name is of another account."


def not_a_user(name: str) -> str:
    return f"{name!r} cannot be the name of an IAM user: 1 to 64 letters, digits and _+=,.@-."


def other_account(arn: str, account_id: str) -> str:
    return f"{arn} is not in account {account_id}."


# --- an access key --------------------------------------------------------------------------------

SESSIONS_STAY = (
    "Sessions that were opened with this key (GetSessionToken, GetFederationToken, AssumeRole) keep working"
    " until they end: deny everything to the user as well, and revoke the sessions of the roles it assumed."
)
OTHER_WAYS = "The user may have a second key or a console password: this change stops neither."
KEY_COMES_BACK = "Never reactivate a key that has leaked: whoever has it can use it again at once."


def other_keys(user: str, keys: Sequence[str]) -> str:
    return f"The evidence shows {user} using {_some(keys)} too: this change does not stop that."


def already_inactive(key: str) -> str:
    return f"The access key {key} is already inactive: nothing is left to do here."


def no_such_key(key: str, user: str) -> str:
    return f"{user} has no access key {key}: it was deleted, or belongs to somebody else."


def temporary_key(key: str) -> str:
    return (
        f"{key} is a temporary key of a session and cannot be deactivated."
        " Revoke the sessions of its role, or deny everything to the user who opened it."
    )


def not_a_key(key: str) -> str:
    return f"{key!r} is not an access key id: those are 16 to 128 capital letters and digits, as AKIA..."


# --- a bucket policy ------------------------------------------------------------------------------

BUCKET_OPENS = "Undoing this makes the bucket public again."
MAY_BE_BLOCKED = (
    "If Block Public Access is switched on after this change, AWS refuses the undo:"
    " it must be switched off first."
)
INSIDERS_STAY = "Principals of this account keep what their own IAM policies and the other statements allow."


def takes_out(label: str, actions: Sequence[str], resources: Sequence[str]) -> str:
    return f"Statement {label} lets anyone do {_some(actions)} on {_some(resources)}. It is taken out."


def deletes_policy() -> str:
    return "No statement remains, so the bucket policy is deleted. The undo puts it back."


def keeps_statements(count: int) -> str:
    return (
        f"The other {count} statements stay exactly as they are."
        if count > 1
        else "The other statement stays."
    )


def regains(accounts: Sequence[str]) -> str:
    return (
        f"If RestrictPublicBuckets is on, other accounts regain access ({_some(accounts)}): the remaining"
        " statements grant it, and only the public one held it back. Ask whether they should have it."
    )


def deleted_principal(label: str, unique_id: str) -> str:
    return (
        f"Statement {label} names {unique_id}, a principal that was deleted: AWS will probably refuse to"
        " store the policy. Take that statement out by hand, then ask again."
    )


def no_policy(bucket: str) -> str:
    return f"The bucket {bucket} has no bucket policy: nothing is left to do here."


def not_public(bucket: str) -> str:
    return f"No statement of {bucket}'s bucket policy is public: nothing is left to do here."


def no_such_bucket(bucket: str) -> str:
    return f"There is no bucket {bucket}: it was deleted, or the name is mistyped."


def not_a_bucket(name: str) -> str:
    return (
        f"{name!r} is not a general purpose bucket. Directory, table and vector buckets and access points"
        " have other APIs, which this does not change."
    )


def unreadable_policy(bucket: str, error: str) -> str:
    return (
        f"The bucket policy of {bucket} cannot be read, which does not mean that there is none. {error}"
        " If the policy itself denies it, the account's root user can still read and replace it."
    )


def not_understood(bucket: str, error: str) -> str:
    return f"The bucket policy of {bucket} is not understood, so it is not changed: {error}"


def too_large(bucket: str, size: int, limit: int) -> str:
    return f"The new policy of {bucket} would have {size} bytes; S3 takes {limit}."


def loses(action: str, who: str, statements: Sequence[str]) -> str:
    """What somebody would no longer be able to do, and the statements of the new policy by which."""
    by = f" (denied by statement {', '.join(statements)})" if statements else ""
    return f"{action} of {who}{by}"


def locks_out(bucket: str, losses: Sequence[str]) -> str:
    return (
        f"Refused: with the new policy of {bucket}, {_some(losses)} would be lost."
        " The bot never locks out its owner: change the policy by hand."
    )


def stops_writing(bucket: str, losses: Sequence[str]) -> str:
    return (
        f"Refused: with the new policy of {bucket}, {_some(losses)} would be lost, and with it what these"
        " services write there (logs, records, copies). Spare them in the policy, or change it by hand."
    )


# --- sessions and undo ----------------------------------------------------------------------------


def split_step(size: int, limit: int) -> str:
    return (
        f"The permissions of this change need {size} characters; a session policy has room for {limit}."
        " Split it into smaller changes."
    )


def packed_too_large(said: str) -> str:
    return (
        f"STS cannot pack the permissions and tags of this change into one session ({said.rstrip('.')}), so"
        " nothing was called. Split it into smaller changes."
    )


def no_such_row(row: str, rows: Sequence[str]) -> str:
    known = sorted(rows, key=lambda one: int(one[1:]))
    return f"There is no remediation {row}; there are {', '.join(known)}."


NOT_REVERSIBLE = "This change cannot be undone by the bot. Its plan says what it could not restore."
NOTHING_RAN = "No call of this plan took effect, so there is nothing to undo."
NOT_IN_PARTS = (
    "What ran of this change cannot be undone call by call: its undo takes back all of it or nothing."
    " Continue it and undo the whole, or put it right by hand."
)
UNDO_OF_UNDO = (
    "This is an undo already. To make the change again, ask for it anew: it is planned from what AWS shows."
)

# --- what a run came to ---------------------------------------------------------------------------

NOT_WHAT_WAS_APPROVED = (
    "Stopped: this plan is not the one that was approved, so nothing was called."
    " Look into the ledger to see who changed it, and ask for the change anew."
)


def verified(title: str) -> str:
    return f"{title}: done, and AWS shows it."


def waits_for_a_person(label: str) -> str:
    return (
        f"Nothing was called: AWS lets no program do this to {label}. It is waiting for somebody to do it by"
        " the steps on its card; AWS is read from time to time until it shows the change."
    )


def changed_meanwhile(label: str) -> str:
    return (
        f"{label} was changed after this plan was made, so nothing was called."
        " Plan again: the new plan shows what is there now, and needs its own approval."
    )


def done_by_others(label: str) -> str:
    return f"AWS already shows {label} as this plan would leave it, so nothing was called."


def cannot_read(error: str) -> str:
    return f"The state before the change cannot be read, so nothing more was called. {error}"


def no_session(error: str) -> str:
    return f"The session for this step could not be opened. {error}"


def call_failed(error: str, made: Sequence[str], left: Sequence[str]) -> str:
    return f"{error} {_so_far(made, left)}"


def failed_before(made: Sequence[str], left: Sequence[str]) -> str:
    return f"This run had already failed when it was interrupted. {_so_far(made, left)}"


def _so_far(made: Sequence[str], left: Sequence[str]) -> str:
    ran = (
        f"Took effect: {', '.join(made)}." if made else "No call of this plan is known to have taken effect."
    )
    return f"{ran} Did not run: {', '.join(left)}."


def unclear(call: str, why: str) -> str:
    return (
        f"Stopped: whether {call} took effect is unclear, and it is not sent again blindly. {why}"
        " Look at the target in AWS, then plan again."
    )


def unclear_for_now(call: str, why: str) -> str:
    return (
        f"Halted: whether {call} took effect cannot be read now, and it is not sent again blindly. {why}"
        " 'Continue' reads again and goes on from what AWS shows."
    )


NEITHER = "AWS shows neither the state before the call nor the one after it."


def not_shown(label: str) -> str:
    return (
        f"All calls succeeded, and yet AWS does not show {label} as planned."
        " Somebody may be changing it at the same time: look at it, then plan again."
    )


def not_read_back(error: str) -> str:
    return f"All calls succeeded, but the result could not be read back, so it is not verified. {error}"
