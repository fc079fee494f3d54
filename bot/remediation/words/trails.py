"""Sentences about trails and what they record (R36, R37)."""

from __future__ import annotations

# --- both -----------------------------------------------------------------------------------------


def not_a_trail(given: str) -> str:
    return (
        f"{given!r} cannot be a trail: give its name (3 to 128 letters, digits and ._-) or its ARN,"
        " arn:aws:cloudtrail:REGION:ACCOUNT:trail/NAME."
    )


def trail_of_other_account(arn: str, account_id: str) -> str:
    return f"{arn} is not a trail of account {account_id}: only its own account can change it."


def organizations_trail(name: str, account_id: str) -> str:
    return (
        f"The trail {name} belongs to account {account_id}, which keeps it for the whole organization: this"
        " account cannot change it. Ask whoever runs that account, or give a trail of this account."
    )


# --- R36: data events -----------------------------------------------------------------------------

NOTHING_RECORDED_ANY_MORE = (
    "Undoing this ends the record: reads and writes of objects in the bucket leave no trace in CloudTrail"
    " again."
)
NOBODY_FEELS_RECORDING = "Nobody's requests change: CloudTrail writes them down from now on."
FIRST_EVENTS_LATE = (
    "Only what happens from now on is recorded: the first files come within some 15 minutes, and nothing of"
    " the past. The trail must be logging; if it was tampered with, restore it first (R37)."
)
NO_MANAGEMENT_EVENTS = (
    "This trail does not record every management event that changes something: who opens a bucket or makes a"
    " key may stay unseen. Restore that too (R37)."
)
CONVERTED = (
    "The trail has basic event selectors, which cannot stand beside the new one: they are written again as"
    " advanced ones that select the same events. The undo puts the old ones back word for word."
)
_PRICE = "0.10 USD for 100,000 data events (list price, us-east-1)"


def record_cost(events: int, hours: float | None) -> str:
    """What recording a bucket costs in a month, as far as the evidence tells."""
    if not events or not hours:
        return (
            f"CloudTrail charges {_PRICE}, and S3 stores the files. No requests to the bucket are in the"
            " evidence yet, so the month's cost is not known: a busy bucket can cost hundreds of dollars."
        )
    month = events / hours * 730
    return (
        f"The evidence shows {events:,} requests to the bucket in {hours:,.0f} hours: at that rate about"
        f" {month:,.0f} a month, some {month / 100_000 * 0.10:,.2f} USD at {_PRICE}, and S3 stores the files."
    )


def already_recorded(bucket: str, trail: str) -> str:
    return f"The trail {trail} records every data event of {bucket}: nothing is left to do here."


def logs_into_itself(bucket: str, trail: str) -> str:
    return (
        f"{trail} writes its own files into {bucket}: recording writes there would make a file for every"
        " file, without end. Record that bucket with a trail that writes elsewhere."
    )


def no_such_trail(trail: str, region: str) -> str:
    return (
        f"There is no trail {trail} to be seen in {region}: it was deleted, or it is one of another Region"
        " alone. In the latter case give its ARN. To create it again, use R37."
    )


def too_many_values(trail: str, number: int, most: int) -> str:
    return (
        f"With this bucket the selectors of {trail} would have {number} values, and CloudTrail takes {most}:"
        " record the bucket with another trail, or take something out of this one by hand."
    )


# --- R37: logging again ---------------------------------------------------------------------------

LOGGING_STAYS = (
    "There is no undo: nobody needs the log to stop again. An administrator can stop a trail by hand."
)
NOBODY_FEELS_LOGGING = "Nobody's requests change: CloudTrail records them again."
GAP_STAYS = (
    "What happened while the trail was off is in none of its files; CloudTrail's event history has the"
    " management events of the last 90 days all the same."
)
GIVE_FORMER = (
    "This restores what the trail is known to have had. Where the attacker changed the log bucket, its"
    " prefix, the key or the Regions too, name the former ones (log_bucket, prefix, kms_key, multi_region)."
)
WITHOUT_LOG_GROUP = (
    "If the trail delivered into a log group of CloudWatch Logs, or had Insights, set that up again by hand:"
    " this makes the trail, its files and its management events."
)


def already_logging(trail: str) -> str:
    return (
        f"{trail} is logging, validates its files and records management events; nothing else is known to"
        " restore. Name what it had before (log_bucket, prefix, kms_key, multi_region) if that was changed."
    )


def trail_is_gone(trail: str, region: str) -> str:
    return (
        f"There is no trail {trail} to be seen in {region}. If it is one of another Region alone, give its"
        " ARN. If it was deleted, give the bucket that it wrote into (log_bucket; with prefix and kms_key if"
        " it had them) to create it again: the evidence names the bucket in CreateTrail and UpdateTrail, AWS"
        " Config keeps it as AWS::CloudTrail::Trail, and its old files still lie there under AWSLogs/."
    )


def not_yes_or_no(name: str, given: str) -> str:
    return f"{name} is yes or no, not {given!r}."


def not_a_key(given: str) -> str:
    return f"{given!r} is not the ARN of a KMS key: arn:aws:kms:REGION:ACCOUNT:key/ID."


def restores(trail: str, what: str) -> str:
    return f"Restore {trail}: {what}"
