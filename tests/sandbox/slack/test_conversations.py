"""Channels: making them, who is in them, who may know of them, what was said in them."""

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk import WebClient

from bot.sandbox.slack.person import Person
from bot.sandbox.slack.server import FakeSlack
from bot.sandbox.slack.workspace import Workspace
from tests.sandbox.slack.test_web_api import code


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("", "invalid_name_required"),
        ("x" * 81, "invalid_name_maxlength"),
        ("---", "invalid_name_punctuation"),
        ("Inc-1", "invalid_name_specials"),
        ("inc 1", "invalid_name_specials"),
        ("inc.1", "invalid_name_specials"),
        ("general", "name_taken"),
    ],
)
def test_names_keep_slacks_rules(client: WebClient, name: str, error: str) -> None:
    assert code(client.conversations_create, name=name) == error


def test_a_name_stays_taken_by_a_private_and_by_an_archived_channel(client: WebClient, incident: str) -> None:
    assert code(client.conversations_create, name="inc-0001") == "name_taken"
    client.conversations_archive(channel=incident)
    assert code(client.conversations_create, name="inc-0001") == "name_taken"


def test_a_private_channel_is_visible_only_to_its_members(
    slack: FakeSlack, client: WebClient, incident: str, dana: Person, sam: Person
) -> None:
    assert "inc-0001" in dana.channels()
    assert "inc-0001" not in sam.channels()
    assert sam.see("inc-0001") == []
    assert sam.command("security", "/s3incident open").error is not None
    client.conversations_invite(channel=incident, users="U0SAM")
    assert "inc-0001" in sam.channels()


def test_guests_and_strangers_see_only_where_they_are(slack: FakeSlack) -> None:
    assert slack.person("gil").channels() == ["general"]
    assert slack.person("stella").channels() == ["partners"]
    assert set(slack.person("dana").channels()) == {"general", "security", "partners"}


def test_the_bot_knows_nothing_of_private_channels_it_is_not_in(
    slack: FakeSlack, client: WebClient, workspace: Workspace
) -> None:
    secret = workspace.add_channel("secret", "U0SAM", members=["U0SAM"], is_private=True).id
    for call in (client.conversations_info, client.conversations_history, client.conversations_members):
        assert code(call, channel=secret) == "channel_not_found"
    assert code(client.chat_postMessage, channel=secret, text="x") == "channel_not_found"
    assert secret not in [one["id"] for one in client.conversations_list(types="private_channel")["channels"]]


def test_a_public_channel_is_known_but_not_readable_from_outside(client: WebClient, security: str) -> None:
    assert client.conversations_info(channel=security)["channel"]["is_member"] is False
    assert code(client.conversations_history, channel=security) == "not_in_channel"
    assert client.conversations_join(channel=security)["channel"]["is_member"] is True
    assert client.conversations_history(channel=security)["ok"]


class TestInvite:
    def test_brings_people_in_and_says_so(self, client: WebClient, incident: str, dana: Person) -> None:
        client.conversations_invite(channel=incident, users=["U0SAM", "U0ANA"])
        members = client.conversations_members(channel=incident)["members"]
        assert members == ["U0S3INCIDENT", "U0DANA", "U0SAM", "U0ANA"]
        assert dana.wait_for("inc-0001", "<@U0ANA> has joined").subtype == "channel_join"

    @pytest.mark.parametrize(
        ("user", "error"),
        [
            ("U0NOBODY", "user_not_found"),
            ("U0S3INCIDENT", "cant_invite_self"),
            ("U0DANA", "already_in_channel"),
            ("U0STRANGER", "restricted_action"),
            ("", "no_user"),
        ],
    )
    def test_says_why_not(self, client: WebClient, incident: str, user: str, error: str) -> None:
        assert code(client.conversations_invite, channel=incident, users=user) == error

    def test_one_who_cannot_be_invited_stops_all_unless_forced(
        self, client: WebClient, incident: str
    ) -> None:
        assert code(client.conversations_invite, channel=incident, users="U0SAM,U0NOBODY") == "user_not_found"
        assert "U0SAM" not in client.conversations_members(channel=incident)["members"]
        answer = client.conversations_invite(channel=incident, users="U0SAM,U0NOBODY", force=True)
        assert answer["errors"] == [{"user": "U0NOBODY", "ok": False, "error": "user_not_found"}]
        assert "U0SAM" in client.conversations_members(channel=incident)["members"]

    def test_deactivated_people_stay_out(
        self, client: WebClient, workspace: Workspace, incident: str
    ) -> None:
        workspace.users["U0ANA"].deleted = True
        assert code(client.conversations_invite, channel=incident, users="U0ANA") == "cant_invite"

    def test_kick(self, client: WebClient, incident: str, dana: Person) -> None:
        client.conversations_kick(channel=incident, user="U0DANA")
        assert dana.see("inc-0001") == []
        assert code(client.conversations_kick, channel=incident, user="U0DANA") == "not_in_channel"
        assert code(client.conversations_kick, channel=incident, user="U0S3INCIDENT") == "cant_kick_self"


