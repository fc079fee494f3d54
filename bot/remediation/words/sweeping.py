"""Sentences about changes of very many objects. Keys in them are the attacker's text: escape where shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_STEP = 1000
_NAMED = 3

# --- the list ---------------------------------------------------------------------------------------

OTHER_LIST = (
    "The list of objects is not the one that was approved: its file is damaged or was changed. Nothing was"
    " called from here on. Plan again, and find out who touched the file."
)


def no_list(path: str) -> str:
    return (
        f"The list of objects that was approved is not at {path}, so nothing was called from here on. Run"
        " this worker with the folder of the vault that the plan was made in (S3INCIDENT_VAULT_DIR), or plan"
        " again."
    )


NO_PLACE = (
    "There is no folder to keep the list of objects in, so nothing was called. See S3INCIDENT_VAULT_DIR."
)


def listed(summary: Mapping[str, Any]) -> str:
    """What is on the list, for the card."""
    more = summary["items"] - len(summary["examples"])
    keys = ", ".join(repr(key) for key in summary["examples"]) + (f" and {number(more)} more" if more else "")
    return (
        f"{objects(summary['items'])}, {size(summary['bytes'])}: {keys}. The complete list is the file"
        f" {summary['sha256'][:16]}… in the vault; its hash is part of what is approved."
    )


def objects(count: int) -> str:
    return "1 object" if count == 1 else f"{number(count)} objects"


def number(count: int) -> str:
    return f"{count:,}"


def size(amount: float) -> str:
    """Bytes as S3's console counts them."""
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if amount < _STEP:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= _STEP
    return f"{amount:.1f} PB"


# --- the run ----------------------------------------------------------------------------------------

CHANGED = "it is not as it was when this was planned, and was left alone"
ITEM_BY_ITEM = (
    "Each object is looked at right before it is changed. One that is not as the list says is left alone and"
    " reported; S3 has no way to make look and change one act, so a change in that moment is not seen."
)


def how_far(walked: int, items: int) -> str:
    return f"{number(walked)} of {objects(items)}"


def settings_changed(bucket: str) -> str:
    return (
        f"The settings of {bucket} that this plan relies on are not what they were: nothing was called from"
        " here on. Look at what changed them, then plan again."
    )


def settings_unread(bucket: str, why: str) -> str:
    return f"The settings of {bucket} could not be read, so nothing was called from here on. {why}"


def all_already(bucket: str) -> str:
    return f"Every object on the list for {bucket} is already as planned. Nothing was called."


def all_changed(bucket: str, not_done: Sequence[tuple[str, str]]) -> str:
    return (
        f"No object on the list for {bucket} is as it was when this was planned, so nothing was changed."
        f"{named(not_done)} Plan again."
    )


def finished(title: str, done: int, changed: int, not_done: Sequence[tuple[str, str]]) -> str:
    """All that could be done is done and shows in AWS."""
    text = f"{title}: {objects(done)} done and read back."
    if not changed:
        return text
    left = f"{_were(changed)} left alone because of a change since the plan.{named(not_done)}"
    return f"{text} {left} Plan again for them."


def refused(error: str) -> str:
    return f"AWS refused the first objects, so the others were not tried. {error}"


def unfinished(done: int, failed: int, changed: int, not_done: Sequence[tuple[str, str]]) -> str:
    also = f" {_were(changed)} left alone because of a change since the plan." if changed else ""
    return (
        f"{objects(done)} done, {number(failed)} not.{also}{named(not_done)} What is done stays done: going"
        " on tries the others again and touches none twice."
    )


def not_shown(missing: int) -> str:
    return (
        f"{objects(missing)} on the list did not show the planned state when all was read back. Somebody may"
        " be changing them at this moment: look at the evidence before you plan again."
    )


def not_read_back(error: str) -> str:
    return f"All objects were walked, but they could not be read back. {error}"


def interrupted(where: str, error: str) -> str:
    return f"It stopped after {where}. {error} What is done stays done: going on touches no object twice."


def named(not_done: Sequence[tuple[str, str]]) -> str:
    """The first objects that were not done, each with its reason; empty for none."""
    shown = "; ".join(f"{key!r}: {why.rstrip('.')}" for key, why in not_done[:_NAMED])
    return f" Not done: {shown}." if shown else ""


def _were(count: int) -> str:
    return "1 object was" if count == 1 else f"{number(count)} objects were"


# --- object ACLs ------------------------------------------------------------------------------------

ACLS_COME_BACK = (
    "Undoing this writes every object's former grants back, public ones too: whoever could read these objects"
    " can read them again."
)
CHEAPER = (
    "Block Public Access (R19) or switching ACLs off (R23) takes the effect of all these grants away in one"
    " call, and is undone as easily: prefer it when time counts. The list of this plan stays as the record of"
    " who could read what, but once S3 hides public grants behind a block, this change can no longer see them"
    " and stops."
)
OBJECT_GRANTS_HIDDEN = (
    "Block Public Access is on and S3 hides public grants while it is: they are not on the list, and stay"
    " stored behind the block. What the rewritten ACLs hide cannot be restored."
)


