"""The frame of the Web API: encodings, tokens, scopes, errors."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.sandbox.slack.server import FakeSlack
from bot.sandbox.slack.slack_app import ALL_SCOPES, SlackApp
from bot.sandbox.slack.workspace import Workspace
from tests.sandbox.slack.conftest import section


def code(call: Any, *args: Any, **kwargs: Any) -> str:
    """The error code that a call is refused with."""
    with pytest.raises(SlackApiError) as refused:
        call(*args, **kwargs)
    return str(refused.value.response["error"])


def post(url: str, body: bytes, **headers: str) -> dict[str, Any]:
    request = urllib.request.Request(url, body, headers)
    with urllib.request.urlopen(request, timeout=5) as response:
        found: dict[str, Any] = json.load(response)
        return found


def test_auth_test_tells_who_the_bot_is_and_its_scopes(client: WebClient) -> None:
    answer = client.auth_test()
    assert (answer["user_id"], answer["bot_id"], answer["team_id"]) == (
        "U0S3INCIDENT",
        "B0S3INCIDENT",
        "T0SANDBOX",
    )
    assert set(answer.headers["X-OAuth-Scopes"].split(",")) == ALL_SCOPES


@pytest.mark.parametrize(("token", "error"), [(None, "not_authed"), ("xoxb-wrong", "invalid_auth")])
def test_wants_a_token_that_it_knows(slack: FakeSlack, token: str | None, error: str) -> None:
    assert code(WebClient(token=token, base_url=slack.api_url).auth_test) == error


def test_each_token_has_its_methods(slack: FakeSlack, client: WebClient) -> None:
    assert code(client.api_call, "apps.connections.open") == "not_allowed_token_type"
    by_app = WebClient(token=slack.app_token, base_url=slack.api_url)
    assert code(by_app.chat_postMessage, channel="C1", text="x") == "not_allowed_token_type"
    assert by_app.api_call("apps.connections.open")["url"].startswith("ws://127.0.0.1:")


def test_unknown_methods_are_named_so(client: WebClient) -> None:
    assert code(client.api_call, "chat.shout") == "unknown_method"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"channel": "CHANNEL", "text": "a", "blocks": [{"type": "divider"}]}', "application/json"),
        (
            b"channel=CHANNEL&text=a&blocks=%5B%7B%22type%22%3A%22divider%22%7D%5D",
            "application/x-www-form-urlencoded",
        ),
    ],
)
def test_reads_forms_and_json(slack: FakeSlack, incident: str, body: bytes, kind: str) -> None:
    answer = post(
        f"{slack.api_url}chat.postMessage",
        body.replace(b"CHANNEL", incident.encode()),
        **{"Content-Type": kind, "Authorization": f"Bearer {slack.bot_token}"},
    )
    assert answer["ok"]
    assert answer["message"]["blocks"][0]["type"] == "divider"


def test_takes_the_token_from_the_body_and_the_query(slack: FakeSlack) -> None:
    form = urllib.parse.urlencode({"token": slack.bot_token}).encode()
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert post(f"{slack.api_url}auth.test", form, **kind)["ok"]
    assert post(f"{slack.api_url}auth.test?token={slack.bot_token}", b"", **kind)["ok"]


@pytest.mark.parametrize(("body", "error"), [(b"{", "invalid_json"), (b"[]", "json_not_object")])
def test_broken_json_is_named_so(slack: FakeSlack, body: bytes, error: str) -> None:
    answer = post(f"{slack.api_url}auth.test", body, **{"Content-Type": "application/json"})
    assert answer == {"ok": False, "error": error}


class TestScopes:
    @pytest.fixture
    def poor(self) -> Iterator[WebClient]:
        """An app that may only post, with a private channel it is in."""
        workspace = Workspace(SlackApp(scopes=frozenset({"chat:write"})))
        workspace.add_channel("inc-1", "U0DANA", members=["U0DANA", workspace.bot_user], is_private=True)
        with FakeSlack(workspace) as slack:
            client = WebClient(token=slack.bot_token, base_url=slack.api_url)
            client.inc = workspace.channel_named("inc-1").id  # type: ignore[attr-defined]
            yield client

    def test_says_what_is_needed_and_what_is_there(self, poor: WebClient) -> None:
        with pytest.raises(SlackApiError) as refused:
            poor.users_info(user="U0DANA")
        answer = refused.value.response
        assert (answer["error"], answer["needed"], answer["provided"]) == (
            "missing_scope",
            "users:read",
            "chat:write",
        )

    def test_each_kind_of_channel_has_its_scope(self, poor: WebClient) -> None:
        inc = poor.inc  # type: ignore[attr-defined]
        assert poor.chat_postMessage(channel=inc, text="x")["ok"]
        for call, needed in [
            (lambda: poor.conversations_history(channel=inc), "groups:history"),
            (lambda: poor.conversations_members(channel=inc), "groups:read"),
            (lambda: poor.conversations_create(name="a", is_private=True), "groups:write"),
            (lambda: poor.conversations_create(name="a"), "channels:manage"),
            (lambda: poor.conversations_setTopic(channel=inc, topic="t"), "groups:write,groups:write.topic"),
            (poor.conversations_list, "channels:read"),
            (lambda: poor.chat_postMessage(channel=inc, text="x", username="Me"), "chat:write.customize"),
            (lambda: poor.pins_add(channel=inc, timestamp="1.1"), "pins:write"),
            (lambda: poor.files_getUploadURLExternal(filename="a", length=1), "files:write"),
        ]:
            with pytest.raises(SlackApiError) as refused:
                call()
            assert (refused.value.response["error"], refused.value.response["needed"]) == (
                "missing_scope",
                needed,
            )

    def test_public_channels_need_membership_without_write_public(self, poor: WebClient) -> None:
        assert code(poor.chat_postMessage, channel="#security", text="x") == "not_in_channel"


def test_refusals_are_kept_for_those_who_ask(slack: FakeSlack, client: WebClient, incident: str) -> None:
    assert slack.refusals == []
    assert code(client.chat_postMessage, channel=incident, text="x", blocks=[section("")]) == "invalid_blocks"
    [refusal] = slack.refusals
    assert (refusal.method, refusal.code) == ("chat.postMessage", "invalid_blocks")
    assert refusal.messages == ("[ERROR] must be more than 0 characters [json-pointer:/blocks/0/text/text]",)


class TestTeam:
    def test_users_carry_what_decides_about_approvals(self, client: WebClient) -> None:
        gil = client.users_info(user="U0GIL")["user"]
        stella = client.users_info(user="U0STRANGER")["user"]
        assert (gil["is_restricted"], gil["is_stranger"], gil["deleted"]) == (True, False, False)
        assert (stella["is_stranger"], stella["team_id"]) == (True, "T0ELSEWHERE")
        assert client.users_info(user="U0DANA")["user"]["tz"] == "Europe/Amsterdam"
        assert code(client.users_info, user="U0NOBODY") == "user_not_found"

    def test_lists_come_in_pages(self, client: WebClient) -> None:
        seen: list[str] = []
        for answer in client.users_list(limit=2):
            assert len(answer["members"]) <= 2
            seen += [one["name"] for one in answer["members"]]
        assert {"dana", "sam", "ana", "gil", "stella", "s3incident"} <= set(seen)
        assert len(seen) == len(set(seen))
        assert code(client.users_list, cursor="nonsense") == "invalid_cursor"

    def test_the_approvers_are_a_user_group(self, client: WebClient, workspace: Workspace) -> None:
        [group] = client.usergroups_list(include_users=True)["usergroups"]
        assert (group["id"], group["handle"], group["users"]) == (
            "S0APPROVE",
            "s3-approvers",
            ["U0SAM", "U0ANA"],
        )
        workspace.users["U0ANA"].deleted = True
        assert client.usergroups_users_list(usergroup="S0APPROVE")["users"] == ["U0SAM"]
        assert code(client.usergroups_users_list, usergroup="S0NONE") == "no_such_subteam"

    def test_team_and_bot(self, client: WebClient) -> None:
        assert client.team_info()["team"]["id"] == "T0SANDBOX"
        assert client.bots_info(bot="B0S3INCIDENT")["bot"]["user_id"] == "U0S3INCIDENT"


def test_blocks_validate_takes_exactly_one_thing(client: WebClient) -> None:
    assert client.blocks_validate(blocks=[section()])["ok"]
    assert client.blocks_validate(message={"blocks": [section()]})["ok"]
    assert code(client.blocks_validate, blocks=[section("")]) == "invalid_blocks"
    assert code(client.blocks_validate, view={"type": "modal", "blocks": []}) == "invalid_blocks"
    assert code(client.blocks_validate) == "invalid_arguments"
    assert code(client.blocks_validate, blocks=[section()], message={"blocks": []}) == "invalid_arguments"
