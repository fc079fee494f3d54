"""Opening an incident from what a person gave: shared by the command, the form and the shortcuts."""

from __future__ import annotations

from bot.config import AccountSettings, Settings
from bot.incidents.opening import AlreadyOpen, Opened, OpenRequest, check_bucket_name, open_incident
from bot.slack import channel_names, modals, names, sentences
from bot.slack.answers import Answer, FieldErrors, OpenModal, Say
from bot.slack.requests import Submission
from bot.store.tables.incidents import Incident
from bot.store.types import Tx


def form(settings: Settings, *, bucket: str = "", account_id: str = "", suspicion: str = "") -> Answer:
    """The form, or why there can be none."""
    if not settings.accounts:
        return Say(sentences.NO_ACCOUNTS)
    return OpenModal(
        modals.open_form(settings.accounts, bucket=bucket, account_id=account_id, suspicion=suspicion)
    )


def open_now(
    tx: Tx, account: AccountSettings, bucket: str, severity: int, suspicion: str, opened_by: str
) -> Answer:
    """Opens it, or points to the one that is open."""
    match _open(tx, account, bucket, severity, suspicion, opened_by):
        case Opened(incident=incident):
            return Say(sentences.opened(incident))
        case AlreadyOpen(incident=incident):
            return Say(sentences.already_open(incident))


def submitted(tx: Tx, settings: Settings, request: Submission) -> Answer:
    """The form was sent in: errors stand under their fields."""
    values = request.values
    bucket = values[names.BUCKET].removeprefix("s3://").rstrip("/")
    if wrong := check_bucket_name(bucket):
        return FieldErrors({names.BUCKET: wrong})
    account = next((one for one in settings.accounts if one.account_id == values[names.ACCOUNT]), None)
    if account is None:
        return FieldErrors({names.ACCOUNT: sentences.account_unknown(values[names.ACCOUNT])})
    severity = int(values[names.SEVERITY])
    match _open(tx, account, bucket, severity, values.get(names.SUSPICION, ""), request.user_id):
        case Opened(incident=incident):
            return Say(sentences.opened(incident))
        case AlreadyOpen(incident=incident):
            return FieldErrors({names.BUCKET: _see(incident)})


def _open(
    tx: Tx, account: AccountSettings, bucket: str, severity: int, suspicion: str, opened_by: str
) -> Opened | AlreadyOpen:
    request = OpenRequest(
        bucket=bucket,
        account_id=account.account_id,
        region=account.regions[0],
        severity=severity,
        suspicion=suspicion,
        opened_by=opened_by,
    )
    return open_incident(tx, request)


def _see(incident: Incident) -> str:
    return sentences.already_open_plain(incident, channel_names.wanted(incident))
