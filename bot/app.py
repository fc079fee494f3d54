"""Puts the bot together: one database, one way to AWS, one Slack app, every room's handlers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.audits import handlers as audits
from bot.aws.access import AwsAccess
from bot.config import Settings
from bot.incidents import handlers as incidents
from bot.playbooks import handlers as playbooks
from bot.slack import handlers as slack
from bot.slack.client import SlackClient
from bot.store.database import Database
from bot.store.types import JsonObject


@dataclass(frozen=True)
class Bot:
    """Everything a process needs; what it runs of it is the process's choice."""

    settings: Settings
    database: Database
    aws: AwsAccess
    slack: SlackClient

    @property
    def handlers(self) -> dict[str, Callable[[JsonObject], None]]:
        """What does the work of each kind of job."""
        return {
            **slack.handlers(self.database, self.settings, self.slack),
            **incidents.handlers(self.database, self.settings, self.aws),
            **playbooks.handlers(self.database, self.settings),
            **audits.handlers(self.database, self.aws),
        }


def build(settings: Settings) -> Bot:
    """Builds the bot without touching the network: Slack and AWS are called when there is work."""
    return Bot(
        settings=settings,
        database=Database(settings.database_url),
        aws=AwsAccess(settings),
        slack=slack.client(settings),
    )
