"""The job behind an Approve or Reject click: look the person up, decide, and answer that person."""

from __future__ import annotations

from dataclasses import replace

from bot.incidents.approvals import Decision, approve, reject
from bot.incidents.people import Person
from bot.slack.identity import Myself
from bot.slack.people import People
from bot.store import ledger, outbox
from bot.store.database import Database
from bot.store.types import JsonObject, Tx


class Decider:
    """Handles `approval.decide`. Run again after a crash it decides nothing twice: a person counts once."""

    def __init__(self, database: Database, people: People, myself: Myself) -> None:
        self._database = database
        self._people = people
        self._myself = myself

    def decide(self, payload: JsonObject) -> None:
        """Raises SlackApiError when Slack cannot say who clicked: then the job is tried again."""
        person = self._people.person(payload["user_id"])
        if payload["team_id"] != self._myself.identity().team_id:
            person = replace(person, stranger=True)
        with self._database.begin() as tx:
            decision = _decide(tx, payload, person)
            _answer(tx, payload, decision)


def _decide(tx: Tx, payload: JsonObject, person: Person) -> Decision:
    plan_id, digest = payload["plan_id"], payload["digest"]
    if payload["verdict"] == "approve":
        return approve(tx, plan_id, person, digest)
    return reject(tx, plan_id, person, digest, payload["reason"])


def _answer(tx: Tx, payload: JsonObject, decision: Decision) -> None:
    """The clicker reads what came of it, also (and above all) when it counts for nothing."""
    user_id, channel_id = payload["user_id"], payload["channel_id"]
    place = outbox.Place(channel_id or user_id, user_id=user_id)
    key = f"decided:{payload['plan_id']}:{user_id}:{ledger.head(tx).seq}:{decision.kind}"
    outbox.show(tx, key, place, "reply", {"text": decision.sentence})
