"""The smallest change that closes a policy: take statements out, leave all else as it was."""

from collections.abc import Collection, Mapping
from typing import Any

from bot.policy.document import Policy
from bot.policy.meaning_of_public import judge


def public_statements(policy: Policy) -> tuple[int, ...]:
    """The positions of the statements that S3 calls public."""
    return tuple(statement.index for statement in policy.statements if judge(statement).public)


def without_statements(document: Mapping[str, Any], indexes: Collection[int]) -> Mapping[str, Any] | None:
    """The document without the statements at these positions (the first is 0); None when none would remain.

    The other statements and elements are the same objects in the same order. Raises IndexError for a position
    that the document does not have, so that a plan made from another version of it cannot pass.
    """
    statements = document["Statement"]
    listed = statements if isinstance(statements, list | tuple) else [statements]
    if missing := [index for index in indexes if not 0 <= index < len(listed)]:
        raise IndexError(f"the policy has no statement at position {missing[0]}")
    if not indexes:
        return document
    kept = [statement for index, statement in enumerate(listed) if index not in indexes]
    return {**document, "Statement": kept} if kept else None
