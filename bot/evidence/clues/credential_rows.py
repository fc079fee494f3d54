"""What the credential report says of the whole account: new users and keys, MFA missing, the root's key.

Source: IAM User Guide, "Generate credential reports": times are ISO 8601, or N/A, not_supported,
no_information; the rotation date of a key is that of its creation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from bot.aws.iam_facts import CredentialReport, IamFacts
from bot.evidence.clues import wording_iam
from bot.evidence.clues.gathered import Suspicion
from bot.evidence.report import Clue, Severity

ROOT = "<root_account>"


def report_clues(facts: IamFacts, suspicion: Suspicion) -> Iterator[Clue]:
    """New users and keys of others than the suspects, and how the suspects and the root sign in."""
    report = facts.report.value
    if report is None:
        return
    known = {one.arn for one in facts.principals.value or ()}
    for row in report.rows:
        if row.get("user") == ROOT:
            yield from _root(row)
        elif row.get("arn") in known:
            yield from _mfa(row)
        elif suspicion.since is not None:
            yield from _new(row, report, suspicion.since)


def _root(row: Mapping[str, str]) -> Iterator[Clue]:
    if "true" in (row.get("access_key_1_active"), row.get("access_key_2_active")):
        yield _clue(row, "root key", wording_iam.ROOT_KEY, wording_iam.ROOT_KEY_TEXT, "medium")


def _mfa(row: Mapping[str, str]) -> Iterator[Clue]:
    if row.get("password_enabled") == "true" and row.get("mfa_active") == "false":
        yield _clue(row, "mfa", wording_iam.no_mfa_title(row["user"]), wording_iam.NO_MFA, "medium")


def _new(row: Mapping[str, str], report: CredentialReport, since: datetime) -> Iterator[Clue]:
    user, born = row["user"], _time(row.get("user_creation_time"))
    if born and born >= since:
        text = wording_iam.new_user_text(born, report.generated)
        yield _clue(row, "user", wording_iam.new_user_title(user), text, "high", born)
    for number in ("1", "2"):
        made = _time(row.get(f"access_key_{number}_last_rotated"))
        if made and made >= since and row.get(f"access_key_{number}_active") == "true":
            text = wording_iam.reported_key_text(made, report.generated)
            title = wording_iam.reported_key_title(number, user)
            yield _clue(row, f"key {number}", title, text, "high", made)


def _time(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _clue(
    row: Mapping[str, str],
    what: str,
    title: str,
    text: str,
    severity: Severity,
    time: datetime | None = None,
) -> Clue:
    arn = row.get("arn") or row["user"]
    return Clue(
        source="IAM",
        id=f"{arn} {what}",
        title=title,
        text=text,
        severity=severity,
        time=time,
        principal=arn,
        resource=arn,
    )
