"""The responders, played: Dana opens the incident, Sam approves, and the outside world is the judge."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from bot.sandbox.sandbox import Sandbox
from bot.sandbox.scenarios.world import Turn
from bot.sandbox.slack.person import Person
from bot.sandbox.slack.reading import words
from bot.sandbox.slack.records import Message

Say = Callable[[str], None]
T = TypeVar("T")

#: How long anything may take before the play is called a failure, seconds.
PATIENCE = 60.0


@dataclass
class Stage:
    """Who plays, and where what happens is told."""

    sandbox: Sandbox
    say: Say
    dana: Person
    sam: Person
    channel: str = ""

    def heading(self, text: str) -> None:
        self.say(f"\n== {text}")

    def told(self, who: str, text: str) -> None:
        for line in text.strip().splitlines():
            self.say(f"   {who:>10} | {line}")


def play(sandbox: Sandbox, say: Say) -> bool:
    """Plays the incident through by commands and clicks; True only when the attacker's next calls are
    refused and the innocents' next calls succeed.

    Raises AssertionError, with what was on the screen, when something expected does not appear.
    """
    stage = Stage(sandbox, say, sandbox.slack.person("dana"), sandbox.slack.person("sam"))
    stage.heading("Before: everybody gets through")
    _outside(stage, sandbox.players.probe())
    _open(stage)
    _read_evidence(stage)
    _approve_everything(stage)
    stage.heading("After: the world outside")
    verdict = _judge(stage, sandbox.players.probe())
    say("\nContained: the attacker is refused, the others go on." if verdict else "\nNOT contained.")
    return verdict


def _open(stage: Stage) -> None:
    stage.heading("Dana opens the incident")
    command = f"/s3incident open {stage.sandbox.world.bucket} sev1 a deployment key has leaked"
    stage.told("dana", command)
    reply = stage.dana.command("security", command)
    stage.told("s3incident", reply.text or words(reply.blocks) or str(reply.error))
    stage.channel = _until(lambda: next((c for c in stage.dana.channels() if c.startswith("inc-")), None))
    stage.told("slack", f"new private channel #{stage.channel}")


def _read_evidence(stage: Stage) -> None:
    stage.heading("The evidence arrives")
    card = _until(lambda: _newest(stage.dana, stage.channel, "Evidence", ready=True))
    stage.told("s3incident", words(card.blocks))


def _approve_everything(stage: Stage) -> None:
    """Approves each proposal as it appears, until the control card says that it is contained."""
    seen: set[str] = set()
    deadline = time.monotonic() + PATIENCE * 2
    while not _contained(stage):
        assert time.monotonic() < deadline, f"not contained in time:\n{_screen(stage)}"
        for message in stage.sam.see(stage.channel):
            if message.ts not in seen and _can_approve(message):
                seen.add(message.ts)
                _approve(stage, message)
        time.sleep(0.1)
    stage.heading("The control card")
    stage.told("s3incident", words(_control(stage).blocks))


def _approve(stage: Stage, message: Message) -> None:
    stage.heading("A change is proposed")
    stage.told("s3incident", words(message.blocks))
    refused = stage.dana.click(message, "Approve")
    stage.told("dana", f"clicks Approve {refused.error or ''}")
    stage.told("sam", "clicks Approve, and confirms")
    stage.sam.click(message, "Approve")
    done = _until(lambda: _edited(stage, message.ts))
    stage.told("s3incident", words(done.blocks).split("\n")[0])
    stage.told("s3incident", "\n".join(words(done.blocks).split("\n")[1:3]))


def _can_approve(message: Message) -> bool:
    return any(
        element.get("style") == "primary" and element.get("type") == "button"
        for block in message.blocks or []
        if block.get("type") == "actions"
        for element in block["elements"]
    )


def _edited(stage: Stage, ts: str) -> Message | None:
    """The card once its change has been carried out and verified."""
    for message in stage.sam.see(stage.channel):
        if message.ts == ts and any(word in words(message.blocks).lower() for word in ("verified", "held")):
            return message
    return None


def _newest(person: Person, channel: str, text: str, *, ready: bool) -> Message | None:
    for message in reversed(person.see(channel)):
        said = words(message.blocks or [])
        if said.startswith(text) and (not ready or "suspect" in said.lower()):
            return message
    return None


def _control(stage: Stage) -> Message:
    return next(message for message in stage.dana.see(stage.channel) if message.blocks)


def _contained(stage: Stage) -> bool:
    said = " ".join(words(_control(stage).blocks).lower().split())
    return "contained yes" in said or "contained: yes" in said


def _outside(stage: Stage, turns: list[Turn]) -> None:
    for turn in turns:
        stage.told(turn.actor[:10], f"{turn.call:<40} {'ok' if turn.allowed else f'refused ({turn.error})'}")


def _judge(stage: Stage, turns: list[Turn]) -> bool:
    """The attacker's calls are all refused, and those of the innocents all succeed."""
    _outside(stage, turns)
    players = stage.sandbox.players
    attackers = [turn for turn in turns if turn.actor in players.attackers]
    innocents = [turn for turn in turns if turn.actor in players.innocents]
    cut_off = bool(attackers) and not any(turn.allowed for turn in attackers)
    go_on = bool(innocents) and all(turn.allowed for turn in innocents)
    return cut_off and go_on


def _screen(stage: Stage) -> str:
    return "\n---\n".join(words(message.blocks or []) for message in stage.dana.see(stage.channel))


def _until(look: Callable[[], T | None], patience: float = PATIENCE) -> T:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        found = look()
        if found is not None:
            return found
        time.sleep(0.05)
    raise AssertionError(f"what the play waits for did not happen in {patience:.0f} s")
