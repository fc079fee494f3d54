"""Three-valued logic: what is known to hold, known not to hold, or cannot be known from what the caller has.

Ordered so that Kleene's strong logic is the built-ins: "and" is `min`, "or" is `max`.
"""

from enum import IntEnum


class Truth(IntEnum):
    """How sure we are that something holds."""

    NO = 0
    MAYBE = 1
    YES = 2

    @classmethod
    def of(cls, holds: bool) -> "Truth":
        """The certain truth of a plain boolean."""
        return cls.YES if holds else cls.NO

    def negated(self) -> "Truth":
        """The opposite; what cannot be known stays so."""
        return Truth(2 - self)
