"""Every sentence about what GuardDuty, Access Analyzer and Config say.

IAM's are in wording_iam. Arguments may hold what an attacker wrote; `short` keeps them on one line, and
whoever shows them escapes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.evidence.wording import at, short, some

# --- what to allow, what to turn on ---------------------------------------------------------------

MAY_GUARDDUTY = "guardduty:ListDetectors, GetDetector, ListFindings and GetFindings"
MAY_ANALYZER = "access-analyzer:ListAnalyzers, ListFindings and GetFinding"
MAY_CONFIG = (
    "config:DescribeConfigurationRecorders, DescribeConfigurationRecorderStatus and GetResourceConfigHistory"
)
TURN_ON_GUARDDUTY = (
    "Switch on GuardDuty with S3 Protection in this Region (guardduty:CreateDetector). It sees what happens "
    "from then on, also where no trail logs data events."
)
TURN_ON_S3_PROTECTION = "Switch on S3 Protection (guardduty:UpdateDetector, feature S3_DATA_EVENTS)."
TURN_ON_ANALYZER = (
    "Create an analyzer for external access in the bucket's Region (access-analyzer:CreateAnalyzer, type "
    "ACCOUNT). It looks at the buckets within about half an hour."
)
TURN_ON_CONFIG = (
    "Switch on AWS Config's recorder for AWS::S3::Bucket in the bucket's Region. It keeps every state of the "
    "bucket from then on; the past cannot be recovered."
)


def unanswered(reason: str, other: str | None = None) -> str:
    """Why a service's word is missing."""
    return f"Could not be asked{f' ({other})' if other else ''}: {short(reason, 400)}"


def allow(actions: str) -> str:
    """What to do when the role may not ask."""
    return f"Let the evidence role call {actions}, and investigate again."


ASK_AGAIN = "Investigate again in a few minutes; if it stays so, ask the service in AWS's console."

# --- GuardDuty ------------------------------------------------------------------------------------

BLIND = "GuardDuty does not look at requests for objects that are public."


def guardduty_sees(region: str, findings: int) -> str:
    """On, with S3 Protection."""
    found = some(findings, "finding") if findings else "No finding"
    return f"On with S3 Protection in {region}. {found} about this bucket or these keys. {BLIND}"


def guardduty_off(regions: Sequence[str]) -> str:
    return f"Off in {', '.join(regions)}: it has looked at nothing there."


def guardduty_without_objects(region: str, findings: int) -> str:
    """On, but blind for objects."""
    found = some(findings, "finding") if findings else "no finding"
    return (
        f"On in {region}, but without S3 Protection: it sees changes to buckets and rights, never the "
        f"reading or writing of objects. It has {found} here."
    )


def guardduty_text(
    description: str, count: int, first: str, last: str, address: str | None, *, retired: bool, archived: bool
) -> str:
    """What a finding says, and what to know of it."""
    text = short(description, 600)
    seen = f" Seen {some(count, 'time')}, first {first}" if first else ""
    seen += f", last {last}" if seen and last != first else ""
    place = f", from {short(address)}" if address else ""
    notes = " GuardDuty has since retired this type." if retired else ""
    notes += " Somebody has archived it." if archived else ""
    return f"{text}{seen}{place}.{notes}" if seen or place else f"{text}{notes}"


# --- Access Analyzer ------------------------------------------------------------------------------

ANALYZER_LAG = "It lags behind changes, by up to half an hour as a rule and six hours at most."


def analyzer_sees(analyzers: Sequence[str], open_now: int) -> str:
    """An analyzer is there."""
    named = ", ".join(map(short, analyzers))
    told = f"{some(open_now, 'way')} in from outside" if open_now else "no way in from outside"
    return f"Analyzer {named} knows {told} now. {ANALYZER_LAG}"


NO_ANALYZER = "There is no analyzer for external access in the bucket's Region."


def open_to(who: str, via: str) -> str:
    """Title of an active finding."""
    return f"Open to {who} through its {via}"


def was_open_to(who: str, via: str) -> str:
    """Title of a resolved finding."""
    return f"Was open to {who} through its {via}"


def open_text(
    who: str, actions: Sequence[str], conditions: str, since: datetime, ended: datetime | None
) -> str:
    """What they may do, since when, until when."""
    may = ", ".join(short(one, 60) for one in actions[:8]) + (" and more" if len(actions) > 8 else "")
    limits = f", if {short(conditions, 200)}" if conditions else ""
    until = f" and found closed at {at(ended)}" if ended else "; it still is"
    return f"Allowed to {who}: {may or 'not said'}{limits}. First found at {at(since)}{until}. {ANALYZER_LAG}"


