"""The vault of the settings: the local folder, and the bucket that gets a copy of everything."""

from __future__ import annotations

from collections.abc import Iterator

from bot.aws.access import AwsAccess
from bot.aws.errors import AwsError
from bot.aws.vault_store import S3Vault
from bot.checkup import Line, ill, well, worry
from bot.config import Settings, SettingsError
from bot.evidence.vault.vault import Vault


def vault_of(settings: Settings, aws: AwsAccess) -> Vault:
    """Asks no AWS before something is put or read. A dry run changes nothing in AWS: it has no copy there.

    Raises SettingsError when the copy's account is not one of the settings'.
    """
    if settings.vault_url is None or settings.dry_run:
        return Vault(settings.vault_dir)
    account = settings.vault_account or next((one.account_id for one in settings.accounts), "")
    copy = S3Vault(aws.reader(account), settings.vault_url, settings.vault_retention_days)
    return Vault(settings.vault_dir, (copy,))


def checkup(settings: Settings, aws: AwsAccess) -> Iterator[Line]:
    """The bucket that gets a copy of all evidence, tried as evidence is written; nothing where there is none.

    Every refusal becomes a line, none is raised.
    """
    if settings.vault_url is None:
        return
    what = f"Vault bucket {settings.vault_url}"
    try:
        copies = vault_of(settings, aws).copies
        locked = [copy.tried() for copy in copies if isinstance(copy, S3Vault)]
    except (AwsError, OSError, SettingsError) as error:
        yield ill(what, str(error), _NEEDS)
        return
    if not locked:
        yield well(what, "a dry run puts nothing there, so it was not tried")
    elif locked[0] is None:
        yield worry(what, "takes and gives files, and nothing locks them: who may delete can", _LOCK)
    else:
        yield well(what, f"takes and gives files, locked for {locked[0]}")


_NEEDS = (
    "Check S3INCIDENT_VAULT_URL and S3INCIDENT_VAULT_ACCOUNT. That account's evidence role needs there "
    "s3:PutObject, s3:GetObject and s3:ListBucket; with S3INCIDENT_VAULT_RETENTION_DAYS also "
    "s3:PutObjectRetention and s3:GetBucketObjectLockConfiguration."
)
_LOCK = (
    "Switch Object Lock on for that bucket and set S3INCIDENT_VAULT_RETENTION_DAYS, or give the bucket a "
    "default retention."
)
