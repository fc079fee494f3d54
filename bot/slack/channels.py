"""The job that makes an incident's private channel, and bears being interrupted anywhere.

1. The channel: made, or found again when an earlier attempt had made it and could not say so.
2. The people: the opener and the approvers; guests and strangers are never invited.
3. The incident learns its channel: the playbook starts, and what waited is posted.
4. Topic and purpose.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.incidents.channel import channel_ready
from bot.slack import channel_names
from bot.slack.cards.text import escape, one_line
from bot.slack.identity import Myself
from bot.slack.people import People, may_join
from bot.store import incidents
from bot.store.database import Database
from bot.store.tables.incidents import Incident
from bot.store.types import JsonObject

log = structlog.get_logger(__name__)

MOST_NAMES = 20
TOPIC = 250
# Slack's clock and ours may differ; an older channel of this name belongs to something else.
SKEW_SECONDS = 120
# Nothing can be done about these, and the others should still come.
NOT_INVITED = (
    "already_in_channel",
    "cant_invite",
    "cant_invite_self",
    "user_not_found",
    "user_is_restricted",
    "ura_max_channels",
    "user_team_not_in_channel",
)


class Channels:
    """Handles `channel.create`. Raises SlackApiError when Slack refuses: the job is tried again."""

    def __init__(self, database: Database, client: WebClient, people: People, myself: Myself) -> None:
        self._database = database
        self._client = client
        self._people = people
        self._myself = myself

    def create(self, payload: JsonObject) -> None:
        with self._database.read() as tx:
            incident = incidents.get(tx, payload["incident_id"])
        if incident is None:
            log.error("channel.no_incident", incident=payload["incident_id"])
            return
        channel_id = incident.channel_id or self._find(incident) or self._make(incident)
        invited = self._invite(incident, channel_id)
        with self._database.begin() as tx:
            channel_ready(tx, incident.id, channel_id)
            for user_id in invited:
                incidents.add_participant(tx, incident.id, user_id, "approver")
        self._describe(incident, channel_id)

    def _make(self, incident: Incident) -> str:
        """A new channel, with a number behind the name where the name is taken."""
        for attempt in range(1, MOST_NAMES + 1):
            name = channel_names.wanted(incident, attempt)
            try:
                return str(self._client.conversations_create(name=name, is_private=True)["channel"]["id"])
            except SlackApiError as error:
                if error.response["error"] != "name_taken" or attempt == MOST_NAMES:
                    raise
        raise AssertionError("the loop returns or raises")

    def _find(self, incident: Incident) -> str | None:
        """The channel that an interrupted attempt made for this incident: ours, of this name, not older."""
        known = {channel_names.wanted(incident, attempt) for attempt in range(1, MOST_NAMES + 1)}
        earliest = incident.opened_at.timestamp() - SKEW_SECONDS
        me = self._myself.identity().user_id
        for channel in self._own_channels():
            made_for_this = channel["name"] in known and channel["created"] >= earliest
            if made_for_this and channel.get("creator") == me and not self._taken(channel["id"]):
                return str(channel["id"])
        return None

    def _own_channels(self) -> Iterator[Mapping[str, Any]]:
        """The private channels the bot is in, which are few."""
        pages = self._client.conversations_list(types="private_channel", exclude_archived=True, limit=200)
        for page in pages:
            yield from page["channels"]

    def _taken(self, channel_id: str) -> bool:
        with self._database.read() as tx:
            return incidents.by_channel(tx, channel_id) is not None

    def _invite(self, incident: Incident, channel_id: str) -> list[str]:
        """Invites who may come, one by one so that one refusal stops nobody else; returns the approvers."""
        approvers = self._people.approvers()
        wanted = dict.fromkeys((incident.opened_by, *approvers))
        welcome = [user_id for user_id in wanted if may_join(self._people.person(user_id, approvers))]
        for user_id in welcome:
            self._invite_one(channel_id, user_id)
        return [user_id for user_id in welcome if user_id in approvers]

    def _invite_one(self, channel_id: str, user_id: str) -> None:
        try:
            self._client.conversations_invite(channel=channel_id, users=user_id)
        except SlackApiError as error:
            if error.response["error"] not in NOT_INVITED:
                raise
            log.info("channel.not_invited", user=user_id, why=error.response["error"])

    def _describe(self, incident: Incident, channel_id: str) -> None:
        topic = f"SEV{incident.severity} S3 incident {incident.name}: bucket {incident.bucket}"
        purpose = one_line(incident.suspicion) or "S3 security incident"
        self._client.conversations_setTopic(channel=channel_id, topic=escape(topic)[:TOPIC])
        self._client.conversations_setPurpose(channel=channel_id, purpose=escape(purpose[:200])[:TOPIC])
