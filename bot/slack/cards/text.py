"""Text that lands in Slack: cleaned, escaped and cut.

Bucket names, object keys, user agents and session names are chosen by the attacker. Slack's mrkdwn gives
meaning to `& < >` (mentions, links) and to `* _ ~ backtick` (style), so such values go through `code`, and
everything else that is not ours through `escape`. See https://docs.slack.dev/messaging/formatting-message-text
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta

_KEPT = "\n\t"
_CUT = "…"
_STYLE = re.compile(r"`|(?<![^\W_])[*_~]|[*_~](?![^\W_])")
_UTC = re.compile(r"`[^`]*`|(?:\b[Aa]t )?(20\d\d-\d\d-\d\d \d\d:\d\d)(:\d\d)? UTC")

#: Slack User IDs: U, or W in an Enterprise organization.
_USER_ID = re.compile(r"[UW][A-Z0-9]{2,}")


def clean(text: str) -> str:
    """Replaces control and direction-changing characters, which can make a text read as another one."""
    return "".join(
        one if one in _KEPT or unicodedata.category(one)[0] != "C" else "\N{REPLACEMENT CHARACTER}"
        for one in text
    )


def escape(text: str) -> str:
    """Makes a text harmless inside mrkdwn: no mention, no link. Style characters stay."""
    return clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def one_line(text: str) -> str:
    return " ".join(clean(text).split())


def code(value: object, limit: int = 120) -> str:
    """An untrusted value as inline code: one line, cut, and with no way to end the code early."""
    shown = cut(one_line(str(value)), limit).replace("`", "'")
    return f"`{escape(shown)}`" if shown.strip() else "`(empty)`"


def quote(text: str, limit: int = 600) -> str:
    """Untrusted prose, such as a note, as a quotation whose style characters mean nothing."""
    lines = [literal(line) for line in cut(clean(text), limit).splitlines() if line.strip()]
    return "\n".join(f"> {line}" for line in lines)


def inline(text: str, limit: int = 300) -> str:
    """Untrusted prose within a sentence of ours."""
    return literal(cut(one_line(text), limit))


def told(text: str, limit: int = 300) -> str:
    """Like `inline`, with each `2026-11-23 13:54 UTC` in it shown in the reader's own time.

    So that a card never mixes two clocks: sentences are stored with UTC, everything else is a `moment`.
    """
    return own_time(inline(text, limit))


def own_time(mrkdwn: str) -> str:
    """The same for text that is mrkdwn already; within code nothing changes.

    An `at` before the moment goes: Slack writes `today at 13:54`.
    """
    return _UTC.sub(_moment, mrkdwn)


def _moment(found: re.Match[str]) -> str:
    minutes, seconds = found.groups()
    try:
        at = datetime.fromisoformat(f"{minutes}{seconds or ''}").replace(tzinfo=UTC)
    except ValueError:  # code, or no day of the calendar
        return found[0]
    return moment(at, "{date_short_pretty} at {time_secs}" if seconds else "{date_short_pretty} at {time}")


def literal(text: str) -> str:
    """Plain text as mrkdwn that reads the same: a word joiner beside a style character takes its meaning.

    Within a word these characters mean nothing: names such as `attach_user_policy` stay as they are.
    """
    return _STYLE.sub("\N{WORD JOINER}\\g<0>\N{WORD JOINER}", escape(text))


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, the last one a `…` when something is missing."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + _CUT


def cut_mrkdwn(text: str, limit: int) -> str:
    """Like `cut`, for mrkdwn: never ends within an entity, a mention or a link."""
    if len(text) <= limit:
        return text
    kept = text[: limit - 1]
    for opening, closing in (("<", ">"), ("&", ";")):
        start = kept.rfind(opening)
        if start > kept.rfind(closing):
            kept = kept[:start]
    if kept.count("`") % 2:
        kept = kept[: kept.rfind("`")]
    return kept.rstrip() + _CUT


def listed(items: Sequence[str], shown: int, more: Callable[[int], str]) -> list[str]:
    """The first `shown` items, and one line saying how many more there are and where."""
    rest = len(items) - shown
    return list(items) if rest <= 0 else [*items[:shown], more(rest)]


def fitting(lines: Iterable[str], limit: int, more: Callable[[int], str]) -> str:
    """As many whole lines as fit within `limit` characters, and one that counts the others.

    Empty when not even the counting line fits.
    """
    every = list(lines)
    if len(text := "\n".join(every)) <= limit:
        return text
    room = limit - len(more(len(every)))
    kept: list[str] = []
    for line in every:
        room -= len(line) + 1
        if room < 0:
            break
        kept.append(line)
    text = "\n".join([*kept, more(len(every) - len(kept))])
    return text if len(text) <= limit else ""


def bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"• {line}" for line in lines)


def nearby(text: str, account_id: str) -> str:
    """IAM's ARNs of that account by their last part (`user/ana`), where the account stands beside."""
    return re.sub(rf"arn:aws[\w-]*:(?:iam|sts)::{re.escape(account_id)}:", "", text)


def person(user_id: str) -> str:
    """A mention of a Slack user; the bot's own name, and anything that is no user id, as plain words."""
    return f"<@{user_id}>" if _USER_ID.fullmatch(user_id) else inline(user_id, 60)


def group_or_person(identifier: str) -> str:
    """A mention of an approver: a user group (S...) or a user."""
    return (
        f"<!subteam^{identifier}>" if identifier[:1] == "S" and identifier.isalnum() else person(identifier)
    )


def channel(channel_id: str) -> str:
    return f"<#{channel_id}>" if channel_id.isalnum() else inline(channel_id, 60)


def moment(at: datetime, form: str = "{date_short_pretty} at {time}") -> str:
    """A moment in the reader's own timezone, with UTC for clients that cannot."""
    return f"<!date^{int(at.timestamp())}^{form}|{at:%Y-%m-%d %H:%M} UTC>"


def span(start: datetime, end: datetime) -> str:
    """From one moment to another; the day is said once where the time alone cannot be mistaken."""
    return f"{moment(start)} to {moment(end, '{time}') if end - start < timedelta(hours=12) else moment(end)}"


def and_more(items: Sequence[str], shown: int, between: str = ", ") -> str:
    """`a, b and c`, or `a, b and 3 more`."""
    rest = len(items) - shown
    if rest > 0:
        return f"{between.join(items[:shown])} and {rest} more"
    return f"{between.join(items[:-1])} and {items[-1]}" if len(items) > 1 else "".join(items)


def count(number: int, one: str, many: str | None = None) -> str:
    """`1 call`, `3 calls`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
