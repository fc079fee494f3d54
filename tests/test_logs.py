"""What is logged, on a terminal and elsewhere, never holds a secret."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator

import pytest
import structlog

from bot import logs
from bot.config import Settings

TOKEN = "xoxb-" + "1234-the-secret"


class Stream(io.StringIO):
    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


@pytest.fixture(params=[True, False], ids=["terminal", "file"])
def stream(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stream]:
    stream = Stream(terminal=request.param)
    monkeypatch.setattr(sys, "stderr", stream)
    logs.configure()
    yield stream
    structlog.reset_defaults()


def settings() -> Settings:
    return Settings(
        _env_file=None,
        slack_bot_token=TOKEN,
        slack_app_token=TOKEN,
        slack_signing_secret=TOKEN,
        database_url=f"postgresql+psycopg://bot:{TOKEN}@db/s3incident",
    )


def work(given: Settings, token: str) -> None:
    raise ValueError(f"it failed with {len(token)} characters and {given.approval_minutes} minutes")


def test_a_traceback_does_not_show_the_values_of_variables(stream: Stream) -> None:
    try:
        work(settings(), TOKEN)
    except ValueError:
        structlog.get_logger().exception("job.failed")
    written = stream.getvalue()
    assert "it failed with" in written
    assert "in work" in written
    assert TOKEN not in written


def test_values_under_a_secret_s_name_are_hidden(stream: Stream) -> None:
    structlog.get_logger().warning("x", slack_bot_token=TOKEN, password=TOKEN, plan="p1")
    assert "p1" in stream.getvalue()
    assert TOKEN not in stream.getvalue()


def test_settings_shown_as_text_hold_no_secret(stream: Stream) -> None:
    structlog.get_logger().warning("started", settings=settings())
    assert "approval_minutes" in stream.getvalue()
    assert TOKEN not in stream.getvalue()
    assert TOKEN not in repr(settings())


def test_a_hostile_value_cannot_steer_the_terminal(stream: Stream) -> None:
    structlog.get_logger().warning("x", key="\x1b]0;owned\x07\x1b[2J\rgone")
    assert "\x1b]0;" not in stream.getvalue()
    assert "\x1b[2J" not in stream.getvalue()


def test_a_hostile_message_of_an_error_cannot_either(stream: Stream) -> None:
    try:
        raise ValueError("no such key: \x1b]0;owned\x07\x1b[2J\rgone")
    except ValueError:
        structlog.get_logger().exception("job.failed")
    assert "no such key" in stream.getvalue()
    assert "\x1b]0;" not in stream.getvalue()
    assert "\x1b[2J" not in stream.getvalue()
