"""The jobs that this room handles."""

from __future__ import annotations

from collections.abc import Callable

from slack_sdk import WebClient

from bot.config import Settings
from bot.incidents import jobs
from bot.slack.asking import Asker
from bot.slack.channels import Channels
from bot.slack.deciding import Decider
from bot.slack.identity import Myself, web_client
from bot.slack.inboxes import Inboxes
from bot.slack.people import People
from bot.store.database import Database
from bot.store.types import JsonObject


def handlers(
    database: Database, settings: Settings, client: WebClient | None = None
) -> dict[str, Callable[[JsonObject], None]]:
    """By kind of job. Each bears being run again."""
    client = client or web_client(settings)
    myself = Myself(client)
    people = People(client, settings, myself)
    decider = Decider(database, settings, people, myself)
    asker = Asker(database, settings, client, people)
    return {
        jobs.CHANNEL_CREATE: Channels(database, client, people, myself).create,
        jobs.APPROVAL_DECIDE: decider.decide,
        jobs.APPROVAL_TOGETHER: decider.decide_together,
        jobs.APPROVAL_INVITE: asker.invite,
        jobs.APPROVAL_REMIND: asker.remind,
        jobs.APPROVAL_ESCALATE: asker.escalate,
        jobs.APPROVAL_ANNOUNCE: asker.announce,
        jobs.INBOX_SHOW: Inboxes(database, settings, people).show,
    }
