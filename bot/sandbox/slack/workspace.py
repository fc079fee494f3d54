"""The state of a workspace and the rules that hold in it. No network, no threads.

Whoever wants to know of changes (the page, the Events API, the drivers) adds an observer; each
change is announced after it is in place.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from bot.sandbox.slack import sentences
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.people import BOT_ID, BOT_USER_ID, TEAM_ID, approvers, people
from bot.sandbox.slack.records import Change, Channel, Json, Message, SlackFile, User, View
from bot.sandbox.slack.slack_app import SlackApp

_NAME = re.compile(r"[\w-]+")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


class Workspace:
    """A team with people, channels, messages, files and the views on everybody's screen.

    Args:
        app: the installed app.
        clock: seconds since the epoch; tests pass their own.
        seed: of the identifiers, so that two runs give the same ones.
    """

    def __init__(
        self, app: SlackApp | None = None, *, clock: Callable[[], float] = time.time, seed: int = 1
    ) -> None:
        self.app = app or SlackApp()
        self.clock = clock
        self.team_id = TEAM_ID
        self.team_name = "The sandbox workspace"
        self.team_domain = "sandbox"
        self.bot_user = BOT_USER_ID
        self.bot_id = BOT_ID
        self.users: dict[str, User] = {one.id: one for one in people(self.app.name)}
        self.groups = {one.id: one for one in (approvers(),)}
        self.channels: dict[str, Channel] = {}
        self.messages: dict[str, dict[str, Message]] = {}
        self.files: dict[str, SlackFile] = {}
        self.views: dict[str, list[View]] = {}
        """User id -> the stack of modals on that person's screen, the topmost last."""
        self.homes: dict[str, View] = {}
        self.observers: list[Callable[[Change], None]] = []
        self._random = random.Random(seed)
        self._last_ts = 0
        self._furnish()

    def _furnish(self) -> None:
        everyone = ["U0DANA", "U0SAM", "U0ANA"]
        self.add_channel("general", "U0DANA", members=[*everyone, "U0GIL"], topic="Everything and everybody")
        self.add_channel(
            "security", "U0DANA", members=everyone, topic="Incidents start here: /s3incident open"
        )
        shared = self.add_channel(
            "partners", "U0SAM", members=["U0SAM", "U0STRANGER"], topic="Shared with Moreau & Co"
        )
        shared.is_shared = True
        for user in self.users.values():
            if not user.is_bot:
                self.add_channel("", self.bot_user, members=[user.id, self.bot_user], is_im=True)

    # Identifiers and time

    def new_id(self, prefix: str) -> str:
        return prefix + "".join(self._random.choices(_LETTERS, k=10))

    def new_ts(self) -> str:
        """The next message timestamp: unique and increasing, as Slack promises within a channel."""
        self._last_ts = max(self._last_ts + 1, int(self.clock() * 1_000_000))
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def announce(self, change: Change) -> None:
        for observer in self.observers:
            observer(change)

    # People

    def user(self, user_id: str) -> User:
        """Raises SlackError ``user_not_found``."""
        if user_id not in self.users:
            raise SlackError("user_not_found")
        return self.users[user_id]

    def person(self, name: str) -> User:
        """The user with this handle. Raises KeyError, naming those there are."""
        for one in self.users.values():
            if one.name == name.removeprefix("@"):
                return one
        raise KeyError(f"no {name} here, only {', '.join(one.name for one in self.users.values())}")

    # Channels

    def add_channel(
        self,
        name: str,
        creator: str,
        *,
        members: Iterable[str] = (),
        is_private: bool = False,
        is_im: bool = False,
        topic: str = "",
    ) -> Channel:
        """Make a channel and announce it. Raises SlackError ``name_taken`` and ``invalid_name_*``."""
        if not is_im:
            self._check_name(name)
        channel = Channel(
            self.new_id("D" if is_im else "C"),
            name,
            creator,
            int(self.clock()),
            is_private=is_private,
            is_im=is_im,
            topic=topic,
            members=list(members),
        )
        self.channels[channel.id] = channel
        self.messages[channel.id] = {}
        self.announce(Change("channel", channel=channel))
        return channel

    def _check_name(self, name: str) -> None:
        if not name:
            raise SlackError("invalid_name_required")
        if len(name) > 80:
            raise SlackError("invalid_name_maxlength")
        if not name.strip("-_"):
            raise SlackError("invalid_name_punctuation")
        if not _NAME.fullmatch(name) or name != name.lower():
            raise SlackError("invalid_name_specials")
        if any(one.name == name for one in self.channels.values()):
            raise SlackError("name_taken")

    def channel_named(self, name: str) -> Channel:
        """Raises KeyError, naming the channels there are."""
        wanted = name.removeprefix("#")
        for one in self.channels.values():
            if wanted in (one.name, one.id) and wanted:
                return one
        raise KeyError(f"no #{wanted} here, only {', '.join(one.name for one in self.channels.values())}")

    def direct(self, user_id: str) -> Channel:
        """The conversation of this person with the bot."""
        return next(one for one in self.channels.values() if one.is_im and user_id in one.members)

    def channel_for(self, user_id: str, channel_id: str) -> Channel:
        """A channel that this user may know of. Raises SlackError ``channel_not_found``."""
        channel = self.channels.get(channel_id)
        if channel is None or not self.can_see(user_id, channel):
            raise SlackError("channel_not_found")
        return channel

    def can_see(self, user_id: str, channel: Channel) -> bool:
        if user_id in channel.members:
            return True
        return not (channel.is_private or channel.is_im) and self.users[user_id].sees_public_channels

    def visible_channels(self, user_id: str) -> Iterator[Channel]:
        return (one for one in self.channels.values() if self.can_see(user_id, one))

    def update_channel(self, channel: Channel) -> None:
        """Announce a channel whose topic, purpose, bookmarks or state was changed."""
        self.announce(Change("channel", channel=channel))

    def join(self, channel: Channel, user_id: str, inviter: str | None = None) -> None:
        """Make somebody a member; the join line and the announcements follow."""
        channel.members.append(user_id)
        self.announce(Change("channel", channel=channel))
        self.post(channel, user_id, sentences.joined(f"<@{user_id}>"), subtype="channel_join")
        self.announce(Change("member_joined", channel=channel, user=user_id, inviter=inviter))

    def leave(self, channel: Channel, user_id: str) -> None:
        channel.members.remove(user_id)
        self.post(channel, user_id, sentences.left(f"<@{user_id}>"), subtype="channel_leave")
        self.announce(Change("channel", channel=channel))
        self.announce(Change("member_left", channel=channel, user=user_id))

    # Messages

    def post(self, channel: Channel, user_id: str, text: str, **properties: Any) -> Message:
        """Add a message, or an ephemeral one with ``only_for``, and announce it."""
        message = Message(self.new_ts(), channel.id, user_id, text, **properties)
        message.blocks = [self.with_block_id(one) for one in message.blocks]
        if user_id == self.bot_user:
            message.bot_id = self.bot_id
        self.messages[channel.id][message.ts] = message
        self.announce(Change("message", channel=channel, message=message))
        return message

    def with_block_id(self, block: Json) -> Json:
        """The block as Slack keeps it: with a block id, and an action id on each element."""
        kept = {**block, "block_id": block.get("block_id") or self.new_id("")[:5]}
        if kept["type"] == "actions":
            kept["elements"] = [self._with_action_id(one) for one in kept["elements"]]
        for place in ("accessory", "element"):
            if isinstance(kept.get(place), dict) and kept[place]["type"] != "image":
                kept[place] = self._with_action_id(kept[place])
        return kept

    def _with_action_id(self, element: Json) -> Json:
        return {**element, "action_id": element.get("action_id") or self.new_id("")[:5]}

    def message(self, channel_id: str, ts: str) -> Message:
        """Raises SlackError ``message_not_found``."""
        found = self.messages.get(channel_id, {}).get(ts)
        if found is None:
            raise SlackError("message_not_found")
        return found

    def edit(
        self, message: Message, *, by: str, text: str, blocks: list[Json] | None, previous: Json
    ) -> None:
        """Replace text and, unless None, blocks; announced with the message as it was."""
        message.text = text
        if blocks is not None:
            message.earlier.append(message.blocks)
            message.blocks = [self.with_block_id(one) for one in blocks]
        message.edited_by, message.edited_ts = by, self.new_ts()
        self.announce(
            Change(
                "message_changed", channel=self.channels[message.channel], message=message, previous=previous
            )
        )

    def touch(self, message: Message) -> None:
        """Announce that something about a message (a pin, a reaction) is different now."""
        self.announce(Change("message_changed", channel=self.channels[message.channel], message=message))

    def delete(self, message: Message) -> None:
        channel = self.channels[message.channel]
        del self.messages[channel.id][message.ts]
        if message.ts in channel.pinned:
            channel.pinned.remove(message.ts)
        self.announce(Change("message_deleted", channel=channel, message=message))

    def replies(self, message: Message) -> list[Message]:
        return [
            one
            for one in self.messages[message.channel].values()
            if one.is_reply and one.thread_ts == message.ts and one.only_for is None
        ]

    def seen_by(self, user_id: str, channel: Channel) -> list[Message]:
        """The messages this person has on the screen, ephemeral ones of that person included."""
        if not self.can_see(user_id, channel):
            return []
        return [one for one in self.messages[channel.id].values() if one.only_for in (None, user_id)]

    # Views

    def stack(self, user_id: str) -> list[View]:
        return self.views.setdefault(user_id, [])

    def view(self, view_id: str) -> View:
        """An open modal or a home view. Raises SlackError ``not_found``."""
        for one in self._all_views():
            if view_id == one.id:
                return one
        raise SlackError("not_found")

    def view_by_external_id(self, external_id: str) -> View | None:
        return next(
            (one for one in self._all_views() if one.definition.get("external_id") == external_id), None
        )

    def _all_views(self) -> Iterator[View]:
        for stack in self.views.values():
            yield from stack
        yield from self.homes.values()
