"""Every sentence that people read of the changes to a bucket's rules, settings and access points.

Names, ids and documents in them come from the outside: whoever shows them escapes them.
"""

from __future__ import annotations

from collections.abc import Sequence

_SHOWN = 8

# --- which rule is meant --------------------------------------------------------------------------


def name_one(bucket: str, there: Sequence[str]) -> str:
    return (
        f"{bucket} has {len(there)} of them: {_listed(there)}. Name what the attacker added; a change that"
        " guessed might take what you need."
    )


def no_such_id(bucket: str, missing: Sequence[str], there: Sequence[str]) -> str:
    return f"{bucket} has nothing named {_listed(missing)}. There is: {_listed(there) or 'nothing'}."


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(map(repr, names[:_SHOWN])) + more


def keeps(count: int) -> str:
    if count == 0:
        return "No rule remains: the whole configuration is deleted, and the undo writes it back."
    return (
        "The other rule stays byte for byte." if count == 1 else f"The other {count} rules stay as they are."
    )


# --- R29: a lifecycle rule ------------------------------------------------------------------------

EXPIRES_AGAIN = "Undoing this lets the rule delete objects again, from its next daily run on."
STOPS_FROM_NOW = (
    "Lifecycle rules run about once a day. Objects that were scheduled and not yet deleted are spared after"
    " a short delay; what the rule has deleted stays deleted (R44 restores versions that remain)."
)
ID_WAS_TAKEN = (
    "If a rule of this id was there before the incident, the attacker has replaced it, and S3 keeps no older"
    " text: put it back from your templates or from AWS Config's history."
)
UNDO_AND_MFA = (
    "S3 takes no lifecycle configuration while MFA Delete is on: switched on after this change (R43), it"
    " stops the undo."
)
NOBODY_FEELS_LIFECYCLE = "Nobody's requests change. What the rule would have deleted costs storage again."


def no_lifecycle(bucket: str) -> str:
    return f"{bucket} has no lifecycle rules: nothing is left to do here."


def expires(rule: str, actions: Sequence[str], where: str) -> str:
    return f"Rule {rule!r} is removed: {' and '.join(actions) or 'no action'} for {where}."


EVERYTHING = "every object of the bucket"


def under(prefix: str) -> str:
    return f"objects whose keys begin with {prefix!r}"


CERTAIN_OBJECTS = "the objects of its filter"

# --- R28: a replication rule ----------------------------------------------------------------------

COPIES_AGAIN = "Undoing this copies what is written from then on to the rule's destination again."
COPIES_STAY = (
    "What was copied is in the other bucket and stays there. Copies under way may still arrive for a while."
)
ROLE_STAYS = (
    "The role that S3 copied with keeps its rights, and S3 Batch Operations jobs go on: revoke the role's"
    " sessions (R5), look at what it may do, and cancel jobs that nobody of yours started."
)
UNDO_PASSES_ROLE = (
    "S3 checks the role and both buckets' versioning when the rule is written back: the undo is refused"
    " where one of them is gone by then."
)


def no_replication(bucket: str) -> str:
    return f"{bucket} replicates nothing: nothing is left to do here."


def copies_to(rule: str, destination: str, account: str | None) -> str:
    whose = f" of account {account}" if account else ""
    return (
        f"Rule {rule!r} is removed: it copies to {destination}{whose}. Whoever reads the copy gets no more."
    )
