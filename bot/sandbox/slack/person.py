"""A person at the keyboard, for tests and for the headless demo.

Everything goes the way the page goes; nothing here can do what a person in front of the page
could not. All of it blocks, and may be called from any thread but the server's own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from bot.sandbox.slack import inputs
from bot.sandbox.slack.doing import Doing
from bot.sandbox.slack.feed import Feed
from bot.sandbox.slack.outcome import Outcome
from bot.sandbox.slack.reading import label, transcript, words
from bot.sandbox.slack.records import Json, Message, User, View
from bot.sandbox.slack.validation.objects import offered
from bot.sandbox.slack.workspace import Workspace

Predicate = Callable[[Message], bool]


class Run(Protocol):
    """Runs a coroutine on the server's loop and waits for it."""

    def __call__(self, work: Coroutine[Any, Any, Any], timeout: float | None = ...) -> Any: ...


@dataclass(frozen=True)
class Reply:
    """What came back at once: the answer only this person sees, or Slack's error sentence."""

    text: str = ""
    blocks: list[Json] = field(default_factory=list)
    error: str | None = None
    message: Message | None = None


@dataclass(frozen=True)
class Modal:
    """A modal as it was when it was looked at, and what has been entered into it so far."""

    view: View
    values: Json = field(default_factory=dict)

    @property
    def title(self) -> str:
        return str(self.view.definition["title"]["text"])

    @property
    def text(self) -> str:
        """Everything that can be read in it."""
        return words(self.view.blocks)


class Person:
    """Drives one person: ``dana.command("security", "/s3incident open")``."""

    def __init__(self, user: User, workspace: Workspace, doing: Doing, feed: Feed, run: Run) -> None:
        self.id, self.name = user.id, user.name
        self._workspace = workspace
        self._doing = doing
        self._feed = feed
        self._run = run

    # Saying and seeing

    def command(self, channel: str, text: str) -> Reply:
        """Type a slash command; returns when it was acknowledged or given up."""
        return self._do({"kind": "command", "channel": self._channel(channel), "text": text})

    def say(self, channel: str, text: str, thread_ts: str | None = None) -> Message:
        """Post a message. Raises AssertionError when it cannot be posted."""
        wish = {"kind": "say", "channel": self._channel(channel), "text": text, "thread_ts": thread_ts}
        reply = self._do(wish)
        assert reply.message is not None, reply.error
        return reply.message

    def see(self, channel: str) -> list[Message]:
        """Every message on this person's screen, ephemeral ones included."""

        async def look() -> list[Message]:
            try:
                found = self._workspace.channel_named(channel)
            except KeyError:
                return []
            return [replace(one) for one in self._workspace.seen_by(self.id, found)]

        return list(self._run(look()))

    def channels(self) -> list[str]:
        """The names of the channels this person can see."""

        async def look() -> list[str]:
            return [one.name for one in self._workspace.visible_channels(self.id) if not one.is_im]

        return list(self._run(look()))

    def wait_for(self, channel: str, wanted: str | Predicate, timeout: float = 10.0) -> Message:
        """The newest message that contains the words (or satisfies the predicate).

        Raises AssertionError with the channel's transcript when none appears in ``timeout`` seconds.
        """
        fits = _predicate(wanted)

        def look() -> Message | None:
            return next((one for one in reversed(self.see(channel)) if fits(one)), None)

        found: Message = self._wait(look, timeout, lambda: self._missing(channel, wanted))
        return found

    def _missing(self, channel: str, wanted: str | Predicate) -> str:
        return f"{self.name} saw no {wanted!r} in #{channel}:\n{transcript(self.see(channel))}"

    # Clicking

    def click(
        self,
        message: Message,
        action: str,
        *,
        confirm: bool = True,
        value: str | None = None,
        late: bool = False,
    ) -> Reply:
        """Use an element of a message as it was when it was looked at: by action id or words of its label.

        ``value`` is the option to pick in a menu; ``confirm`` answers the confirmation dialog, if any.
        An element that an edit has removed meanwhile cannot be clicked, unless ``late``: then the
        click left this person's screen before the edit arrived there.
        Raises AssertionError when there is no such element.
        """
        block, element = _element(message.blocks, action)
        if "confirm" in element and not confirm:
            return Reply()
        place: Json = {"channel": message.channel, "ts": message.ts}
        if late:
            place |= {"late": True, "seen_value": element.get("value")}
        return self._do({"kind": "action", **place, **self._used(block, element, value)})

    def click_in(self, modal: Modal, action: str, *, value: str | None = None) -> Reply:
        """Use an element inside a modal or (as ``Modal(view)``) App Home, with what was entered so far."""
        block, element = _element(modal.view.blocks, action)
        place = {"view_id": modal.view.id, "values": modal.values}
        return self._do({"kind": "action", **place, **self._used(block, element, value)})

    def shortcut(self, callback_id: str, message: Message | None = None) -> Reply:
        """Run a global shortcut or, on a message, a message shortcut."""
        place = {"channel": message.channel, "ts": message.ts} if message else {}
        return self._do({"kind": "shortcut", "callback_id": callback_id, **place})

    def _used(self, block: Json, element: Json, value: str | None) -> Json:
        sent: Json = {"block_id": block["block_id"], "action_id": element["action_id"]}
        if value is None:
            return sent
        if element["type"] == "overflow":
            return sent | {"selected_option": _option(element, value)}
        return sent | self._entry(element, value)

    # Modals and App Home

    def modal(self, timeout: float = 5.0, *, containing: str = "") -> Modal:
        """The topmost modal. Raises AssertionError when none (with these words) is there in time."""

        async def top() -> Modal | None:
            stack = self._workspace.stack(self.id)
            modal = Modal(replace(stack[-1])) if stack else None
            return modal if modal and containing in f"{modal.title}\n{modal.text}" else None

        complaint = f"no modal with {containing!r} opened for {self.name}"
        modal: Modal = self._wait(lambda: self._run(top()), timeout, lambda: complaint)
        return modal

    def has_modal(self) -> bool:
        """Whether a modal is open at this moment."""

        async def look() -> bool:
            return bool(self._workspace.stack(self.id))

        return bool(self._run(look()))

    def fill(self, modal: Modal, **entries: Any) -> Modal:
        """The modal with values entered, by block id, action id or label (``_`` for spaces)."""
        values = {block_id: dict(actions) for block_id, actions in modal.values.items()}
        for name, value in entries.items():
            block, element = _input(modal.view, name)
            values.setdefault(block["block_id"], {})[element["action_id"]] = self._entry(element, value)
        return Modal(modal.view, values)

    def submit(self, modal: Modal, values: Json | None = None) -> dict[str, str] | None:
        """Press the submit button.

        Returns the errors by block id, ``{"": sentence}`` where Slack itself gave up, or None.
        """
        wish = {"kind": "submit", "view_id": modal.view.id, "values": values or modal.values}
        outcome = self._outcome(wish)
        if outcome.error:
            return {"": outcome.error}
        return outcome.errors or None

    def close(self, modal: Modal) -> None:
        self._do({"kind": "close_view", "view_id": modal.view.id})

    def home(self, timeout: float = 5.0, *, containing: str = "") -> View:
        """Open App Home; the view, once the app has published one (with these words)."""

        async def look() -> View | None:
            home = self._workspace.homes.get(self.id)
            return replace(home) if home and containing in words(home.blocks) else None

        self._do({"kind": "open_home"})
        complaint = f"no App Home with {containing!r} for {self.name}"
        view: View = self._wait(lambda: self._run(look()), timeout, lambda: complaint)
        return view

    def _entry(self, element: Json, value: Any) -> Json:
        """What is sent for a value written as a person would say it."""
        name = inputs.VALUE_OF[element["type"]]
        if name == "selected_option":
            return inputs.entry(element, _option(element, value))
        if name == "selected_options":
            return inputs.entry(element, [_option(element, one) for one in value])
        if name in ("selected_user", "selected_users"):
            ids = [self._workspace.person(one).id for one in ([value] if isinstance(value, str) else value)]
            return inputs.entry(element, ids if name.endswith("s") else ids[0])
        return inputs.entry(element, value)

    # How

    def _channel(self, name: str) -> str:
        return self._workspace.channel_named(name).id

    def _do(self, wish: Json) -> Reply:
        outcome = self._outcome(wish)
        message = outcome.message
        return Reply(
            message.text if message else "", message.blocks if message else [], outcome.error, message
        )

    def _outcome(self, wish: Json) -> Outcome:
        outcome: Outcome = self._run(self._doing.do(self.id, wish))
        return outcome

    def _wait(self, look: Callable[[], Any], timeout: float, complaint: Callable[[], str]) -> Any:
        """Look again whenever something changes, until there is something to see."""
        deadline = time.monotonic() + timeout
        while True:
            version = self._feed.version
            found = look()
            if found is not None:
                return found
            left = deadline - time.monotonic()
            if left <= 0:
                raise AssertionError(complaint())
            self._feed.wait(version, left)


