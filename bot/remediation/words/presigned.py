"""Every sentence that people read of R27: presigned URLs."""

from __future__ import annotations

URLS_WORK_AGAIN = "Undoing this lets presigned URLs that have not expired work again, a thief's too."
SIGNER_GOES_ON = (
    "Whoever signed them can go on with ordinary requests: deactivate the signer's key (R1) or revoke its"
    " sessions (R5), which ends its URLs as well."
)
FORMS_GO_ON = "Presigned upload forms (POST) are another way to sign and are not denied."
NEW_ONES_WORK = (
    "URLs that are signed from now on work for that long: the attacker's too, until the signer is stopped."
)


def not_minutes(given: str, longest: int) -> str:
    return (
        f"{given!r} is no number of minutes from 1 to {longest} (seven days, the longest that a URL lives)."
    )


def consumers(minutes: int | None) -> str:
    which = "every presigned URL" if minutes is None else f"presigned URLs older than {minutes} minutes"
    return (
        f"Whoever downloads or uploads by {which} gets AccessDenied, customers and mail links too. CloudTrail"
        " shows them as AuthenticationMethod QueryString."
    )


def title(bucket: str, minutes: int | None) -> str:
    older = "" if minutes is None else f" that are older than {minutes} min"
    return f"Stop presigned URLs{older} of {bucket}"
