"""Who somebody is, asked of Slack anew for every decision: never taken from the click, never cached."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from http.client import HTTPException
from typing import Any

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.config import Settings
from bot.incidents.people import Person
from bot.slack.identity import Myself

log = structlog.get_logger(__name__)

# A user that Slack does not show us can decide nothing.
_NOBODY = ("user_not_found", "user_not_visible", "users_not_found")
# A group that was deleted or switched off has no members; anything else must not be mistaken for that.
_NO_GROUP = ("no_such_subteam", "subteam_not_found", "subteam_disabled")


def names(client: WebClient) -> Callable[[str], str | None]:
    """Gives the name that Slack shows for a user id; None where Slack does not say, or cannot be reached."""

    def name_of(user_id: str) -> str | None:
        try:
            return _shown(client.users_info(user=user_id)["user"])
        except (SlackClientError, OSError, HTTPException) as error:
            log.warning("people.no_name", user=user_id, error=type(error).__name__)
            return None

    return name_of


class People:
    """Looks people up. Every method raises SlackApiError when Slack does not answer properly."""

    def __init__(self, client: WebClient, settings: Settings, myself: Myself) -> None:
        self._client = client
        self._myself = myself
        self._approvers = settings.approvers

    def person(self, user_id: str, approvers: Collection[str] | None = None) -> Person:
        """Who this is now, and whether among the approvers now (or among those just asked for)."""
        try:
            user = self._client.users_info(user=user_id)["user"]
        except SlackApiError as error:
            if error.response["error"] not in _NOBODY:
                raise
            return _unknown(user_id)
        return _person(
            user,
            approver=user_id in (self.approvers() if approvers is None else approvers),
            stranger=self._is_stranger(user),
        )

    def _is_stranger(self, user: Mapping[str, Any]) -> bool:
        """Whether this is nobody of this workspace, nor of its Enterprise organization.

        Slack's own is_stranger is false for people of another company with whom the bot shares a channel.
        https://docs.slack.dev/reference/objects/user-object
        """
        me = self._myself.identity()
        team = user.get("team_id", me.team_id)
        organization = (user.get("enterprise_user") or {}).get("enterprise_id")
        ours = team == me.team_id or (organization is not None and organization == me.enterprise_id)
        return bool(user.get("is_stranger")) or not ours

    def approvers(self) -> tuple[str, ...]:
        """Everybody who may approve where no policy names others: those of the settings."""
        return self.members(self._approvers)

    def members(self, identifiers: Iterable[str]) -> tuple[str, ...]:
        """The users among these ids and the members of the groups among them, each once."""
        found: dict[str, None] = {}
        for identifier in identifiers:
            members = self._members(identifier) if identifier.startswith("S") else [identifier]
            found.update(dict.fromkeys(members))
        return tuple(found)

    def _members(self, group_id: str) -> list[str]:
        try:
            return list(self._client.usergroups_users_list(usergroup=group_id)["users"])
        except SlackApiError as error:
            if error.response["error"] not in _NO_GROUP:
                raise
            log.warning("approvers.no_such_group", group=group_id)
            return []


def may_join(person: Person) -> bool:
    """Whether the bot may invite this person to an incident: no guest, no stranger, no other bot."""
    return person.active and not (person.guest or person.stranger or person.bot)


def _person(user: Mapping[str, Any], *, approver: bool, stranger: bool) -> Person:
    return Person(
        user_id=user["id"],
        name=_shown(user),
        active=not user.get("deleted", False),
        guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
        stranger=stranger,
        bot=bool(user.get("is_bot")) or user["id"] == "USLACKBOT",
        approver=approver,
    )


def _shown(user: Mapping[str, Any]) -> str:
    return str(user.get("real_name") or user.get("name") or user["id"])


def _unknown(user_id: str) -> Person:
    return Person(user_id, user_id, active=False, guest=False, stranger=False, bot=False, approver=False)
