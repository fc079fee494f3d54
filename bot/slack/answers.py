"""What a listener answers: exactly one of these, to every click, command and form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View


@dataclass(frozen=True)
class Say:
    """A sentence (mrkdwn, values already escaped) that only this person sees."""

    text: str
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True)
class OpenModal:
    """A form or page on top of what the person sees. Slack gives three seconds from the click."""

    view: View


@dataclass(frozen=True)
class ReplaceModal:
    """Another page in the place of the modal that the click was in."""

    view: View


@dataclass(frozen=True)
class FieldErrors:
    """The form stays open, with a sentence under each wrong field (by block id)."""

    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Nothing:
    """Nothing to say: what was asked for becomes visible by itself, and soon."""


Answer = Say | OpenModal | ReplaceModal | FieldErrors | Nothing