def test_topic_and_purpose(client: WebClient, incident: str) -> None:
    client.conversations_setTopic(channel=incident, topic="SEV1")
    client.conversations_setPurpose(channel=incident, purpose="acme-payroll")
    found = client.conversations_info(channel=incident)["channel"]
    assert (found["topic"]["value"], found["purpose"]["value"]) == ("SEV1", "acme-payroll")
    assert code(client.conversations_setTopic, channel=incident, topic="t" * 251) == "too_long"


def test_an_archived_channel_takes_nothing_more(client: WebClient, incident: str, dana: Person) -> None:
    posted = client.chat_postMessage(channel=incident, text="before")
    client.conversations_archive(channel=incident)
    assert code(client.chat_postMessage, channel=incident, text="after") == "is_archived"
    assert code(client.chat_update, channel=incident, ts=posted["ts"], text="after") == "is_archived"
    assert code(client.conversations_archive, channel=incident) == "already_archived"
    with pytest.raises(AssertionError, match="archived"):
        dana.say("inc-0001", "hello?")
    listed = client.conversations_list(types="private_channel", exclude_archived=True)["channels"]
    assert incident not in [one["id"] for one in listed]


class TestHistory:
    @pytest.fixture
    def posted(self, client: WebClient, incident: str) -> list[str]:
        return [client.chat_postMessage(channel=incident, text=f"m{index}")["ts"] for index in range(5)]

    def texts(self, answer: Any) -> list[str]:
        return [one["text"] for one in answer["messages"]]

    def test_newest_first_in_pages(self, client: WebClient, incident: str, posted: list[str]) -> None:
        first = client.conversations_history(channel=incident, limit=2)
        assert (self.texts(first), first["has_more"]) == (["m4", "m3"], True)
        second = client.conversations_history(
            channel=incident, limit=2, cursor=first["response_metadata"]["next_cursor"]
        )
        assert self.texts(second) == ["m2", "m1"]

    def test_between_two_moments(self, client: WebClient, incident: str, posted: list[str]) -> None:
        window = {"channel": incident, "oldest": posted[1], "latest": posted[3]}
        assert self.texts(client.conversations_history(**window)) == ["m2"]
        assert self.texts(client.conversations_history(**window, inclusive=True)) == ["m3", "m2", "m1"]

    def test_replies_are_in_the_thread_only(
        self, client: WebClient, incident: str, posted: list[str]
    ) -> None:
        reply = client.chat_postMessage(channel=incident, text="reply", thread_ts=posted[0])
        assert "reply" not in self.texts(client.conversations_history(channel=incident))
        thread = client.conversations_replies(channel=incident, ts=posted[0])["messages"]
        assert [one["text"] for one in thread] == ["m0", "reply"]
        assert (thread[0]["reply_count"], thread[0]["latest_reply"]) == (1, reply["ts"])
        assert thread[1]["thread_ts"] == posted[0]
        assert code(client.conversations_replies, channel=incident, ts="1.1") == "thread_not_found"

    def test_timestamps_are_unique_and_rise(self, posted: list[str]) -> None:
        assert posted == sorted(set(posted))

    def test_ephemeral_messages_are_in_no_history(
        self, client: WebClient, incident: str, dana: Person
    ) -> None:
        client.chat_postEphemeral(channel=incident, user="U0DANA", text="only you")
        assert "only you" not in self.texts(client.conversations_history(channel=incident))
        assert dana.wait_for("inc-0001", "only you").only_for == "U0DANA"


def test_lists_by_type_and_by_person(client: WebClient, incident: str) -> None:
    public = [one["name"] for one in client.conversations_list()["channels"]]
    assert public == ["general", "security", "partners"]
    private = [one["name"] for one in client.conversations_list(types="private_channel")["channels"]]
    assert private == ["inc-0001"]
    of_gil = client.users_conversations(user="U0GIL", types="public_channel,private_channel")["channels"]
    assert [one["name"] for one in of_gil] == ["general"]


def test_a_user_id_means_the_direct_conversation(client: WebClient, slack: FakeSlack) -> None:
    direct = client.conversations_open(users="U0SAM")["channel"]["id"]
    assert client.chat_postMessage(channel="U0SAM", text="to you")["channel"] == direct
    assert client.conversations_info(channel=direct)["channel"]["user"] == "U0SAM"
    assert [one.text for one in slack.person("sam").see(direct)] == ["to you"]
    assert slack.person("dana").see(direct) == []
