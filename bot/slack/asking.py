"""The jobs that bring people to a decision: invite, remind, ask the wider group, and say who approved alone.

Slack is asked before the transaction, which then finds out whether it is still to be said. Run again after a
crash, each finds its message under the key it had.
"""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.config import Settings
from bot.incidents import reminders
from bot.slack.channels import NOT_INVITED
from bot.slack.people import People
from bot.slack.standing import Standing
from bot.store import incidents, outbox, plans
from bot.store.database import Database
from bot.store.tables.plans import PlanRow
from bot.store.types import JsonObject

log = structlog.get_logger(__name__)


class Asker:
    """Handles `approval.invite`, `remind`, `escalate` and `announce`. Raises SlackApiError: tried again."""

    def __init__(self, database: Database, settings: Settings, client: WebClient, people: People) -> None:
        self._database = database
        self._settings = settings
        self._client = client
        self._people = people

    def invite(self, payload: JsonObject) -> None:
        """Those who may decide come into the channel, if the plan's own policy names them."""
        standing, waiting = self._standing(payload)
        if waiting:
            self._let_in(waiting[0].incident_id, standing.welcome(standing.deciders(_this(waiting, payload))))

    def remind(self, payload: JsonObject) -> None:
        standing, waiting = self._standing(payload)
        whom = self._silent(standing, waiting)
        if waiting:
            with self._database.begin() as tx:
                reminders.remind(tx, payload["plan_id"], payload["nth"], whom)

    def escalate(self, payload: JsonObject) -> None:
        """Asks whoever is in the wider group. Without such a group nobody more is asked, and nothing said."""
        standing, waiting = self._standing(payload)
        if not waiting:
            return
        plan = _this(waiting, payload)
        wider = [one for one in standing.welcome(standing.wider(plan)) if one != plan.requested_by]
        if not wider:
            log.warning("approval.nobody_wider", plan=plan.id, group=standing.wider_ids(plan))
            return
        self._let_in(plan.incident_id, wider)
        with self._database.begin() as tx:
            reminders.escalate(tx, plan.id, wider)

    def announce(self, payload: JsonObject) -> None:
        """A direct message to everybody who could have decided."""
        with self._database.read() as tx:
            plan = plans.get(tx, payload["plan_id"])
        if plan is None:
            return
        standing = Standing(self._people, self._settings)
        everybody = dict.fromkeys(
            (*standing.deciders(plan), *self._people.approvers(), *standing.wider(plan))
        )
        told = [one for one in standing.welcome(tuple(everybody)) if one != payload["user_id"]]
        args = {"plan_id": plan.id, "user_id": payload["user_id"]}
        with self._database.begin() as tx:
            for one in told:
                outbox.say(tx, f"{payload['key']}:{one}", outbox.Place(one, user_id=one), "break_glass", args)

    def _standing(self, payload: JsonObject) -> tuple[Standing, list[PlanRow]]:
        with self._database.read() as tx:
            waiting = reminders.waiting(tx, payload["plan_id"])
        return Standing(self._people, self._settings), waiting

    def _silent(self, standing: Standing, waiting: Sequence[PlanRow]) -> list[str]:
        """Who may decide one of these plans and has not said yes to it."""
        found: dict[str, None] = {}
        for plan in waiting:
            with self._database.read() as tx:
                said_yes = {one.user_id for one in plans.approvals(tx, plan.id)}
            silent = [one for one in standing.deciders(plan) if one not in said_yes | {plan.requested_by}]
            found.update(dict.fromkeys(standing.welcome(tuple(silent))))
        return list(found)

    def _let_in(self, incident_id: int, user_ids: Sequence[str]) -> None:
        with self._database.read() as tx:
            incident = incidents.get(tx, incident_id)
        if incident is None or incident.channel_id is None:
            return
        for user_id in user_ids:
            self._invite_one(incident.channel_id, user_id)
        with self._database.begin() as tx:
            for user_id in user_ids:
                incidents.add_participant(tx, incident_id, user_id, "approver")

    def _invite_one(self, channel_id: str, user_id: str) -> None:
        try:
            self._client.conversations_invite(channel=channel_id, users=user_id)
        except SlackApiError as error:
            if error.response["error"] not in NOT_INVITED:
                raise
            log.info("approval.not_invited", user=user_id, why=error.response["error"])


def _this(waiting: Sequence[PlanRow], payload: JsonObject) -> PlanRow:
    return next(one for one in waiting if one.id == payload["plan_id"])
