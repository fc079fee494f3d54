"""The sentences with which an investigation is told: on the terminal, on its page, in its list of events."""

from __future__ import annotations

UNCLEAR = "The way in is unclear, so no containment is proposed: widen the window and ask the data owner."
OUTSIDE = (
    "The suspects are outside the account: the bucket's policy, its ACLs or an access point let them in. "
    "Read these three and close what is open."
)
NOTHING_YET = (
    "Contain nothing yet on this evidence: widen the window, add Regions and sources, ask the data owner."
)
UNSIGNED = (
    "Unsigned requests were answered: check whether the bucket, or objects in it, are meant to be public."
)
READ_AGAIN = "Get the files that could not be read again, and repeat this: what they hold is missing here."

NOBODY = "Nobody. What cannot be known is listed below."
NOBODY_ELSE = "Nobody else appears in these logs."
NO_ACTS = "No act of a suspect and no change to the bucket is in these logs."
NOTHING_GOT = "No object by a suspect, as far as was recorded."
GOT_UNKNOWN = "Unknown: object reads were not provably recorded."
UNKNOWN_SIZE = "an unknown number of bytes"
ALL_KNOWN = "Nothing is left open by these logs."
SCORE = "The score adds up the points below. It orders people and decides nothing by itself."


def nothing_suspicious_from(address: str) -> str:
    """An address of a suspect from which nothing suspicious came."""
    return f"{address} (nothing suspicious from there)"


def points(number: int) -> str:
    """`+40` and `-20`, which say which way a reason speaks; empty where no points were given."""
    return f"{number:+d}" if number else ""


LIST_TITLE = "Every event about the bucket and of suspects (CSV)"

ABOUT_BUCKET, BY_SUSPECT = "about the bucket", "from a place held against a suspect"
