"""What the page reads and does, and who is kept out."""

from __future__ import annotations

import http.client
import json
import queue
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from slack_sdk import WebClient

from bot.sandbox.slack.page_api import switch_fault
from bot.sandbox.slack.person import Person
from bot.sandbox.slack.server import FakeSlack
from bot.sandbox.slack.slack_app import SlackApp
from bot.sandbox.slack.workspace import Workspace
from tests.sandbox.slack.conftest import actions, button, eventually, modal, section
from tests.sandbox.slack.test_web_api import code


def ask(slack: FakeSlack, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    """One request as a browser would make it; header names with ``_`` for ``-``."""
    connection = http.client.HTTPConnection("127.0.0.1", int(slack.page_url.split(":")[2].rstrip("/")))
    sent = {key.replace("_", "-"): value for key, value in headers.items()}
    connection.request(method, path, json.dumps(body) if body is not None else None, sent)
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    is_json = response.headers.get_content_type() == "application/json"
    return response.status, json.loads(text) if is_json else text


def state(slack: FakeSlack, user: str = "U0DANA") -> dict[str, Any]:
    status, found = ask(slack, "GET", f"/page/state?as={user}")
    assert status == 200
    return dict(found)


def do(slack: FakeSlack, user: str, **wish: Any) -> dict[str, Any]:
    status, answer = ask(slack, "POST", "/page/do", {"as": user, **wish})
    assert status == 200
    return dict(answer)


@pytest.fixture
def events(slack: FakeSlack) -> Iterator[queue.Queue[dict[str, Any]]]:
    """What an open page of Dana's hears."""
    yield from listen(slack, "U0DANA")


def listen(slack: FakeSlack, user: str) -> Iterator[queue.Queue[dict[str, Any]]]:
    heard: queue.Queue[dict[str, Any]] = queue.Queue()
    response = urllib.request.urlopen(f"{slack.page_url}page/events?as={user}", timeout=10)

    def read() -> None:
        try:
            for line in response:
                if line.startswith(b"data: "):
                    heard.put(json.loads(line.removeprefix(b"data: ")))
        except (OSError, ValueError, AttributeError):
            return

    thread = threading.Thread(target=read)
    thread.start()
    eventually(lambda: slack._feed._pages)
    yield heard
    slack.stop()
    thread.join(5)
    response.close()


class TestState:
    def test_shows_everything_a_person_may_see(
        self, slack: FakeSlack, client: WebClient, incident: str
    ) -> None:
        ts = client.chat_postMessage(channel=incident, text="card", blocks=[section()])["ts"]
        client.pins_add(channel=incident, timestamp=ts)
        client.chat_postMessage(channel=incident, text="detail", thread_ts=ts)
        client.reactions_add(channel=incident, timestamp=ts, name="eyes")
        found = state(slack)
        assert found["me"]["name"] == "dana"
        assert [one["role"] for one in found["people"][:5]] == [
            "requester",
            "approver",
            "approver",
            "guest",
            "stranger",
        ]
        assert all(one["note"] for one in found["people"][:5])
        channel = next(one for one in found["channels"] if one["name"] == "inc-0001")
        assert (channel["is_private"], channel["is_member"], channel["pinned"]) == (True, True, [ts])
        card = next(one for one in found["messages"][incident] if one["ts"] == ts)
        assert (card["text"], card["reply_count"], card["pinned"]) == ("card", 1, True)
        assert card["reactions"] == [{"name": "eyes", "users": ["U0S3INCIDENT"]}]
        assert card["blocks"][0]["type"] == "section"
        assert found["commands"][0]["name"] == "/s3incident"
        assert (found["views"], found["home"], found["outside"]) == ([], None, [])

    def test_shows_nothing_of_other_peoples_channels(self, slack: FakeSlack, incident: str) -> None:
        for user in ("U0SAM", "U0GIL", "U0STRANGER"):
            assert incident not in json.dumps(state(slack, user))

    def test_an_ephemeral_message_is_only_in_one_state(
        self, slack: FakeSlack, client: WebClient, incident: str
    ) -> None:
        client.conversations_invite(channel=incident, users="U0SAM")
        client.chat_postEphemeral(channel=incident, user="U0DANA", text="psst")
        assert [one["ephemeral"] for one in state(slack)["messages"][incident] if one["text"] == "psst"] == [
            True
        ]
        assert "psst" not in json.dumps(state(slack, "U0SAM"))

    def test_the_server_chooses_a_person_and_knows_no_strangers(self, slack: FakeSlack) -> None:
        assert ask(slack, "GET", "/page/state")[1]["me"]["name"] == "dana"
        assert ask(slack, "GET", "/page/state?as=U0NOBODY")[0] == 404

    def test_the_world_outside_is_passed_on(self) -> None:
        with FakeSlack(outside=lambda: [{"seq": 1, "actor": "attacker"}]) as slack:
            assert state(slack)["outside"] == [{"seq": 1, "actor": "attacker"}]

    def test_a_file_has_an_address_for_this_person(
        self, slack: FakeSlack, client: WebClient, incident: str
    ) -> None:
        client.files_upload_v2(channel=incident, filename="a.txt", content="hello")
        [file] = [one["files"][0] for one in state(slack)["messages"][incident] if one["files"]]
        assert (file["name"], file["size"]) == ("a.txt", 5)
        assert ask(slack, "GET", file["url"]) == (200, "hello")


class TestDo:
    def test_say_and_thread(self, slack: FakeSlack, dana: Person, security: str) -> None:
        assert do(slack, "U0DANA", kind="say", channel=security, text="hello <b>") == {"ok": True}
        said = dana.wait_for("security", "hello")
        assert said.text == "hello &lt;b&gt;"
        assert do(slack, "U0SAM", kind="say", channel=security, text="yes", thread_ts=said.ts)["ok"]
        assert dana.wait_for("security", "yes").thread_ts == said.ts

    def test_a_text_with_a_slash_is_a_command(self, slack: FakeSlack, security: str) -> None:
        answer = do(slack, "U0DANA", kind="say", channel=security, text="/s3incident open")
        assert answer == {"ok": False, "error": '/s3incident failed with the error "dispatch_failed"'}

    def test_members_invite_whom_they_like(self, slack: FakeSlack, incident: str) -> None:
        assert do(slack, "U0DANA", kind="say", channel=incident, text="/invite @gil @stella")["ok"]
        assert "inc-0001" in slack.person("stella").channels()
        answer = do(slack, "U0DANA", kind="say", channel=incident, text="/invite @nobody")
        assert answer["error"] == "There is nobody called @nobody here."
        assert do(slack, "U0GIL", kind="say", channel=incident, text="/leave")["ok"]
        assert "inc-0001" not in slack.person("gil").channels()

    def test_submit_gives_errors_by_block(self, slack: FakeSlack, client: WebClient) -> None:
        view = client.views_open(trigger_id=slack._backend.triggers.make("U0DANA"), view=modal())["view"]
        answer = do(slack, "U0DANA", kind="submit", view_id=view["id"], values={})
        assert answer == {"ok": False, "errors": {"bucket": "Please complete this required field."}}
        assert [one["id"] for one in state(slack)["views"]] == [view["id"]]
        assert do(slack, "U0DANA", kind="close_view", view_id=view["id"]) == {"ok": True}
        assert state(slack)["views"] == []

    @pytest.mark.parametrize(
        ("wish", "error"),
        [
            ({"kind": "dance"}, "invalid_arguments: unknown kind 'dance'"),
            ({"kind": "say", "channel": "C0NONE", "text": "x"}, "channel_not_found"),
            ({"kind": "say", "text": "x"}, "invalid_arguments: 'channel'"),
            ({"kind": "submit", "view_id": "V0NONE"}, "not_found"),
        ],
    )
    def test_what_is_not_possible_is_said(self, slack: FakeSlack, wish: dict[str, Any], error: str) -> None:
        assert do(slack, "U0DANA", **wish) == {"ok": False, "error": error}

    def test_who_is_not_there_or_deactivated_does_nothing(
        self, slack: FakeSlack, workspace: Workspace, security: str
    ) -> None:
        assert do(slack, "U0NOBODY", kind="say", channel=security, text="x")["error"] == "user_not_found"
        workspace.users["U0SAM"].deleted = True
        assert do(slack, "U0SAM", kind="say", channel=security, text="x")["error"] == "account_inactive"

    def test_the_page_cannot_click_what_is_gone(
        self, slack: FakeSlack, client: WebClient, incident: str
    ) -> None:
        ts = client.chat_postMessage(channel=incident, text="card", blocks=[actions(button())])["ts"]
        client.chat_update(channel=incident, ts=ts, text="card", blocks=[])
        wish = {"channel": incident, "ts": ts, "block_id": "decide", "action_id": "approve", "late": True}
        assert "not there any more" in do(slack, "U0DANA", kind="action", **wish)["error"]

    @pytest.mark.parametrize("body", [b"{", b"[]"])
    def test_a_broken_body_is_a_bad_request(self, slack: FakeSlack, body: bytes) -> None:
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{slack.page_url}page/do", body, timeout=5)
        refused.value.close()
        assert refused.value.code == 400


class TestEvents:
    def test_follow_a_message_through_its_life(
        self, client: WebClient, incident: str, events: queue.Queue[dict[str, Any]]
    ) -> None:
        ts = client.chat_postMessage(channel=incident, text="one")["ts"]
        client.chat_update(channel=incident, ts=ts, text="two")
        client.chat_delete(channel=incident, ts=ts)
        posted, edited, deleted = (events.get(timeout=5) for _ in range(3))
        assert (posted["type"], posted["message"]["text"]) == ("message", "one")
        assert (edited["type"], edited["message"]["text"], edited["message"]["edited"]) == (
            "message_changed",
            "two",
            True,
        )
        assert deleted == {"type": "message_deleted", "channel": incident, "ts": ts}

    def test_a_reply_changes_its_root_too(
        self, client: WebClient, incident: str, events: queue.Queue[dict[str, Any]]
    ) -> None:
        ts = client.chat_postMessage(channel=incident, text="root")["ts"]
        client.chat_postMessage(channel=incident, text="reply", thread_ts=ts)
        heard = [events.get(timeout=5) for _ in range(3)]
        assert [one["type"] for one in heard] == ["message", "message", "message_changed"]
        assert heard[2]["message"]["reply_count"] == 1

    def test_an_invited_person_gets_the_channel_with_its_messages(
        self, slack: FakeSlack, client: WebClient, incident: str
    ) -> None:
        client.chat_postMessage(channel=incident, text="before you came")
        for heard in listen(slack, "U0SAM"):
            client.conversations_invite(channel=incident, users="U0SAM")
            event = heard.get(timeout=5)
            assert (event["type"], event["channel"]["name"]) == ("channel", "inc-0001")
            assert "before you came" in [one["text"] for one in event["messages"]]

    def test_views_home_and_outside(
        self, slack: FakeSlack, client: WebClient, events: queue.Queue[dict[str, Any]]
    ) -> None:
        make = slack._backend.triggers.make
        client.views_open(trigger_id=make("U0SAM"), view=modal())
        view = client.views_open(trigger_id=make("U0DANA"), view=modal())["view"]
        client.views_update(view_id=view["id"], view=modal(section(), submit=None))
        slack.person("dana").close(slack.person("dana").modal())
        client.views_publish(user_id="U0DANA", view={"type": "home", "blocks": [section()]})
        slack.publish_outside({"seq": 7, "allowed": False})
        heard = [events.get(timeout=5) for _ in range(5)]
        assert [one["type"] for one in heard] == [
            "view_opened",
            "view_updated",
            "view_closed",
            "home",
            "outside",
        ]
        assert heard[0]["view"]["id"] == view["id"]
        assert heard[4]["item"] == {"seq": 7, "allowed": False}

    def test_what_is_none_of_ones_business_is_not_heard(
        self, client: WebClient, workspace: Workspace, events: queue.Queue[dict[str, Any]]
    ) -> None:
        secret = client.conversations_create(name="secret", is_private=True)["channel"]["id"]
        client.chat_postMessage(channel=secret, text="psst")
        client.chat_postMessage(channel="#general", text="hello all")
        assert events.get(timeout=5)["message"]["text"] == "hello all"


class TestFiles:
    def test_the_page_comes_with_a_strict_policy(self, slack: FakeSlack) -> None:
        with urllib.request.urlopen(slack.page_url, timeout=5) as response:
            assert b"<html" in response.read()
            policy = response.headers["Content-Security-Policy"]
            assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert policy == "default-src 'self'; style-src 'self'; img-src 'self' data:"

    def test_modules_come_as_javascript(self, slack: FakeSlack) -> None:
        with urllib.request.urlopen(f"{slack.page_url}static/app.js", timeout=5) as response:
            assert response.headers.get_content_type() == "text/javascript"

    @pytest.mark.parametrize(
        "path",
        [
            "/static/__init__.py",
            "/static/../slack/server.py",
            "/static/%2e%2e/slack/server.py",
            "/static/a.js",
            "/static//etc/passwd",
        ],
    )
    def test_nothing_else_is_served(self, slack: FakeSlack, path: str) -> None:
        assert ask(slack, "GET", path)[0] == 404


class TestGuard:
    @pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "[::1"])
    def test_foreign_hosts_are_refused(self, slack: FakeSlack, host: str) -> None:
        assert ask(slack, "GET", "/page/state?as=U0DANA", Host=host)[0] == 403

    def test_localhost_is_welcome(self, slack: FakeSlack) -> None:
        port = slack.page_url.split(":")[2].rstrip("/")
        assert ask(slack, "GET", "/page/state?as=U0DANA", Host=f"localhost:{port}")[0] == 200

    @pytest.mark.parametrize(
        "origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://localhost"]
    )
    @pytest.mark.parametrize("path", ["/page/do", "/page/faults", "/api/auth.test"])
    def test_other_origins_are_refused(self, slack: FakeSlack, origin: str, path: str) -> None:
        assert ask(slack, "POST", path, {}, Origin=origin)[0] == 403

    def test_the_pages_own_origin_is_welcome(self, slack: FakeSlack, security: str) -> None:
        wish = {"as": "U0DANA", "kind": "say", "channel": security, "text": "hi"}
        assert ask(slack, "POST", "/page/do", wish, Origin=slack.page_url.rstrip("/"))[1] == {"ok": True}


