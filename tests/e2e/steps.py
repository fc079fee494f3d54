"""What people do in an incident, step by step, by commands and clicks only."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from bot.sandbox.sandbox import Sandbox
from bot.sandbox.slack.person import Person
from bot.sandbox.slack.reading import words
from bot.sandbox.slack.records import Message

T = TypeVar("T")
COMMAND = "/s3incident open acme-payroll sev1 a deployment key has leaked"


def until(look: Callable[[], T | None], what: str, patience: float = 60) -> T:
    """Waits until `look` finds something. Raises AssertionError that says what was waited for."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"{what}: did not happen in {patience:.0f} s")


def incident_channel(person: Person) -> str:
    return until(
        lambda: next((name for name in person.channels() if name.startswith("inc-")), None),
        "the incident's channel",
    )


def opened(sandbox: Sandbox) -> str:
    """Dana opens the incident; the name of its channel."""
    dana = sandbox.slack.person("dana")
    dana.command("security", COMMAND)
    return incident_channel(dana)


def card(person: Person, channel: str, *said: str) -> Message | None:
    """The newest message that says all of these."""
    for message in reversed(person.see(channel)):
        text = words(message.blocks or [])
        if all(one in text for one in said):
            return message
    return None


def proposal(person: Person, channel: str, about: str) -> Message:
    """The card of a proposed change, once it waits for approval."""
    return until(
        lambda: card(person, channel, f"Change: {about}", "Waiting for approval"),
        f"the proposal to {about}",
        90,
    )
