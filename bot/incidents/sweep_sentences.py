"""What is said of changes of very many objects in the channel and on the timeline."""

from __future__ import annotations

FILE_TITLE = "The objects that this plan touches, one a line"


def listed(title: str, items: int, sha256: str) -> str:
    objects = "1 object" if items == 1 else f"{items:,} objects"
    return (
        f"Listed {objects} for '{title}' (SHA-256 {sha256[:16]}…); `s3incident evidence export` has the list."
    )
