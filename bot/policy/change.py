"""A changed policy document: what comes out of tightening one, and why it may be refused.

Sizes are AWS's: S3 User Guide, "Bucket policies" (20 KB); IAM User Guide, "IAM and AWS STS quotas" (inline
policies of a user 2,048, of a group 5,120, of a role 10,240 characters together, a managed policy 6,144;
white space does not count).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from bot.policy import wording
from bot.policy.document import parse

Kind = Literal["bucket", "user", "group", "role", "managed"]
"""What a policy is attached to: inline to a user, group or role, managed, or a bucket's."""

LIMITS: Final[Mapping[Kind, int]] = {
    "bucket": 20_480,
    "user": 2_048,
    "group": 5_120,
    "role": 10_240,
    "managed": 6_144,
}
"""Bytes for a bucket, characters for the others."""

Document = Mapping[str, Any]


class TightenError(ValueError):
    """A change that cannot be made as asked; the message is a sentence that says why."""


class PolicyTooLargeError(TightenError):
    """The changed document would be larger than AWS takes: `size` of at most `limit`."""

    def __init__(self, kind: Kind, size: int) -> None:
        super().__init__(wording.too_large(kind, size, LIMITS[kind]))
        self.kind, self.size, self.limit = kind, size, LIMITS[kind]


class SidTakenError(TightenError):
    """Another statement has the Sid already."""

    def __init__(self, sid: str) -> None:
        super().__init__(wording.sid_taken(sid))
        self.sid = sid


@dataclass(frozen=True)
class Tightened:
    """The document after a change, and sentences that say what changed and what it means.

    `document` is None when no statement remains: the policy is to be deleted. Statements that did not change
    are the same objects as before. Sids and ARNs in the sentences are untrusted text.
    """

    document: Document | None
    explanation: tuple[str, ...]
    changed: bool = True


def minified(document: Document) -> str:
    """The document as it is sent to AWS."""
    return json.dumps(document, separators=(",", ":"), allow_nan=False)


def size_of(document: Document, kind: Kind) -> int:
    """Its size as AWS counts it; blanks within strings count too here, which errs on the safe side."""
    text = minified(document)
    return len(text.encode()) if kind == "bucket" else len(text)


def fitting(document: Document, kind: Kind, others: int = 0) -> Document:
    """The document, which is valid and not too large. `others` is the size of what shares its limit.

    Raises PolicyTooLargeError, or PolicyError where the change made no policy of it.
    """
    parse(document)
    if (size := size_of(document, kind) + others) > LIMITS[kind]:
        raise PolicyTooLargeError(kind, size)
    return document


def statements_of(document: Document) -> list[Any]:
    """The statements as written; a single one may stand without a list."""
    statements = document["Statement"]
    return list(statements) if isinstance(statements, list | tuple) else [statements]


def with_statements(document: Document, statements: list[Any]) -> Document:
    """The document with these statements and all else as it was."""
    return {**document, "Statement": statements}
