"""Logging: one line an event on standard error; readable on a terminal, JSON elsewhere. No secrets."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Mapping
from typing import Any, TextIO

import structlog
from structlog.typing import ExcInfo, Processor

#: Names under which a secret might be passed by mistake.
_SECRET = ("token", "secret", "password", "authorization", "signature")


def configure(level: str = "INFO") -> None:
    """Sets up structlog and the libraries' own loggers, which only speak from WARNING on."""
    human = sys.stderr.isatty()
    last: Processor = _for_people() if human else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_secrets,
            structlog.processors.format_exc_info if not human else _unchanged,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")


def _for_people() -> Processor:
    return structlog.dev.ConsoleRenderer(exception_formatter=_traceback)


def _traceback(out: TextIO, error: ExcInfo) -> None:
    """Without the values of variables, which structlog's own would show: tokens and keys are among them.

    Control characters, which steer a terminal, are replaced: an attacker's text may be in the message.
    """
    lines = "".join(traceback.format_exception(*error)).splitlines()
    shown = (
        "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in line) for line in lines
    )
    out.write("\n" + "\n".join(shown))


def _without_secrets(_logger: object, _name: str, event: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        key: "(hidden)" if any(word in key.lower() for word in _SECRET) else value
        for key, value in event.items()
    }


def _unchanged(_logger: object, _name: str, event: Mapping[str, Any]) -> Mapping[str, Any]:
    return event
