"""Every sentence of these remediations that people read, beside those of bot.remediation.sentences.

Names in them come from the outside: whoever shows them escapes them.
"""

from __future__ import annotations

from collections.abc import Sequence

# --- R19: Block Public Access ---------------------------------------------------------------------

OPENS_AGAIN = (
    "Undoing this lets in again whomever the bucket's policy, its ACL and the ACLs of its objects let in."
)
PUBLIC_USE_STOPS = (
    "Static websites, public downloads and CDNs that read the bucket without signing stop. While the policy"
    " is public, other accounts that it names are kept out too. Signed requests of this account go on."
)
ACLS_HIDDEN = (
    "From now on S3 shows ACLs without their public grants, though it keeps them: this plan keeps the"
    " bucket's ACL as it was. Make the ACL private (R21) before this change, where it shall not come back."
)
UNDO_IN_TURN = (
    "While it is on, S3 takes no public policy and no public ACL: undo this change before an older one that"
    " would bring such a policy or ACL back."
)


def already_blocked(bucket: str) -> str:
    return f"Block Public Access is fully on for {bucket}: nothing is left to do here."


def grants(grantee: str, permission: str) -> str:
    return f"The ACL grants {permission} to {grantee}: that has no effect any more."


# --- R21: the bucket's ACL ------------------------------------------------------------------------

GRANTS_COME_BACK = "Undoing this gives everybody whom the old ACL named their rights again."
OBJECTS_KEEP_ACLS = (
    "Objects have ACLs of their own, which this does not change: Block Public Access (R19) or switching ACLs"
    " off (R23) takes the effect from all of them."
)
NO_ACL_UNDER_BLOCK = (
    "If Block Public Access or BucketOwnerEnforced is switched on after this change, S3 refuses the undo: it"
    " must be undone first."
)
HIDDEN_GRANTS_LOST = (
    "Block Public Access hides public grants in this ACL at this moment: if there are any, the undo does not"
    " bring them back."
)


ONLY_BY_ACL = (
    "Calls that nothing but an ACL allows stop; those that a policy allows go on. Ask those who use the"
    " bucket on which of the two they rely."
)


def loses(grantee: str, permission: str) -> str:
    return f"{grantee[:1].upper()}{grantee[1:]} loses {permission} on the bucket."


def already_private(bucket: str, *, hidden: bool) -> str:
    text = f"The ACL of {bucket} grants nothing to others: nothing is left to do here."
    if not hidden:
        return text
    return (
        f"{text} Block Public Access would hide public grants in it; they have no effect while it is on."
        " To take them out for good, undo Block Public Access first, then ask again."
    )


# --- R23: ACLs switched off -----------------------------------------------------------------------

ACLS_COME_BACK = "Undoing this gives every ACL of the bucket's objects its effect again, public ones too."
UPLOADS_WITH_ACL_FAIL = (
    "Whoever uploads with an ACL other than bucket-owner-full-control gets an error from now on, and readers"
    " who came in by the ACL of an object are kept out. Look in the access log for aclRequired = Yes."
)
HIDDEN_ACL_STOPS_IT = (
    "If Block Public Access hides a public grant in the bucket's ACL, S3 refuses this change: undo Block"
    " Public Access, make the ACL private (R21), then ask for both again."
)
STAYS_OWNERS = "Objects that are uploaded until the undo belong to the bucket's owner, also after it."


def acls_are_off(bucket: str) -> str:
    return f"ACLs are off in {bucket} (BucketOwnerEnforced): nothing is left to do here."


def acl_first(bucket: str) -> str:
    return (
        f"The ACL of {bucket} grants something to others, and S3 switches ACLs off only when it does not."
        " Make the ACL private first (R21); move log delivery's grants into the bucket policy."
    )


# --- R33: versioning ------------------------------------------------------------------------------

OVERWRITES_AGAIN = (
    "While versioning is suspended, deleting or overwriting an object destroys what is written from now on."
)
WAIT_FOR_VERSIONING = "AWS asks to wait 15 minutes after the first time before relying on it."
VERSIONS_COST = (
    "Every version costs storage, and lifecycle rules mean something else: an expiration then only hides the"
    " object. Add a rule for noncurrent versions."
)
VERSIONS_CAN_BE_DELETED = (
    "It does not protect from whoever may delete versions (s3:DeleteObjectVersion): Object Lock and MFA"
    " Delete do."
)
NEVER_UNVERSIONED = (
    "S3 never takes a bucket back to unversioned: the undo suspends versioning, and the versions stay."
)


