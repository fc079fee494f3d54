"""What the responders do in Slack: open the incident, ask for changes, approve, tick off what is done."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from bot.sandbox.sandbox import Sandbox
from bot.sandbox.slack.person import Modal, Person
from bot.sandbox.slack.reading import words
from bot.sandbox.slack.records import Message
from bot.sandbox.slack.validation.objects import offered

Say = Callable[[str], None]
T = TypeVar("T")

#: How long anything may take before the play is called a failure, seconds.
PATIENCE = 60.0
#: Characters of a line on the terminal.
WIDTH = 140
#: Characters of the longest name of somebody who plays.
NAME = 21


@dataclass
class Stage:
    """Who plays, and where what happens is told."""

    sandbox: Sandbox
    say: Say
    dana: Person
    sam: Person
    ana: Person
    channel: str = ""
    seen: set[str] = field(default_factory=set)

    def heading(self, text: str) -> None:
        self.say(f"\n== {text}")

    def told(self, who: str, text: str, most: int = 6) -> None:
        """The first lines of what somebody said, as they read on a terminal."""
        lines = [line for line in _plain(text, self.sandbox).splitlines() if line.strip()]
        for line in lines[:most]:
            self.say(f"   {who:>{NAME}} | {line if len(line) <= WIDTH else line[: WIDTH - 2] + ' …'}")
        if len(lines) > most:
            self.say(f"   {'':>{NAME}} | … {len(lines) - most} more lines")

    def control(self) -> Message:
        """The pinned card."""
        return next(message for message in self.dana.see(self.channel) if message.blocks)


def open_incident(stage: Stage) -> None:
    stage.heading("Dana opens the incident")
    command = f"/s3incident open {stage.sandbox.world.bucket} sev1 {stage.sandbox.scenario.title}"
    stage.told("dana", command)
    reply = stage.dana.command("security", command)
    stage.told("s3incident", reply.text or words(reply.blocks) or str(reply.error))
    stage.channel = until(lambda: next((c for c in stage.dana.channels() if c.startswith("inc-")), None))
    stage.told("slack", f"new private channel #{stage.channel}")


def read_evidence(stage: Stage) -> None:
    stage.heading("The evidence arrives")
    card = until(lambda: _evidence(stage))
    stage.told("s3incident", words(card.blocks), most=16)


def ask_by_hand(stage: Stage, row: str, target: Mapping[str, str]) -> None:
    """Dana asks for a change that nothing proposed."""
    stage.heading(f"Dana asks for {row} by hand")
    reply = stage.dana.command(stage.channel, f"/s3incident propose {row}")
    assert not reply.text, reply.text
    form = stage.dana.modal(PATIENCE)
    given = {f"target.{name}": value for name, value in target.items()}
    filled = stage.dana.fill(form, **given, reason="Decided with legal and the data owner")
    wrong = stage.dana.submit(filled)
    assert not wrong, wrong
    said = stage.dana.modal(PATIENCE, containing="being planned")
    stage.told("s3incident", said.text)
    stage.dana.close(said)


def first_alone(stage: Stage) -> None:
    """The first change on its own card: the diff, a refused click, and one that counts."""
    message = until(lambda: next(_approvable(stage.sam, stage), None))
    stage.heading(words(message.blocks).splitlines()[0])
    stage.told("s3incident", "\n".join(_diff(message)), most=24)
    stage.told("dana", "clicks Approve: she asked for it, so it does not count")
    stage.dana.click(message, "plan.approve")
    stage.told("s3incident", until(lambda: _only_for_dana(stage, message.ts)))
    _approve(stage, stage.sam, message)


def decide(stage: Stage) -> bool:
    """Both approvers look at what waits, together where it is more than one. Whether anything was done."""
    done = [_decide_as(stage, person) for person in (stage.sam, stage.ana)]
    return any(done)


def _decide_as(stage: Stage, person: Person) -> bool:
    cards = list(_approvable(person, stage))
    fresh = [card for card in cards if f"{person.id}:{card.ts}" not in stage.seen]
    if not fresh:
        return False
    stage.seen |= {f"{person.id}:{card.ts}" for card in fresh}
    button = _together(stage.control())
    if button and len(fresh) > 1:
        _approve_together(stage, person)
    else:
        for card in fresh:
            _approve(stage, person, card)
    return True


def _approve(stage: Stage, person: Person, message: Message) -> None:
    stage.told(person.name, f"approves: {words(message.blocks).splitlines()[0]}")
    person.click(message, "plan.approve")
    stage.seen.add(f"{person.id}:{message.ts}")
    _settle(stage, [message])


def _approve_together(stage: Stage, person: Person) -> None:
    person.click(stage.control(), "incident.decide")
    form = person.modal(PATIENCE, containing="to decide on")
    stage.heading(f"{person.name.capitalize()} decides on several at once")
    stage.told("s3incident", form.text, most=40)
    waiting = list(_approvable(person, stage))
    wrong = person.submit(_all_ticked(person, form))
    assert not wrong, wrong
    _settle(stage, waiting)
    if person.has_modal():
        person.close(person.modal())


def _settle(stage: Stage, cards: Sequence[Message]) -> None:
    """Waits until each card says what came of the click."""
    before = {card.ts: words(card.blocks) for card in cards}
    until(lambda: _changed(stage, before) or None)


def _changed(stage: Stage, before: Mapping[str, str]) -> bool:
    now = {card.ts: words(card.blocks) for card in stage.dana.see(stage.channel) if card.ts in before}
    return all(now[ts] != text for ts, text in before.items())


def _all_ticked(person: Person, form: Modal) -> Modal:
    boxes = [block for block in form.view.blocks if block["block_id"].startswith("chosen.")]
    ticked: dict[str, Any] = {
        block["block_id"]: [option["value"] for option in offered(block["element"])] for block in boxes
    }
    return person.fill(form, **ticked)


def tick_off(stage: Stage) -> bool:
    """Dana does what only people can, and says so. Whether there was anything."""
    for message in stage.dana.see(stage.channel):
        if f"task:{message.ts}" not in stage.seen and _has(message, "task.done"):
            stage.seen.add(f"task:{message.ts}")
            stage.told("dana", f"does it, and says so: {words(message.blocks).splitlines()[0]}")
            stage.dana.click(message, "task.done")
            return True
    return False


def contained(stage: Stage) -> bool:
    said = " ".join(words(stage.control().blocks).lower().replace("*", "").split())
    return "contained yes" in said


def screen(stage: Stage) -> str:
    return "\n---\n".join(words(message.blocks or []) for message in stage.dana.see(stage.channel))


def until(look: Callable[[], T | None], patience: float = PATIENCE) -> T:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        found = look()
        if found is not None:
            return found
        time.sleep(0.05)
    raise AssertionError(f"what the play waits for did not happen in {patience:.0f} s")


def _evidence(stage: Stage) -> Message | None:
    for message in reversed(stage.dana.see(stage.channel)):
        said = words(message.blocks or [])
        if said.startswith("Evidence") and "being collected" not in said:
            return message
    return None


def _approvable(person: Person, stage: Stage) -> Iterator[Message]:
    """The cards of changes that wait, oldest first."""
    return (message for message in person.see(stage.channel) if _has(message, "plan.approve"))


def _together(message: Message) -> bool:
    return _has(message, "incident.decide")


def _has(message: Message, action: str) -> bool:
    return any(
        str(element.get("action_id", "")).partition("#")[0].rstrip(".0123456789") == action
        for block in message.blocks or []
        if block.get("type") == "actions"
        for element in block["elements"]
    )


def _only_for_dana(stage: Stage, after: str) -> str | None:
    for message in reversed(stage.dana.see(stage.channel)):
        if message.only_for == stage.dana.id and message.ts > after:
            return message.text
    return None


def _diff(message: Message) -> list[str]:
    """The lines of the card that say what would change."""
    preformatted = [
        words([block])
        for block in message.blocks or []
        if block["type"] == "rich_text" and block["elements"][0]["type"] == "rich_text_preformatted"
    ]
    return [line for text in preformatted for line in text.splitlines()]


def _plain(text: str, sandbox: Sandbox) -> str:
    """Slack's markup as a terminal shows it: dates by their fallback, people by their name."""
    text = re.sub(r"<!date\^[^|>]*\|([^>]*)>", r"\1", text)
    text = re.sub(r"<!subteam\^[^>]*>", "the approvers", text)
    for user in sandbox.slack.workspace.users.values():
        text = text.replace(f"<@{user.id}>", user.name)
    return re.sub(r"[*`]", "", html.unescape(text))
