"""The vault, for commands."""

from __future__ import annotations

from bot import logs
from bot.aws.access import AwsAccess
from bot.cli.incident_name import refuse
from bot.config import Settings, SettingsError
from bot.evidence.vault.vault import Vault
from bot.incidents.vaults import vault_of


def vault_or_exit(settings: Settings) -> Vault:
    """The vault of the settings, or exit code 2 with what is wrong with them.

    From here on only errors are logged, to standard error: standard output is the command's own.
    """
    logs.configure("ERROR")
    try:
        return vault_of(settings, AwsAccess(settings))
    except SettingsError as error:
        refuse(str(error))