VERSIONING_STOPS_NOBODY = (
    "Nobody's requests stop: what is deleted or overwritten from now on stays as an older version."
)


def already_versioned(bucket: str) -> str:
    return f"Versioning is on for {bucket}: nothing is left to do here."


def needs_device(bucket: str) -> str:
    return (
        f"{bucket} has MFA Delete: only the account's root user with its MFA device can change versioning."
        " Ask whoever holds the device."
    )


# --- R5: sessions of a role -----------------------------------------------------------------------

SESSIONS_WORK_AGAIN = (
    "Sessions that were revoked work again until they end, a thief's too. Nobody else needs the undo:"
    " sessions opened after the revocation are not touched by it."
)
EVERY_HOP = (
    "Sessions of other roles that were opened with these sessions go on: revoke those of every role along the"
    " chain."
)
WORKLOADS_FETCH = (
    "Workloads with this role fail until they fetch new credentials. An EC2 instance may take hours: restart"
    " it, or detach and attach its instance profile."
)


def opened_later(until: str) -> str:
    return (
        f"Sessions opened from {until} on go on. Close the way they are obtained (the trust policy, IMDSv2,"
        " the user's keys) first; if this waits long for its approval, ask for it once more afterwards."
    )


def already_revoked(role: str, until: str) -> str:
    return f"The sessions of {role} are revoked until {until}: nothing is left to do here."


def replaces_inline(policy: str) -> str:
    return (
        f"The role has an inline policy {policy} that does something else. It is replaced; the undo puts it"
        " back."
    )


def role_of_aws(role: str) -> str:
    return (
        f"{role} belongs to an AWS service or to IAM Identity Center, and IAM lets nobody change it. For a"
        " person of Identity Center, disable the user there and end its sessions (R9)."
    )


def no_room_in_role(role: str) -> str:
    return (
        f"The inline policies of {role} leave no room for another one. Take one out by hand, keep its text,"
        " then ask again; or deny the role in the bucket's policy (R14)."
    )


def no_such_role(role: str, account_id: str) -> str:
    return f"Account {account_id} has no role {role}: it was deleted, or the name is of another account."


def not_a_role(name: str) -> str:
    return f"{name!r} cannot be the name of a role: 1 to 64 letters, digits and _+=,.@-."


def not_a_role_here(arn: str, account_id: str) -> str:
    return f"{arn} is not a role of account {account_id}."


# --- R14, R15, R16, R17: one Deny more in a bucket policy -----------------------------------------

PRINCIPAL_COMES_BACK = "Undoing this lets the principal in again, by whatever let it in before."
COPIES_ARE_NOT_DENIED = (
    "It holds for requests to this bucket, not for copies: replicas and buckets of other accounts have"
    " policies of their own."
)
OTHER_PRINCIPALS_GO_ON = (
    "Whoever holds credentials of other principals, or can make new ones, gets in with those."
)
PLAIN_HTTP_AGAIN = "Undoing this lets object data and signatures travel readable again."
PLAIN_HTTP_STOPS = (
    "Clients that speak plain http to the bucket stop. CloudTrail shows TLS, the access log too."
)
LOOK_FOR_PLAIN_HTTP = (
    'Look in the access log first: requests whose cipher suite is "-" came without TLS and will be refused.'
)


NETWORK_COMES_BACK = "Undoing this lets requests from these addresses in again."
ADDRESSES_CHANGE = (
    "Attackers change addresses within minutes: this wins time, no more. Requests through a VPC endpoint show"
    " no public address, and those that an AWS service makes for somebody show the service's: neither is"
    " denied."
)
KEPT_ARE_SPARED = "The bot's roles and break-glass are spared, wherever they call from."
OUTSIDERS_COME_BACK = "Undoing this lets in again whom the other statements let in from outside."
NAME_THE_VENDORS = (
    "Vendors and partners outside of the organization are kept out unless their accounts are named. AWS"
    " services that act as themselves (CloudTrail, log delivery) are spared."
)


def already_there(bucket: str, sid: str) -> str:
    return f"The policy of {bucket} has this statement ({sid}): nothing is left to do here."


