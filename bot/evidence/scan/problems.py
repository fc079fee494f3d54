"""What could not be read, and why, in sentences for people."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FileProblem:
    """A file, or a record in it, that could not be read, and why, in one line.

    `lost` is False for files that are no CloudTrail logs: nothing of the evidence is missing with them.
    """

    path: str
    reason: str
    lost: bool = True

    def __str__(self) -> str:
        # A file's name need not be text; what is said about it must be.
        return f"{self.path}: {self.reason}".encode("utf-8", "replace").decode()


class NotReadableError(ValueError):
    """The content is damaged or is not CloudTrail; the text says which, for people."""


class ForeignFileError(NotReadableError):
    """The content is whole, and is something else than CloudTrail events."""
