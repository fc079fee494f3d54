"""The job behind an Approve or Reject click: look the person up, decide, and answer that person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.config import Settings
from bot.incidents.approvals import Decision, approve, reject
from bot.incidents.break_glass import break_glass
from bot.incidents.continuing import go_on
from bot.incidents.people import Person
from bot.incidents.refusals import misplaced, noted
from bot.incidents.together import approve_together
from bot.remediation.plan import state_hash
from bot.slack import sentences
from bot.slack.identity import Myself
from bot.slack.people import People
from bot.slack.standing import Standing
from bot.store import ledger, outbox, plans
from bot.store.database import Database
from bot.store.tables.plans import PlanRow
from bot.store.types import JsonObject, Tx


class Decider:
    """Handles `approval.decide`. Run again after a crash it decides nothing twice: a person counts once."""

    def __init__(self, database: Database, settings: Settings, people: People, myself: Myself) -> None:
        self._database = database
        self._settings = settings
        self._people = people
        self._myself = myself

    def decide(self, payload: JsonObject) -> None:
        """Raises SlackApiError when Slack cannot say who clicked: then the job is tried again."""
        with self._database.read() as tx:
            plan = plans.get(tx, payload["plan_id"])
        person = self._asking(payload)(plan)
        with self._database.begin() as tx:
            decision = misplaced(tx, payload["plan_id"], payload["channel_id"]) or _decide(
                tx, payload, person
            )
            _answer(tx, payload, noted(tx, payload["plan_id"], person.user_id, decision))

    def decide_together(self, payload: JsonObject) -> None:
        """Several plans at once: each is checked by itself, and a refused one holds up no other."""
        with self._database.read() as tx:
            rows = {plan_id: plans.get(tx, plan_id) for plan_id, _ in payload["plans"]}
        asking = self._asking(payload)
        people = {plan_id: asking(row) for plan_id, row in rows.items()}
        with self._database.begin() as tx:
            decided = approve_together(tx, payload["plans"], people)
            for (plan_id, _), (_, decision) in zip(payload["plans"], decided, strict=True):
                noted(tx, plan_id, payload["user_id"], decision)
            _answer_all(tx, payload, decided)

    def _asking(self, payload: JsonObject) -> Callable[[PlanRow | None], Person]:
        """Looks up how the clicker stands to a plan; people who come from elsewhere are strangers."""
        standing = Standing(self._people, self._settings)
        stranger = payload["team_id"] != self._myself.identity().team_id

        def ask(plan: PlanRow | None) -> Person:
            person = standing.person(payload["user_id"], plan)
            return replace(person, stranger=True) if stranger else person

        return ask


def _decide(tx: Tx, payload: JsonObject, person: Person) -> Decision:
    plan_id, digest = payload["plan_id"], payload["digest"]
    if payload["verdict"] == "approve":
        return approve(tx, plan_id, person, digest)
    if payload["verdict"] == "continue":
        return go_on(tx, plan_id, person, digest)
    if payload["verdict"] == "break_glass":
        return break_glass(tx, plan_id, person, digest, payload["reason"])
    return reject(tx, plan_id, person, digest, payload["reason"])


def _answer_all(tx: Tx, payload: JsonObject, decided: list[tuple[int, Decision]]) -> None:
    counted = [number for number, one in decided if one.kind in ("approved", "counted")]
    lines = [sentences.together_one(number, one.sentence) for number, one in decided]
    text = "\n".join([sentences.together_head(counted, len(decided)), *lines])
    user_id, channel_id = payload["user_id"], payload["channel_id"]
    key = f"together:{user_id}:{ledger.head(tx).seq}:{state_hash(payload['plans'])[:12]}"
    place = outbox.Place(channel_id or user_id, user_id=user_id)
    outbox.show(tx, key, place, "reply", {"mrkdwn": text})


def _answer(tx: Tx, payload: JsonObject, decision: Decision) -> None:
    """The clicker reads what came of it, also (and above all) when it counts for nothing."""
    user_id, channel_id = payload["user_id"], payload["channel_id"]
    place = outbox.Place(channel_id or user_id, user_id=user_id)
    key = f"decided:{payload['plan_id']}:{user_id}:{ledger.head(tx).seq}:{decision.kind}"
    outbox.show(tx, key, place, "reply", {"text": decision.sentence})