def acls_are_off(bucket: str) -> str:
    return f"ACLs are off in {bucket} (BucketOwnerEnforced): no object's ACL counts, nothing is left to do."


def objects_are_private(bucket: str, *, hidden: bool) -> str:
    text = f"No object of {bucket} grants anything to anybody but its owner and the bucket's."
    if hidden:
        text += (
            " Block Public Access hides public grants, though: to find them, switch off IgnorePublicAcls at a"
            " moment when nobody can use it, or switch ACLs off (R23), after which none counts."
        )
    return text


def acls_unread(bucket: str, count: int) -> str:
    return (
        f"AWS lets the bot read no object's ACL in {bucket}: {number(count)} were tried. Give the evidence"
        " role s3:GetObjectAcl and s3:GetObjectVersionAcl there; objects that other accounts wrote only"
        " their owners can change."
    )


def some_acls_unread(summary: Mapping[str, Any]) -> str:
    keys = ", ".join(repr(key) for key in summary["examples"])
    return (
        f"The ACLs of {objects(summary['items'])} could not be read ({keys}): other accounts own them, so"
        " this changes nothing about them. Switching ACLs off (R23) makes the bucket's owner their owner."
    )


def grants_taken(summary: Mapping[str, Any]) -> str:
    return f"Whoever reads these objects by an ACL stops. {listed(summary)}"


OWNERS_KEEP = "The grants of each object's owner and of the bucket's owner stay."

# --- restoring --------------------------------------------------------------------------------------

NOTHING_TO_UNDO = (
    "There is no undo and none is needed: nothing is deleted or overwritten. Each object gets one more"
    " version; the versions and delete markers that are there now stay below it, as evidence and to go back"
    " to."
)
NOT_VERSIONED_NOW = (
    "Versioning is not Enabled, so a copy would replace what is there instead of standing above it. Switch"
    " versioning on (R33), then plan again."
)
NEW_VERSIONS = (
    "Copies are new versions: their Last-Modified is now, lifecycle ages start anew, storage is paid for"
    " both. Replication, notifications and readers see new objects."
)
KEPT = (
    "Each copy keeps the version's content type, metadata, tags, storage class, encryption key and ACL, but"
    " no grant to everybody or to all AWS accounts: a restore must not publish anything."
)
CLOSE_FIRST = "Whoever deleted or overwrote the objects can do it again: contain first, restore then."
SAME_BUT_FOR_ETAG = (
    "Versions under a KMS key, and large ones, get another ETag when they are copied: where somebody has"
    " already restored one, it is on the list again, and gets one more version with the same content."
)


def by_job(items: int, role: str) -> str:
    return (
        f"S3 Batch Operations copies these {objects(items)} as {role}: looked at when the job is made, hours"
        " may lie between look and copy. Its copies keep content type, metadata and tags; storage class and"
        " encryption are the bucket's defaults, ACLs are private. What the job leaves is copied one by one."
    )


def no_job(error: str) -> str:
    return f"The job of S3 Batch Operations could not be made or followed. {error} Going on finds it again."


def bad_moment(text: str) -> str:
    return f"{text!r} is no moment: write it like 2026-03-14T02:10:00Z (ISO 8601; without a zone it is UTC)."


def nothing_to_restore(bucket: str, moment: str, archived: int) -> str:
    text = f"Every object of {bucket} that was there just before {moment} is still the current one."
    return f"{text} {_archived(archived)}" if archived else text


def restores(summary: Mapping[str, Any], moment: str) -> str:
    return f"The versions of just before {moment} become the current ones again. {listed(summary)}"


def left_out(summary: Mapping[str, Any]) -> str:
    keys = ", ".join(repr(key) for key in summary["examples"])
    return f"{_archived(summary['items'])} Among them: {keys} ({size(summary['bytes'])} in all)."


def _archived(count: int) -> str:
    return (
        f"{objects(count)} in Glacier or Deep Archive cannot be copied as they are: restore them from the"
        " archive first (aws s3api restore-object, with the version's id), then plan again."
    )


UNREADABLE_KEY = (
    "its content is not readable: it was encrypted with a customer-provided key (SSE-C) that only the writer"
    " has, or AWS refused"
)
NO_SUCH_VERSION = "the version is gone"
NOT_THE_SAME = "the copy's content is not the version's"


def upload_left(error: str, upload_id: str) -> str:
    return f"{error} An unfinished upload is left (abort-multipart-upload --upload-id {upload_id})."
