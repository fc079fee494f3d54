"""What is asked of the evidence."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True, kw_only=True)
class Question:
    """One bucket, one window, and the people and programs that are not under suspicion.

    `window` is (start, end) in UTC, both included; None means all that the sources hold. `account_id` is
    the bucket owner's account; None means "take it from the logs". `own_principals` are this program's
    roles, and `responders` people and scanners declared by the team: ARNs, or parts of ARNs that end at a
    `/` or `:`. Their calls are set apart and counted, never hidden (domain 0.4, E30). `known_accounts`
    are other AWS accounts that may reach the bucket (partners, the organization): what they do is told,
    and is no sign by itself. `keys` are access keys already under suspicion. `baseline` is how long before
    the window the same sources are read to learn who is usually at the bucket (None: not at all).
    """

    bucket: str
    account_id: str | None = None
    window: tuple[datetime, datetime] | None = None
    own_principals: frozenset[str] = field(default_factory=frozenset)
    responders: frozenset[str] = field(default_factory=frozenset)
    known_accounts: frozenset[str] = field(default_factory=frozenset)
    keys: frozenset[str] = field(default_factory=frozenset)
    baseline: timedelta | None = None

    @property
    def span(self) -> tuple[datetime, datetime] | None:
        """What the sources have to be read for: the window and the baseline before it."""
        if self.window is None or self.baseline is None:
            return self.window
        return self.window[0] - self.baseline, self.window[1]