class TestFaultSwitches:
    def test_are_on_the_page_too(self, slack: FakeSlack, client: WebClient) -> None:
        wish = {"fault": "rate_limit", "method": "auth.test", "retry_after": 3}
        assert ask(slack, "POST", "/page/faults", wish) == (200, {"ok": True})
        assert code(client.auth_test) == "ratelimited"
        assert client.auth_test()["ok"]

    def test_say_what_they_do_not_know(self, slack: FakeSlack) -> None:
        status, answer = ask(slack, "POST", "/page/faults", {"fault": "_plan"})
        assert (status, answer["ok"]) == (400, False)
        assert "unknown fault '_plan'" in answer["error"]
        assert ask(slack, "POST", "/page/faults", {"fault": "lose_ack", "colour": 1})[0] == 400
        with pytest.raises(ValueError, match="unknown fault"):
            switch_fault(slack.faults, {})


def test_shortcuts_of_the_manifest_are_on_the_page() -> None:
    manifest = {
        "display_information": {"name": "s3incident"},
        "features": {
            "shortcuts": [
                {"name": "Open an incident", "type": "global", "callback_id": "open"},
                {"name": "Add to timeline", "type": "message", "callback_id": "note"},
            ]
        },
    }
    with FakeSlack(Workspace(SlackApp.from_manifest(manifest))) as slack:
        assert [(one["callback_id"], one["type"]) for one in state(slack)["shortcuts"]] == [
            ("open", "global"),
            ("note", "message"),
        ]
        assert "unknown_shortcut" in str(slack.person("dana").shortcut("note").error)
        assert "dispatch_failed" in str(slack.person("dana").shortcut("open").error)
