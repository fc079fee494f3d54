"""How a person stands to a plan: may they decide it, or break the glass? Groups are asked of Slack."""

from __future__ import annotations

from dataclasses import replace

from bot.config import Settings
from bot.incidents.people import Person, may_act
from bot.incidents.policies import deciders, glass_breakers, policy_of
from bot.slack.people import People
from bot.store.tables.plans import PlanRow


class Standing:
    """For one piece of work: what Slack says of a group or person is asked once and then forgotten with it.

    Every method raises SlackApiError when Slack does not answer properly.
    """

    def __init__(self, people: People, settings: Settings) -> None:
        self._people, self._settings = people, settings
        self._members: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._persons: dict[str, Person] = {}

    def person(self, user_id: str, plan: PlanRow | None) -> Person:
        """Who this is now, and what this person may do about the plan."""
        person = self._person(user_id)
        if plan is None:
            return person
        breakers = glass_breakers(plan, self._settings.approvers)
        return replace(
            person,
            approver=user_id in self.deciders(plan),
            may_break_glass=user_id in self.members(breakers),
        )

    def deciders(self, plan: PlanRow) -> tuple[str, ...]:
        """The users who may decide about the plan now, the requester perhaps among them."""
        return self.members(deciders(plan, self._settings.approvers, self._settings.escalate_to))

    def wider(self, plan: PlanRow) -> tuple[str, ...]:
        """The users who are asked when nobody answers."""
        return self.members(self.wider_ids(plan))

    def wider_ids(self, plan: PlanRow) -> tuple[str, ...]:
        return policy_of(plan).escalate_to or self._settings.escalate_to

    def members(self, identifiers: tuple[str, ...]) -> tuple[str, ...]:
        if identifiers not in self._members:
            self._members[identifiers] = self._people.members(identifiers) if identifiers else ()
        return self._members[identifiers]

    def welcome(self, user_ids: tuple[str, ...]) -> list[str]:
        """Those of them who can act here: no guest, no stranger, no bot, nobody deactivated."""
        return [one for one in user_ids if may_act(self._person(one)) is None]

    def _person(self, user_id: str) -> Person:
        if user_id not in self._persons:
            self._persons[user_id] = self._people.person(user_id, approvers=())
        return self._persons[user_id]
