"""Signed HTTP delivery, verified by a real Bolt app behind a real HTTP server."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from slack_bolt import App
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk import WebClient

from bot.sandbox.slack.delivery.courier import Parcel
from bot.sandbox.slack.delivery.http import encode, signature
from bot.sandbox.slack.server import FakeSlack
from tests.sandbox.slack.conftest import ACK_SECONDS, actions, button, eventually


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


class Threaded(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_: Any) -> None:
        """Slack hangs up on late answers; writing to it then fails, which is what the test is about."""


@dataclass
class Endpoint:
    """A request URL whose answer each test chooses, and the headers that arrived there."""

    url: str = ""
    serve: Callable[..., Iterable[bytes]] = lambda *_: []
    headers: list[dict[str, str]] = field(default_factory=list)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.headers.append({key: value for key, value in environ.items() if key.startswith("HTTP_")})
        return self.serve(environ, start_response)


def answering(status: str, body: bytes = b"", kind: str = "text/plain") -> Callable[..., Iterable[bytes]]:
    def serve(_environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response(status, [("Content-Type", kind), ("Content-Length", str(len(body)))])
        return [body]

    return serve


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    found = Endpoint()
    server = make_server("127.0.0.1", 0, found, server_class=Threaded, handler_class=Quiet)
    found.url = f"http://127.0.0.1:{server.server_port}/slack/events"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def web(endpoint: Endpoint) -> Iterator[FakeSlack]:
    slack = FakeSlack(
        delivery="http", request_url=endpoint.url, ack_seconds=ACK_SECONDS, retry_delays=(0.0, 0.0, 0.0)
    )
    with slack:
        yield slack


@pytest.fixture
def app(web: FakeSlack, endpoint: Endpoint) -> App:
    """Bolt, checking signatures with the real secret."""
    client = WebClient(token=web.bot_token, base_url=web.api_url)
    app = App(client=client, signing_secret=web.signing_secret)
    endpoint.serve = SlackRequestHandler(app)
    return app


def test_commands_arrive_signed_and_are_answered_in_the_response(app: App, web: FakeSlack) -> None:
    @app.command("/s3incident")
    def take(ack: Any, command: dict[str, Any]) -> None:
        ack(f"heard {command['text']}")

    reply = web.person("dana").command("security", "/s3incident open acme & more")
    assert (reply.text, reply.error) == ("heard open acme &amp; more", None)


def test_clicks_and_modals_work_over_http(app: App, web: FakeSlack) -> None:
    seen: list[str] = []

    @app.action("approve")
    def take(ack: Any, body: dict[str, Any], client: WebClient) -> None:
        ack()
        seen.append(body["actions"][0]["value"])
        client.chat_update(
            channel=body["channel"]["id"], ts=body["message"]["ts"], text="approved", blocks=[]
        )

    client = WebClient(token=web.bot_token, base_url=web.api_url)
    client.chat_postMessage(channel="#security", text="card", blocks=[actions(button())])
    client.conversations_join(channel=web.workspace.channel_named("security").id)
    sam = web.person("sam")
    assert sam.click(sam.wait_for("security", "card"), "approve").error is None
    assert sam.wait_for("security", "approved")
    assert seen == ["plan-1"]


def test_a_wrong_secret_is_refused_by_the_app(web: FakeSlack, endpoint: Endpoint) -> None:
    client = WebClient(token=web.bot_token, base_url=web.api_url)
    other = App(client=client, signing_secret="another secret")
    other.command("/s3incident")(lambda ack: ack("should not be"))
    endpoint.serve = SlackRequestHandler(other)
    error = web.person("dana").command("security", "/s3incident").error
    assert error == '/s3incident failed with the error "http_client_error"'


def test_the_signature_is_slacks(endpoint: Endpoint, web: FakeSlack) -> None:
    endpoint.serve = answering("200 OK")
    web.person("dana").command("security", "/s3incident")
    [headers] = endpoint.headers
    assert headers["HTTP_X_SLACK_SIGNATURE"].startswith("v0=")
    assert abs(int(headers["HTTP_X_SLACK_REQUEST_TIMESTAMP"]) - web.workspace.clock()) < 60
    expected = hmac.new(b"secret", b"v0:123:body", hashlib.sha256).hexdigest()
    assert signature("secret", "123", "body") == f"v0={expected}"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("404 Not Found", "http_client_error"),
        ("302 Found", "http_client_error"),
        ("500 Oops", "http_service_error"),
    ],
)
def test_http_errors_are_shown_to_the_person(
    endpoint: Endpoint, web: FakeSlack, status: str, error: str
) -> None:
    endpoint.serve = answering(status)
    assert web.person("dana").command("security", "/s3incident").error == (
        f'/s3incident failed with the error "{error}"'
    )


def test_a_body_in_the_response_is_the_answer(endpoint: Endpoint, web: FakeSlack) -> None:
    dana = web.person("dana")
    endpoint.serve = answering("200 OK", b"plain words")
    assert dana.command("security", "/s3incident").text == "plain words"
    endpoint.serve = answering("200 OK", b'{"text": "from json"}', "application/json")
    assert dana.command("security", "/s3incident").text == "from json"
    endpoint.serve = answering("200 OK", b"{", "application/json")
    assert "invalid_command_response" in str(dana.command("security", "/s3incident").error)


def test_silence_is_a_timeout(endpoint: Endpoint, web: FakeSlack) -> None:
    wait = threading.Event()

    def never(*_: Any) -> Iterable[bytes]:
        wait.wait(5)
        return []

    endpoint.serve = never
    error = web.person("dana").command("security", "/s3incident").error
    wait.set()
    assert error == '/s3incident failed with the error "operation_timeout"'


def test_nobody_listening_is_a_failed_dispatch() -> None:
    with FakeSlack(delivery="http", request_url="http://127.0.0.1:9/slack/events") as slack:
        error = slack.person("dana").command("security", "/s3incident").error
    assert error == '/s3incident failed with the error "dispatch_failed"'


def test_events_are_retried_with_their_number_and_reason_and_commands_are_not(
    endpoint: Endpoint, web: FakeSlack
) -> None:
    endpoint.serve = answering("500 Oops")
    client = WebClient(token=web.bot_token, base_url=web.api_url)
    client.conversations_join(channel=web.workspace.channel_named("security").id)
    eventually(lambda: len(endpoint.headers) == 8)  # the join line and the membership, four times each
    retries = sorted(
        (one.get("HTTP_X_SLACK_RETRY_NUM", ""), one.get("HTTP_X_SLACK_RETRY_REASON", ""))
        for one in endpoint.headers
    )
    assert retries == sorted([("", ""), ("1", "http_error"), ("2", "http_error"), ("3", "http_error")] * 2)
    web.person("dana").command("security", "/s3incident")
    assert len(endpoint.headers) == 9


def test_a_lost_http_acknowledgement_brings_the_event_again(app: App, web: FakeSlack) -> None:
    heard: list[str] = []

    @app.event("member_joined_channel")
    def joined(body: dict[str, Any]) -> None:
        heard.append(body["event_id"])

    app.event("message")(lambda ack: ack())
    client = WebClient(token=web.bot_token, base_url=web.api_url)
    web.faults.lose_ack(2)
    client.conversations_join(channel=web.workspace.channel_named("security").id)
    eventually(lambda: len(heard) == 2)
    assert heard[0] == heard[1]


def test_bolt_refuses_a_replayed_request(app: App, endpoint: Endpoint, web: FakeSlack) -> None:
    kind, body = encode(Parcel("slash_commands", {"command": "/s3incident", "text": ""}))
    old = "1500000000"
    headers = {
        "Content-Type": kind,
        "X-Slack-Request-Timestamp": old,
        "X-Slack-Signature": signature(web.signing_secret, old, body),
    }
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(urllib.request.Request(endpoint.url, body.encode(), headers), timeout=5)
    refused.value.close()
    assert refused.value.code == 401


def test_each_kind_has_its_encoding() -> None:
    assert encode(Parcel("events_api", {"a": 1})) == ("application/json", '{"a": 1}')
    kind, body = encode(Parcel("interactive", {"a": "ä"}))
    assert kind == "application/x-www-form-urlencoded"
    assert json.loads(urllib.parse.parse_qs(body)["payload"][0]) == {"a": "ä"}


def test_http_needs_a_request_url_and_socket_mode_has_none() -> None:
    with pytest.raises(ValueError, match="request_url"):
        FakeSlack(delivery="http")
    with pytest.raises(ValueError, match="request_url"):
        FakeSlack(request_url="http://127.0.0.1:1/")
