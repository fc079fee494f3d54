"""What a workspace consists of. Plain data; the rules are in `workspace`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]
"""An object as it travels over Slack's wire; its shape is Slack's, not ours."""


@dataclass
class User:
    """A person or the bot. ``role``, ``color`` and ``note`` are for the page's switch of persons."""

    id: str
    name: str
    real_name: str
    team_id: str
    is_bot: bool = False
    is_restricted: bool = False
    """A guest of the workspace."""
    is_stranger: bool = False
    """Somebody from another workspace, met in a shared channel."""
    deleted: bool = False
    tz: str = "Europe/Amsterdam"
    role: str = "member"
    color: str = "slate"
    note: str = ""

    @property
    def sees_public_channels(self) -> bool:
        return not (self.is_restricted or self.is_stranger)


@dataclass
class UserGroup:
    id: str
    handle: str
    name: str
    users: list[str]


@dataclass
class Channel:
    """A channel or, with ``is_im``, the direct conversation of one person with the bot."""

    id: str
    name: str
    creator: str
    created: int
    is_private: bool = False
    is_im: bool = False
    is_shared: bool = False
    is_archived: bool = False
    topic: str = ""
    purpose: str = ""
    members: list[str] = field(default_factory=list)
    pinned: list[str] = field(default_factory=list)
    """Message ``ts``, the last pinned first."""
    bookmarks: list[Json] = field(default_factory=list)


@dataclass
class Message:
    """A message; an ephemeral one has the only person who sees it in ``only_for``."""

    ts: str
    channel: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    bot_id: str | None = None
    username: str | None = None
    thread_ts: str | None = None
    subtype: str | None = None
    only_for: str | None = None
    is_error: bool = False
    edited_by: str | None = None
    edited_ts: str | None = None
    metadata: Json | None = None
    files: list[str] = field(default_factory=list)
    reactions: dict[str, list[str]] = field(default_factory=dict)
    earlier: list[list[Json]] = field(default_factory=list)
    """The blocks before each edit; a client that lags still shows them."""
    state: dict[str, Json] = field(default_factory=dict)
    """What each person has picked in the message's selects: user id -> block id -> action id."""

    @property
    def is_reply(self) -> bool:
        return self.thread_ts is not None and self.thread_ts != self.ts


@dataclass
class SlackFile:
    id: str
    name: str
    title: str
    mimetype: str
    user: str
    created: int
    content: bytes = b""
    uploaded: bool = False
    alt_text: str = ""
    shares: dict[str, list[str]] = field(default_factory=dict)
    """Channel id -> ``ts`` of the messages that carry the file."""


@dataclass
class View:
    """A modal on somebody's screen, or somebody's App Home."""

    id: str
    user: str
    definition: Json
    hash: str
    values: Json = field(default_factory=dict)
    root_id: str = ""
    previous_id: str | None = None

    @property
    def blocks(self) -> list[Json]:
        blocks: list[Json] = self.definition["blocks"]
        return blocks


ChangeKind = Literal[
    "message",
    "message_changed",
    "message_deleted",
    "channel",
    "member_joined",
    "member_left",
    "reaction_added",
    "view_opened",
    "view_updated",
    "view_closed",
    "home",
]


@dataclass(frozen=True)
class Change:
    """Something that happened in the workspace, for the page, the drivers and the Events API."""

    kind: ChangeKind
    channel: Channel | None = None
    message: Message | None = None
    previous: Json | None = None
    view: View | None = None
    user: str | None = None
    inviter: str | None = None
    reaction: str | None = None
