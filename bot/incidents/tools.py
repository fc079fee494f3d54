"""What the handlers of this room work with."""

from __future__ import annotations

from dataclasses import dataclass

from bot.aws.access import AwsAccess
from bot.config import AccountSettings, Settings
from bot.remediation.sweep.manifests import ManifestFolder
from bot.store.database import Database


@dataclass(frozen=True)
class Tools:
    """One for a process; thread-safe as its parts are."""

    database: Database
    settings: Settings
    aws: AwsAccess

    @property
    def manifests(self) -> ManifestFolder:
        """Where the lists of objects are that plans of very many objects have: the vault's own folder."""
        return ManifestFolder(self.settings.vault_dir)

    def own_principals(self, account: AccountSettings) -> tuple[str, ...]:
        """ARNs that are this program: its two roles in the account and its base identity. Raises AwsError."""
        return (account.evidence_role, account.remediation_role, self.aws.identity().arn)
