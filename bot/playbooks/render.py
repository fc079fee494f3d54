"""Rendering a playbook's texts as Slack mrkdwn. Every value is untrusted unless a filter here made it."""

from __future__ import annotations

import re
import traceback
from collections.abc import Mapping
from typing import Any

from jinja2 import StrictUndefined, TemplateError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

_USER = re.compile(r"[UW][A-Z0-9]+")
# Line ends and other control characters would let a value forge a line; bidirectional ones, its meaning.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
#: What grows beyond this is cut, and says so.
LONGEST = 12_000


#: MODIFIER LETTER GRAVE ACCENT: looks like a backtick and ends no code.
_LOOK_ALIKE = "\u02cb"


class RenderError(ValueError):
    """A template that does not parse or render. `line` is a line of the template, from 1, if known."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


class Mrkdwn(str):
    """Text that is already mrkdwn. Only filters of this module make it; everything else is escaped."""

    __slots__ = ()


def escape(value: object) -> str:
    """The value as one line of text in which nothing is a mention, a link or a line end.

    Slack decodes exactly these three entities (Slack docs, "Formatting text for app surfaces").
    """
    if isinstance(value, Mrkdwn):
        return value
    text = _CONTROL.sub(" ", str(value))
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def code(value: object) -> Mrkdwn:
    """The value in backticks; backticks inside become look-alikes, so that it cannot end the code early."""
    return Mrkdwn(f"`{escape(str(value)).replace('`', _LOOK_ALIKE) or ' '}`")


def mention(value: object) -> Mrkdwn:
    """A Slack user id as a mention; anything else as plain text."""
    text = str(value)
    return Mrkdwn(f"<@{text}>" if _USER.fullmatch(text) else escape(text))


def environment() -> ImmutableSandboxedEnvironment:
    """Jinja2 without a loader, without Python's insides, and strict about names."""
    made = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, finalize=escape, trim_blocks=True, lstrip_blocks=True, autoescape=False
    )
    made.filters.update(code=code, mention=mention)
    # Loops over huge ranges are the one thing that the sandbox leaves; nothing here needs them.
    for name in ("range", "lipsum", "cycler", "joiner", "namespace"):
        made.globals.pop(name, None)
    return made


def render(template: str, context: Mapping[str, Any]) -> str:
    """The text as mrkdwn. Raises RenderError."""
    try:
        text = environment().from_string(template).render(context)
    except SecurityError as error:
        raise RenderError(f"not allowed here: {error}", _line(error)) from error
    except TemplateError as error:
        raise RenderError(_said(error), _line(error)) from error
    except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
        # What an expression does with values of the wrong kind.
        raise RenderError(f"{type(error).__name__}: {error}", _line(error)) from error
    return _cut(text.strip())


def _said(error: TemplateError) -> str:
    return error.message or type(error).__name__


def _line(error: Exception) -> int | None:
    """The template's line: a syntax error knows it, of others Jinja2 puts it into the traceback."""
    known: int | None = getattr(error, "lineno", None)
    for frame, line in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_filename == "<template>":
            known = line
    return known


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}\n… cut: the text has {len(text)} characters."
