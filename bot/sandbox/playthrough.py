"""The responders, played: Dana opens the incident, Sam approves, and the outside world is the judge."""

from __future__ import annotations

import html
import re
import textwrap
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
#: Characters of a line on the terminal.
WIDTH = 140


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

    def told(self, who: str, text: str, most: int = 6) -> None:
        """The first lines of what somebody said, as they read on a terminal."""
        lines = [line for line in _plain(text, self.sandbox).splitlines() if line.strip()]
        for line in lines[:most]:
            self.say(f"   {who:>10} | {textwrap.shorten(line, WIDTH, placeholder=' …')}")
        if len(lines) > most:
            self.say(f"   {'':>10} | … {len(lines) - most} more lines")


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
    stage.told("s3incident", words(card.blocks), most=16)


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
    stage.told("s3incident", words(_control(stage).blocks), most=30)


def _approve(stage: Stage, message: Message) -> None:
    stage.heading(words(message.blocks).splitlines()[0])
    stage.told("s3incident", "\n".join(_diff(message)), most=24)
    stage.told("dana", "clicks Approve: she asked for it, so it does not count")
    stage.dana.click(message, "Approve")
    stage.told("s3incident", _until(lambda: _refusal(stage, message.ts)))
    stage.told("sam", "clicks Approve, and confirms")
    stage.sam.click(message, "Approve")
    done = _until(lambda: _edited(stage, message.ts))
    stage.told("s3incident", words(done.blocks).splitlines()[1])


def _diff(message: Message) -> list[str]:
    """The lines of the card that say what would change."""
    preformatted = [
        words([block])
        for block in message.blocks or []
        if block["type"] == "rich_text" and block["elements"][0]["type"] == "rich_text_preformatted"
    ]
    return [line for text in preformatted for line in text.splitlines()]


def _refusal(stage: Stage, after: str) -> str | None:
    """What only Dana sees after her click."""
    for message in reversed(stage.dana.see(stage.channel)):
        if message.only_for == stage.dana.id and message.ts > after:
            return message.text
    return None


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
    said = " ".join(words(_control(stage).blocks).lower().replace("*", "").split())
    return "contained yes" in said


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


def _plain(text: str, sandbox: Sandbox) -> str:
    """Slack's markup as a terminal shows it: dates by their fallback, people by their name."""
    text = re.sub(r"<!date\^[^|>]*\|([^>]*)>", r"\1", text)
    text = re.sub(r"<!subteam\^[^>]*>", "the approvers", text)
    for user in sandbox.slack.workspace.users.values():
        text = text.replace(f"<@{user.id}>", user.name)
    return re.sub(r"[*`]", "", html.unescape(text))


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
