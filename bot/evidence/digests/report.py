"""What the validation of digests found."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.evidence.digests.digest_file import ChainName

Window = tuple[datetime, datetime]

#: - "log missing", "log changed", "log unreadable": a log file that a digest lists.
#: - "digest missing": the next one names it as the one before; "digest changed": the next one has another
#:   hash for it; "digest forged": its signature is not CloudTrail's; "digest moved": it lies somewhere else
#:   than it says; "digest unreadable".
#: - "gap": a time of which no digest tells.
#: - "not proven": nothing is wrong with it, but a signature or a public key is not there to check it with.
Kind = Literal[
    "log missing",
    "log changed",
    "log unreadable",
    "digest missing",
    "digest changed",
    "digest forged",
    "digest moved",
    "digest unreadable",
    "gap",
    "not proven",
]


@dataclass(frozen=True)
class Problem:
    """One thing that is not as CloudTrail left it. `what` is a key or a file's name: untrusted text."""

    kind: Kind
    what: str
    chain: ChainName
    why: str


@dataclass(frozen=True)
class Span:
    """A time in which the log files of a chain are proven complete and unchanged; UTC, by delivery."""

    chain: ChainName
    start: datetime
    end: datetime


@dataclass(frozen=True)
class DigestReport:
    """The result.

    `digests` were read, `proven` of them are signed by CloudTrail; `validated` log files have the hash that a
    proven digest lists, `matching` ones that which an unproven digest lists. `unlisted` are log files from a
    proven time that no digest lists: of a trail without validation, or not written by CloudTrail.
    """

    where: str
    digests: int
    proven: int
    validated: int
    matching: int
    spans: tuple[Span, ...]
    problems: tuple[Problem, ...]
    unlisted: tuple[str, ...]

    @property
    def tampered(self) -> bool:
        """Whether something was removed, changed or forged."""
        return any(problem.kind not in ("gap", "not proven") for problem in self.problems)

    def complete(self, window: Window, region: str) -> bool:
        """Whether a Region's log files of the window are proven complete and unchanged."""
        return any(
            span.chain.region == region and span.start <= window[0] and window[1] <= span.end
            for span in self.spans
        )