ANYONE, ANY_ACCOUNT = "anyone on the Internet", "anyone with an AWS account"


def limited_anyone() -> str:
    """A grant to everybody under a condition."""
    return "anyone who meets its conditions"


# --- Config ---------------------------------------------------------------------------------------

CONFIG_OFF = "AWS Config's recorder is off, or does not record buckets."
CONFIG_SILENT = "AWS Config has never recorded this bucket."


def config_sees(recorder: str, items: int, before: datetime | None) -> str:
    """The recorder is on and knows the bucket."""
    earlier = (
        f"the state before the suspicion is that of {at(before)}"
        if before
        else "it has no state from before the suspicion"
    )
    return f"Recorder {short(recorder)} is on and has {some(items, 'state')} of the bucket; {earlier}."


def config_stopped(stopped: datetime | None, items: int) -> str:
    since = f" since {at(stopped)}" if stopped else ""
    return f"The recorder is off{since}; {some(items, 'state')} of the bucket from before that could be read."


BEFORE = "The bucket as it was before the suspicion"


def before_text(exposure: str, settings: Sequence[str]) -> str:
    told = " ".join(settings)
    return f"It was {exposure}. {told} This is a better state to go back to than what stands there now."


def change_title(changes: Sequence[str], *, opened: bool, closed: bool) -> str:
    if opened:
        return "The bucket became public"
    if closed:
        return "The bucket was closed to the public"
    return (
        f"The bucket's settings changed: {short(changes[0], 90)}"
        if changes
        else "The bucket was recorded anew"
    )


def change_text(changes: Sequence[str], was: str, now: str, captured: datetime) -> str:
    told = " ".join(f"{one}." for one in changes)
    turn = f"It was {was} and is {now} since." if was != now else f"It stayed {now}."
    return f"{told} {turn} Config captured this at {at(captured)}, up to some minutes after the change."


DELETED = "The bucket was deleted"
PUBLIC, NOT_PUBLIC = "public", "not public"
UNREADABLE = "under a policy that cannot be read"


def reaches(who: Sequence[str]) -> str:
    """Not public, but somebody else gets in."""
    return f"not public, but open to {', '.join(short(one, 60) for one in who[:4])}"


def policy_put(labels: Sequence[str]) -> str:
    return f"A bucket policy was put where there was none ({_labels(labels)})"


POLICY_DELETED = "The bucket policy was deleted"
POLICY_REWRITTEN = "The bucket policy was written anew with the same statements"


def statements_changed(added: Sequence[str], removed: Sequence[str]) -> str:
    """By label; a statement that was changed is in both."""
    changed = [one for one in added if one in removed]
    parts = (
        ("changed", changed),
        ("added", [one for one in added if one not in changed]),
        ("removed", [one for one in removed if one not in changed]),
    )
    told = "; ".join(f"{_labels(labels)} {what}" for what, labels in parts if labels)
    return f"Bucket policy: {told}"


def _labels(labels: Sequence[str]) -> str:
    named = ", ".join(short(one, 40) for one in labels[:6])
    return f"{'statements' if len(labels) > 1 else 'statement'} {named}" if labels else "no statements"


def block_changed(off: Sequence[str], on: Sequence[str], where: str, *, whole: bool) -> str:
    """`whole`: all four settings went the same way."""
    what = f"Block Public Access of the {where}"
    if whole:
        return f"{what} was switched {'off' if off else 'on'}"
    parts = [f"{', '.join(off)} switched off"] if off else []
    parts += [f"{', '.join(on)} switched on"] if on else []
    return f"{what}: {'; '.join(parts)}"


def grants_changed(added: Sequence[str], removed: Sequence[str]) -> str:
    parts = [f"{', '.join(added)} granted"] if added else []
    parts += [f"{', '.join(removed)} taken back"] if removed else []
    return f"ACL: {'; '.join(parts)}"


def setting_changed(what: str, was: str, now: str) -> str:
    return f"{what}: {short(was, 80)} before, {short(now, 80)} now"


def settings_told(
    policy: Sequence[str] | None, block: Sequence[str], versioning: str, logging: str
) -> list[str]:
    """The settings of one state, a sentence each."""
    return [
        "It had no bucket policy." if policy is None else f"Its policy had {_labels(policy)}.",
        f"Block Public Access: {', '.join(block) if block else 'off'}.",
        f"Versioning: {short(versioning)}. Access logs: {short(logging, 80)}.",
    ]