# --- R34: access logging --------------------------------------------------------------------------

NO_LINE_ANY_MORE = "Undoing this ends the log: requests that CloudTrail does not record leave no trace again."
NOBODY_FEELS_LOGGING = (
    "Nobody's requests change. Each one leaves a line in the log bucket, which costs storage."
)
FIRST_LINES_LATE = (
    "S3 delivers by best effort: the first lines may take hours, and some may never come. Requests before"
    " this change are not in it."
)
BY_KMS = "its default encryption is SSE-KMS, with which S3 does not write access logs"
BY_RETENTION = "it has a default retention (Object Lock), under which S3 does not write access logs"


def logs_into_itself(bucket: str) -> str:
    return (
        f"{bucket} cannot log into itself: each line would be a request that makes a line. Name another one."
    )


def already_logged(bucket: str, logs: str) -> str:
    return f"Access logs of {bucket} go to {logs}: nothing is left to do here."


def unfit_for_logs(logs: str, why: str) -> str:
    return f"{logs} cannot take access logs: {why}. Name another bucket of this account and Region."


def denies_delivery(logs: str) -> str:
    return (
        f"A statement in the policy of {logs} denies S3's log delivery (logging.s3.amazonaws.com) whatever is"
        " allowed beside it. Except it there by hand, or name another bucket."
    )


def logs_moved(logs: str) -> str:
    return f"Until now its access logs went to {logs}: look there, and ask whose bucket that is."


# --- R35: encryption ------------------------------------------------------------------------------

CUSTOMER_KEYS_AGAIN = "Undoing this lets objects be overwritten again under keys that only the caller has."
SSEC_WRITES_FAIL = (
    "Whoever writes with a key of their own (SSE-C) gets AccessDenied from now on. Objects that are encrypted"
    " so can still be read with that key."
)
OBJECTS_STAY_ENCRYPTED = (
    "Objects stay encrypted as they are: what an attacker has re-encrypted must be restored from a version or"
    " a copy."
)


ONLY_OWN_KEYS = (
    "Only writes with a key of the caller's own (SSE-C) stop; all other calls go on. Ask those who use the"
    " bucket whether they write so."
)


def already_encrypted(bucket: str) -> str:
    return (
        f"{bucket} refuses customer-provided keys, and its default key is no other account's: nothing to do."
    )


def foreign_key(key: str) -> str:
    return (
        f"The default key is another account's ({key}), which decides who reads what is written. It gives"
        " way to S3's own encryption (SSE-S3); the undo sets it back."
    )


# --- R20: Block Public Access for the account -----------------------------------------------------

ACCOUNT_OPENS_AGAIN = "Undoing this opens every bucket again whose policy or ACL lets the public in."
EVERY_BUCKET = (
    "It holds for every bucket of the account, in every Region, also for those of people who know nothing of"
    " this incident: ask the owners of what is public on purpose first."
)
ORGANIZATION_DECIDES = (
    "Where the organization sets Block Public Access by policy, AWS refuses this change and shows the"
    " organization's setting instead."
)
OPEN_BUCKETS_HIDDEN = (
    "Public ACLs are ignored in the account already, so S3 does not show which ones there are: buckets that"
    " are public by their policies close."
)


def other_account_than(account: str, own: str) -> str:
    return f"{account!r} is not the incident's account {own}."


def account_blocked(label: str) -> str:
    return f"Block Public Access is fully on for {label}: nothing is left to do here."


def closes(bucket: str, granted: Sequence[str], *, by_policy: bool) -> str:
    ways = [*(["its policy is public"] if by_policy else []), *(f"its ACL grants {one}" for one in granted)]
    return f"The bucket {bucket} closes: {', '.join(ways)}."


# --- R8: a console password -----------------------------------------------------------------------

NEVER_PUT_BACK = (
    "Nobody can read a password out of IAM, so it cannot be put back: to let the user in again, an"
    " administrator sets a new one."
)
OPEN_CONSOLES_STAY = (
    "Console sessions that are open go on, up to 12 hours: deny everything to the user (R2) as well, which"
    " ends them."
)
KEYS_STAY = "The user's access keys and the roles it may assume are not touched."


def no_password(user: str) -> str:
    return f"{user} has no console password: nothing is left to do here."
