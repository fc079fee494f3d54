"""Socket Mode and HTTP: connected, alive, verified."""

from __future__ import annotations

import hashlib
import hmac
import socket
import time
import urllib.error
import urllib.request

import pytest

from bot.config import SettingsError
from bot.slack.app import build_app
from bot.slack.http import EVENTS_PATH, HEALTH_PATH, build_wsgi
from bot.slack.identity import single_try, web_client
from bot.slack.socket import SocketRunner
from bot.store import incidents
from bot.store.database import Database
from tests.slack.house import BUCKET, wait_until
from tests.slack.web_server import WebServer


def test_the_whole_way_over_a_websocket(socketed):
    reply = socketed.dana.command("security", f"/s3incident open {BUCKET}")
    assert "inc-0001* is open" in reply.text
    socketed.settle()
    with socketed.database.read() as tx:
        [incident] = incidents.listing(tx)
    row = socketed.propose(incident)
    socketed.sam.click(socketed.sam.wait_for("inc-0001-acme-payroll", "Waiting for approval"), "Approve")
    socketed.settle()
    assert socketed.plan(row.id).state == "approved"


def test_the_socket_comes_back_and_says_whether_it_lives(house):
    runner = SocketRunner(build_app(house.settings, house.database), house.settings)
    assert not runner.alive()
    assert runner.ping_age() is None
    runner.start()
    try:
        wait_until(runner.alive)
        first = runner.session_id()
        house.slack.faults.drop_socket(warned=True)
        wait_until(lambda: runner.session_id() != first and house.slack.connections == 1)
        wait_until(runner.alive)
        assert "inc-0001" in house.dana.command("security", f"/s3incident open {BUCKET}").text
    finally:
        runner.stop()


def signed(body: bytes, secret: str, at: float) -> dict[str, str]:
    stamp = str(int(at))
    signature = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={signature}",
    }


BODY = (
    b"command=%2Fs3incident&text=list&team_id=T0SANDBOX&channel_id=C1&user_id=U0DANA"
    b"&trigger_id=1.2.x&response_url=http%3A%2F%2F127.0.0.1%2F"
)


@pytest.fixture
def served(house):
    with WebServer() as server:
        app = build_app(house.settings, house.database)
        server.application = build_wsgi(app, house.settings, house.database)
        yield server.url


def post(url, headers):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, BODY, headers), timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_a_signed_request_is_answered(served, house):
    secret = house.settings.slack_signing_secret
    status, body = post(served + EVENTS_PATH, signed(BODY, secret, time.time()))
    assert (status, "No incident is open" in body) == (200, True)


@pytest.mark.parametrize(("secret", "age"), [("wrong", 0), (None, 600), ("", 0)])
def test_a_wrong_or_old_signature_is_refused(served, house, secret, age):
    secret = house.settings.slack_signing_secret if secret is None else secret
    status, body = post(served + EVENTS_PATH, signed(BODY, secret, time.time() - age))
    assert status == 401
    assert "No incident" not in body


def test_a_body_larger_than_slack_sends_is_refused_unread(served):
    """Anybody can reach this address, and the signature is known only when the whole body is there."""
    host, _, port = served.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port.rstrip("/"))), timeout=5) as connection:
        head = f"POST {EVENTS_PATH} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {10**10}\r\n\r\n"
        connection.sendall(head.encode() + b"x" * 1000)
        assert b" 413 " in connection.recv(1000).partition(b"\r\n")[0]


def test_without_a_signing_secret_http_mode_does_not_start(house, monkeypatch):
    monkeypatch.setitem(house.settings.__dict__, "slack_signing_secret", None)
    app = build_app(house.settings, house.database)
    with pytest.raises(SettingsError, match="SLACK_SIGNING_SECRET"):
        build_wsgi(app, house.settings, house.database)


def test_the_health_check_looks_at_the_database(served, house, tmp_path):
    with urllib.request.urlopen(served + HEALTH_PATH, timeout=5) as answer:
        assert answer.read() == b"ok\n"
    empty = Database(f"sqlite:///{tmp_path}/empty.db")
    with WebServer() as server:
        server.application = build_wsgi(build_app(house.settings, empty), house.settings, empty)
        with pytest.raises(urllib.error.HTTPError) as error:
            urllib.request.urlopen(server.url + HEALTH_PATH, timeout=5)
    with error.value as answer:
        assert answer.code == 503
        assert b"s3incident db upgrade" in answer.read()
    empty.close()


def test_no_proxy_for_this_machine(house, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.invalid:3128")
    client = web_client(house.settings)
    assert client.auth_test()["team_id"] == house.slack.workspace.team_id
    assert single_try(client).auth_test()["team_id"] == house.slack.workspace.team_id


def test_building_the_app_asks_slack_nothing_and_says_nothing(house, monkeypatch, caplog):
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-in-the-environment")
    house.slack.stop()
    build_app(house.settings, house.database)
    assert caplog.messages == []
