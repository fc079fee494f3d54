"""HTTP mode: a WSGI application for gunicorn's threaded worker (the ASGI adapter would serialise)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from slack_bolt import App
from slack_bolt.adapter.wsgi import SlackRequestHandler

from bot.config import Settings, SettingsError
from bot.store import migrate
from bot.store.database import Database

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

EVENTS_PATH = "/slack/events"
HEALTH_PATH = "/healthz"
#: Bytes of a request's body. Bolt reads all of it before it knows who sent it; a view of Slack's has 250 kB.
LARGEST = 2 * 1024 * 1024


def build_wsgi(app: App, settings: Settings, database: Database) -> WSGIApplication:
    """Slack's deliveries at /slack/events, a health check at /healthz.

    Raises SettingsError without a signing secret: then anybody could sign a request.
    """
    if not settings.slack_signing_secret:
        raise SettingsError("SLACK_SIGNING_SECRET is not set, so requests could not be verified.")
    slack = SlackRequestHandler(app, EVENTS_PATH)

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == HEALTH_PATH:
            return _health(database, start_response)
        if int(environ.get("CONTENT_LENGTH") or 0) > LARGEST:
            return _answer("413 Content Too Large", b"larger than anything Slack sends\n", start_response)
        return slack(environ, start_response)

    return application


def _health(database: Database, start_response: Callable[..., object]) -> Iterable[bytes]:
    """200 when the database answers and has the newest schema; a failing database raises, which is a 500."""
    ready = migrate.revision(database) == migrate.newest_revision(database)
    status, text = (
        ("200 OK", b"ok\n") if ready else ("503 Service Unavailable", b"run s3incident db upgrade\n")
    )
    return _answer(status, text, start_response)


def _answer(status: str, text: bytes, start_response: Callable[..., object]) -> Iterable[bytes]:
    start_response(
        status, [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(text)))]
    )
    return [text]
