"""What the app's token is allowed to do."""

from __future__ import annotations

from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.records import Channel
from bot.sandbox.slack.slack_app import SlackApp


def require(app: SlackApp, wanted: frozenset[str]) -> None:
    """One of ``wanted`` is enough. Raises SlackError ``missing_scope``."""
    if wanted and not wanted & app.scopes:
        raise SlackError(
            "missing_scope", needed=",".join(sorted(wanted)), provided=",".join(sorted(app.scopes))
        )


def require_for(app: SlackApp, channel: Channel, right: str) -> None:
    """The scope for this kind of conversation, such as ``groups:history`` for a private channel."""
    kind = "im" if channel.is_im else "groups" if channel.is_private else "channels"
    require(app, frozenset({f"{kind}:{right}"}))


def require_to_manage(app: SlackApp, *, is_private: bool, extra: str = "") -> None:
    """The scope to create or change a channel; ``extra`` is a narrower scope that is enough too."""
    broad, family = ("groups:write", "groups") if is_private else ("channels:manage", "channels")
    narrow = {f"{family}:{extra}"} if extra else set()
    require(app, frozenset({broad, *narrow}))
