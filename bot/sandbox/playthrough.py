"""The incident, played: Dana opens it, Sam and Ana approve, and the outside world is the judge."""

from __future__ import annotations

import time

from bot.sandbox import responders
from bot.sandbox.responders import Say, Stage
from bot.sandbox.sandbox import Sandbox
from bot.sandbox.scenarios.world import Turn
from bot.sandbox.slack.reading import words

#: How long until everything must be contained and repaired, seconds.
PATIENCE = 240.0
#: After everything is repaired, so long nothing may be left to decide, seconds.
QUIET = 1.0


def play(sandbox: Sandbox, say: Say) -> bool:
    """Plays the incident through by commands and clicks; True only when the attackers' next calls are
    refused, the innocents' next calls succeed, and nothing of the damage is left.

    Raises AssertionError, with what was on the screen, when something expected does not appear.
    """
    dana, sam, ana = (sandbox.slack.person(name) for name in ("dana", "sam", "ana"))
    stage = Stage(sandbox, say, dana, sam, ana)
    stage.heading(f"{sandbox.scenario.name}: {sandbox.scenario.title}")
    _outside(stage, sandbox.players.probe())
    responders.open_incident(stage)
    responders.read_evidence(stage)
    for row, target in sandbox.scenario.by_hand:
        responders.ask_by_hand(stage, row, target)
    responders.first_alone(stage)
    _carry_on(stage)
    stage.heading("The control card")
    stage.told("s3incident", words(stage.control().blocks), most=30)
    stage.heading("After: the world outside")
    verdict = _judge(stage, sandbox.players.probe())
    say(f"\n{sandbox.scenario.name}: {'contained and recovered' if verdict else 'NOT contained'}.")
    return verdict


def _carry_on(stage: Stage) -> None:
    """Approves and ticks off whatever comes, until it is contained, repaired, and nothing more comes."""
    deadline, since = time.monotonic() + PATIENCE, time.monotonic()
    while time.monotonic() - since < QUIET or not _over(stage):
        assert time.monotonic() < deadline, f"not over in time:\n{_left(stage)}"
        if responders.decide(stage) or responders.tick_off(stage):
            since = time.monotonic()
        time.sleep(0.1)


def _over(stage: Stage) -> bool:
    return responders.contained(stage) and not _wrong(stage)


def _wrong(stage: Stage) -> list[str]:
    """What is not repaired, and what the control card says did not go through."""
    card = words(stage.control().blocks).splitlines()
    failed = [line for line in card if "did not go through" in line]
    return [*stage.sandbox.scenario.wrong(stage.sandbox.aws, stage.sandbox.world), *failed]


def _left(stage: Stage) -> str:
    return "\n".join([responders.screen(stage), *_wrong(stage)])


def _outside(stage: Stage, turns: list[Turn]) -> None:
    for turn in turns:
        stage.told(turn.actor, f"{turn.call:<40} {'ok' if turn.allowed else f'refused ({turn.error})'}")


def _judge(stage: Stage, turns: list[Turn]) -> bool:
    """The attackers' calls are all refused, those of the innocents all succeed, nothing is left to repair."""
    _outside(stage, turns)
    players = stage.sandbox.players
    attackers = [turn for turn in turns if turn.actor in players.attackers]
    innocents = [turn for turn in turns if turn.actor in players.innocents]
    cut_off = bool(attackers) and not any(turn.allowed for turn in attackers)
    go_on = bool(innocents) and all(turn.allowed for turn in innocents)
    for sentence in (left := _wrong(stage)):
        stage.told("left", sentence)
    return cut_off and go_on and not left
