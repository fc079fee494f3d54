"""Puts the bot together: one database, one way to AWS, one Slack app, every room's handlers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from bot.audits import handlers as audits
from bot.aws.access import AwsAccess
from bot.config import Settings
from bot.evidence.vault.vault import Vault
from bot.incidents import handlers as incidents
from bot.incidents.vaults import vault_of
from bot.playbooks import handlers as playbooks
from bot.reports import handlers as reports
from bot.slack import handlers as slack
from bot.slack.app import build_app
from bot.slack.delivery import Delivery
from bot.slack.http import build_wsgi
from bot.slack.identity import web_client
from bot.slack.people import names
from bot.slack.socket import SocketRunner
from bot.store.database import Database
from bot.store.types import JsonObject

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication


@dataclass(frozen=True)
class Bot:
    """Everything a process needs; what it runs of it is the process's choice.

    Building it touches no network: Slack and AWS are called when there is work.
    """

    settings: Settings
    database: Database
    aws: AwsAccess

    @cached_property
    def handlers(self) -> dict[str, Callable[[JsonObject], None]]:
        """What does the work of each kind of job."""
        return {
            **slack.handlers(self.database, self.settings),
            **incidents.handlers(self.database, self.settings, self.aws),
            **playbooks.handlers(self.database, self.settings),
            **audits.handlers(self.database, self.aws),
            **reports.handlers(self.database, self.settings, self.vault, names(web_client(self.settings))),
        }

    @cached_property
    def deliver(self) -> Callable[[], bool]:
        """Delivers one message of the outbox; True when there was one."""
        return Delivery(self.database, self.settings, vault=self.vault).deliver_one

    @cached_property
    def vault(self) -> Vault:
        """Where evidence is kept."""
        return vault_of(self.settings, self.aws)

    def socket(self) -> SocketRunner:
        """Slack's deliveries over a websocket."""
        return SocketRunner(build_app(self.settings, self.database), self.settings)

    def wsgi(self) -> WSGIApplication:
        """Slack's deliveries over signed HTTP."""
        return build_wsgi(build_app(self.settings, self.database), self.settings, self.database)


def build(settings: Settings) -> Bot:
    return Bot(settings=settings, database=Database(settings.database_url), aws=AwsAccess(settings))
