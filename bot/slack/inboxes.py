"""What waits for one person, as that person asked: Slack says what they may decide, then it is shown."""

from __future__ import annotations

from collections.abc import Iterable

from bot.config import Settings
from bot.incidents.break_glass import may_break_glass
from bot.incidents.people import may_decide
from bot.incidents.plan_states import PlanState
from bot.slack.people import People
from bot.slack.standing import Standing
from bot.store import outbox, plans
from bot.store.database import Database
from bot.store.tables.plans import PlanRow
from bot.store.types import JsonObject, Tx


class Inboxes:
    """Handles `inbox.show`. Raises SlackApiError when Slack cannot say who it is: the job is tried again."""

    def __init__(self, database: Database, settings: Settings, people: People) -> None:
        self._database = database
        self._settings = settings
        self._people = people

    def show(self, payload: JsonObject) -> None:
        """In App Home, or where a channel is given as a message only this person sees."""
        user_id = payload["user_id"]
        with self._database.read() as tx:
            waiting = plans.in_state(tx, PlanState.PROPOSED)
            agreed = {one.id for one in waiting if _said_yes(tx, one, user_id)}
        args = {"user_id": user_id, **self._sorted(waiting, agreed, user_id)}
        with self._database.begin() as tx:
            if payload.get("channel_id"):
                place = outbox.Place(payload["channel_id"], user_id=user_id)
                outbox.show(tx, payload["key"], place, "inbox", args)
            else:
                place = outbox.Place(f"home:{user_id}", user_id=user_id)
                outbox.show(tx, f"home:{user_id}", place, "home", args)

    def _sorted(self, waiting: Iterable[PlanRow], agreed: set[str], user_id: str) -> dict[str, list[str]]:
        """Ids by what the person can do: decide, break the glass of the own request, or only wait."""
        standing = Standing(self._people, self._settings)
        found: dict[str, list[str]] = {"decide": [], "glass": [], "agreed": [], "own": []}
        for plan in waiting:
            person = standing.person(user_id, plan)
            if plan.id in agreed:
                found["agreed"].append(plan.id)
            elif may_decide(person, plan) is None:
                found["decide"].append(plan.id)
            elif may_break_glass(person, plan) is None:
                found["glass"].append(plan.id)
            elif plan.requested_by == user_id:
                found["own"].append(plan.id)
        return found


def _said_yes(tx: Tx, plan: PlanRow, user_id: str) -> bool:
    return any(one.user_id == user_id for one in plans.approvals(tx, plan.id))
