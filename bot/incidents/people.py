"""Who clicked, as Slack says at the moment of the click, and whether that person may decide."""

from __future__ import annotations

from dataclasses import dataclass

from bot.incidents import sentences
from bot.incidents.policies import policy_of
from bot.store.tables.plans import PlanRow


@dataclass(frozen=True)
class Person:
    """A Slack user as looked up on the server for this very click, never taken from the click itself.

    `guest` is Slack's is_restricted or is_ultra_restricted, `stranger` somebody of another workspace in a
    shared channel, `approver` one of those who may decide about the plan in question now, by its policy and
    the settings. `may_break_glass`: one of those who may approve it alone if it is their own request.
    """

    user_id: str
    name: str
    active: bool
    guest: bool
    stranger: bool
    bot: bool
    approver: bool
    may_break_glass: bool = False


def may_act(person: Person) -> str | None:
    """None when this person may ask for what was approved already; else who may not, why, and what to do."""
    obstacles = (
        (not person.active, sentences.DEACTIVATED),
        (person.bot, sentences.IS_A_BOT),
        (person.stranger, sentences.IS_A_STRANGER),
        (person.guest, sentences.IS_A_GUEST),
    )
    return next((sentence for stands, sentence in obstacles if stands), None)


def may_decide(person: Person, plan: PlanRow) -> str | None:
    """None when this person may approve or reject this plan; else who may not, why, and what to do."""
    alone = f" {sentences.OR_BREAK_GLASS}" if policy_of(plan).break_glass else ""
    obstacles = (
        (not person.approver, sentences.NOT_AN_APPROVER),
        (person.user_id == plan.requested_by, sentences.IS_THE_REQUESTER + alone),
    )
    return may_act(person) or next((sentence for stands, sentence in obstacles if stands), None)
