"""The vault of the settings: the local folder, and the bucket that gets a copy of everything."""

from __future__ import annotations

from bot.aws.access import AwsAccess
from bot.aws.vault_store import S3Vault
from bot.config import Settings
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
