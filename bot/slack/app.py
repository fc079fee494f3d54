"""The Bolt app: one dispatcher for Socket Mode and for HTTP."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus

from slack_bolt import App, BoltResponse
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.logger.messages import warning_client_prioritized_and_token_skipped
from slack_sdk import WebClient

from bot.config import Settings
from bot.slack import dispatch
from bot.slack.dispatch import Deps
from bot.slack.identity import Myself, tokenless, web_client
from bot.slack.listeners.register import registry
from bot.store.database import Database

# Bolt's own default is 5 threads: the sixth click at once then waits longer than Slack's three seconds.
LISTENER_THREADS = 40


def build_app(settings: Settings, database: Database, client: WebClient | None = None) -> App:
    """The app with all listeners. Nothing is asked of Slack before the first delivery.

    Listeners only write their transaction, so the answer goes out when they return
    (`process_before_response`), a few milliseconds after the click.
    """
    client = client or web_client(settings)
    myself = Myself(client)

    def authorize() -> AuthorizeResult:
        return myself.authorize()

    app = App(
        name="s3incident",
        logger=_logger(),
        process_before_response=True,
        listener_executor=ThreadPoolExecutor(LISTENER_THREADS, thread_name_prefix="slack-listener"),
        signing_secret=settings.slack_signing_secret or "",
        client=tokenless(client),
        authorize=authorize,
        token_verification_enabled=False,
    )
    app.error(_answer_error)
    dispatch.attach(app, registry(), Deps(settings, database, client, myself))
    return app


def _logger() -> logging.Logger:
    """Bolt's logger, without its remark on SLACK_BOT_TOKEN: the token is meant to come by `authorize`."""
    logger = logging.getLogger("slack_bolt")
    logger.addFilter(_worth_saying)
    return logger


def _worth_saying(record: logging.LogRecord) -> bool:
    return record.getMessage() != warning_client_prioritized_and_token_skipped()


def _answer_error(error: Exception) -> BoltResponse:
    """What failed outside any listener, such as a body without the members Slack always sends."""
    body = dispatch.error_body(error)
    return BoltResponse(status=HTTPStatus.OK, body=body, headers={"content-type": "application/json"})