def _predicate(wanted: str | Predicate) -> Predicate:
    if isinstance(wanted, str):
        words_wanted = wanted
        return lambda message: words_wanted in message.text or words_wanted in words(message.blocks)
    return wanted


def _element(blocks: list[Json], action: str) -> tuple[Json, Json]:
    """The element with this action id or, failing that, with these words in its label."""
    there = list(inputs.elements(blocks))
    by_id = [one for one in there if one[1].get("action_id") == action]
    by_label = [one for one in there if action.lower() in label(one[1]).lower()]
    found = by_id or by_label
    assert found, f"no {action!r} here, only {', '.join(label(one) for _block, one in there) or 'nothing'}"
    return found[0]


def _input(view: View, name: str) -> tuple[Json, Json]:
    """The input with this block id, action id, or (words of) this label."""
    spoken = name.replace("_", " ").lower()
    for block, element in inputs.elements(view.blocks):
        if name in (block["block_id"], element["action_id"]):
            return block, element
    for block, element in inputs.elements(view.blocks):
        if spoken in words(block.get("label", {})).lower():
            return block, element
    raise AssertionError(f"no input {name!r} in {words(view.blocks)}")


def _option(element: Json, wanted: Any) -> Json:
    """An option by its value or its words. Raises AssertionError, naming those there are."""
    if isinstance(wanted, dict):
        return wanted
    for option in offered(element):
        if wanted in (option["value"], option["text"]["text"]):
            return option
    raise AssertionError(f"no option {wanted!r}, only {[one['value'] for one in offered(element)]}")
