"""Every sentence that people read of R32: what happens to a KMS key and to what is encrypted under it.

ARNs, grants and Sids in them come from the outside: whoever shows them escapes them.
"""

from __future__ import annotations

from collections.abc import Sequence

BEFORE_AGAIN = (
    "Undoing this sets the key back to what it was: whom its policy let in gets in again, a key that was off"
    " is off again. A deletion is never scheduled again."
)
FIVE_MINUTES = "KMS is eventually consistent: the change may take up to five minutes to hold everywhere."
EVERY_READER_STOPS = (
    "Whatever is encrypted under the key can be neither read nor written by anybody, services and backups"
    " too, until it is enabled again. It cuts off the thief at once, and everybody else with him."
)
READERS_RETURN = "Whoever may use the key can read again what is encrypted under it, at once."
NOT_SCHEDULED_AGAIN = (
    "The deletion is not scheduled again: this program never asks for a key's deletion. The undo leaves the"
    " key disabled."
)
WHO_SCHEDULED = "Whoever scheduled the deletion can do it again: deny them first (R2, R5)."
GRANT_OF_SERVICE = (
    "AWS services work through grants too (EBS, RDS, backups). Make sure that this one is the attacker's."
)
NO_LOCK_OUT = "The key's policy still lets its administrators change it: that was checked first."


def not_a_key(key: str) -> str:
    return f"{key!r} is no key: give its id, its ARN or an alias (alias/payroll)."


def other_account(arn: str, account_id: str) -> str:
    return f"{arn} is a key of another account than {account_id}: its owner must change it."


def not_an_act(act: str, acts: Sequence[str]) -> str:
    return f"{act!r} is nothing that this does to a key: {', '.join(acts)}."


def no_such_key(key: str) -> str:
    return f"There is no key {key} in this Region: it was deleted, or its ARN has another Region."


def of_aws(key: str) -> str:
    return f"{key} is a key that AWS manages: nobody can change its policy, its grants or its state."


def say_what(key: str, state: str) -> str:
    return (
        f"{key} is {state}. Say what to do: act=disable cuts everybody off, grant=ID revokes a grant, and"
        " act=restore-policy takes statements for outsiders out of its policy."
    )


def not_from(key: str, act: str, state: str) -> str:
    return f"{key} is {state}: {act} does nothing here."


def import_again(key: str) -> str:
    return (
        f"{key} waits for key material (PendingImport): only whoever has the original material can import it"
        " again (aws kms import-key-material). Without it, nothing under the key can be read."
    )


def no_such_grant(grant: str, key: str) -> str:
    return f"{key} has no grant {grant}: it was revoked or retired already."


def revokes(grantee: str, operations: Sequence[str]) -> str:
    return f"{grantee} may no longer {', '.join(operations)} by this grant."


def grant_gone(command: str) -> str:
    return (
        "A grant cannot be put back as it was: a new one has another id and token. If it is missed, its owner"
        f" makes a new one: {command}"
    )


def locks_out(key: str, who: str) -> str:
    return (
        f"Refused: with the new policy of {key}, {who} could no longer change it. Only AWS Support can save a"
        " key that nobody can change: change its policy by hand."
    )


def deletes_policy(key: str) -> str:
    return f"Refused: no statement would remain in the policy of {key}, and a key must have one."
