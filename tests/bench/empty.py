"""Bolt with listeners that do nothing, behind the same server: no bot on Bolt can answer faster."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from slack_bolt import Ack, App
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_bolt.authorization import AuthorizeResult

from bot.cli.gunicorn_server import serve

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication


def application(signing_secret: str) -> WSGIApplication:
    app = App(
        signing_secret=signing_secret,
        process_before_response=True,
        authorize=lambda: AuthorizeResult(enterprise_id=None, team_id="T0SANDBOX", bot_token="xoxb-none"),
        token_verification_enabled=False,
    )
    app.command(re.compile(".*"))(_nothing)
    app.action(re.compile(".*"))(_nothing)
    found: WSGIApplication = SlackRequestHandler(app)
    return found


def _nothing(ack: Ack) -> None:
    ack()


if __name__ == "__main__":
    port, threads, secret = sys.argv[1:]
    serve(lambda: application(secret), "127.0.0.1", int(port), int(threads))
