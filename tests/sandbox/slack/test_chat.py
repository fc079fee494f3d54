"""Posting, editing and deleting messages."""

from __future__ import annotations

import pytest
from slack_sdk import WebClient

from bot.sandbox.slack.person import Person
from tests.sandbox.slack.conftest import actions, button, section
from tests.sandbox.slack.test_web_api import code


def test_a_message_is_kept_as_slack_keeps_it(client: WebClient, incident: str) -> None:
    posted = client.chat_postMessage(channel=incident, text="a & b &lt;c&gt;", blocks=[section()])
    message = posted["message"]
    assert message["text"] == "a &amp; b &lt;c&gt;"
    assert message["blocks"][0]["block_id"]
    assert (message["bot_id"], message["app_id"]) == ("B0S3INCIDENT", "A0S3INCIDENT")
    [found] = [
        one for one in client.conversations_history(channel=incident)["messages"] if one["ts"] == posted["ts"]
    ]
    assert found["blocks"] == message["blocks"]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({}, "no_text"),
        ({"text": ""}, "no_text"),
        ({"text": "x" * 40_001}, "msg_too_long"),
        ({"text": "x", "blocks": [section("")]}, "invalid_blocks"),
        ({"text": "x", "blocks": "nonsense"}, "invalid_blocks_format"),
        ({"text": "x", "blocks": '["divider"]'}, "invalid_blocks_format"),
        ({"text": "x", "blocks": [section("x" * 3000)] * 5}, "msg_blocks_too_long"),
        ({"text": "x", "thread_ts": "1.1"}, "thread_not_found"),
        ({"text": "x", "metadata": '{"event_type": 1}'}, "invalid_metadata_format"),
    ],
)
def test_says_what_is_wrong_with_a_message(
    client: WebClient, incident: str, arguments: dict[str, object], error: str
) -> None:
    assert code(client.api_call, "chat.postMessage", json={"channel": incident, **arguments}) == error


def test_metadata_comes_back_only_when_asked_for(client: WebClient, incident: str) -> None:
    metadata = {"event_type": "outbox", "event_payload": {"key": "card-1"}}
    ts = client.chat_postMessage(channel=incident, text="x", metadata=metadata)["ts"]
    [plain, *_] = client.conversations_history(channel=incident)["messages"]
    assert "metadata" not in plain
    client.chat_update(channel=incident, ts=ts, text="y")
    [full, *_] = client.conversations_history(channel=incident, include_all_metadata=True)["messages"]
    assert (full["text"], full["metadata"]) == ("y", metadata)


class TestUpdate:
    def test_replaces_text_and_blocks(self, client: WebClient, incident: str, dana: Person) -> None:
        ts = client.chat_postMessage(channel=incident, text="x", blocks=[actions(button())])["ts"]
        client.chat_update(channel=incident, ts=ts, text="done", blocks=[section("done")])
        seen = dana.wait_for("inc-0001", "done")
        assert (seen.text, seen.blocks[0]["type"], seen.edited_by) == ("done", "section", "U0S3INCIDENT")

    def test_keeps_blocks_that_are_not_sent_and_drops_them_for_an_empty_list(
        self, client: WebClient, incident: str
    ) -> None:
        ts = client.chat_postMessage(channel=incident, text="x", blocks=[section()])["ts"]
        assert "blocks" in client.chat_update(channel=incident, ts=ts, text="y")["message"]
        assert "blocks" not in client.chat_update(channel=incident, ts=ts, text="z", blocks=[])["message"]

    def test_refuses_what_slack_refuses(self, client: WebClient, incident: str, dana: Person) -> None:
        ts = client.chat_postMessage(channel=incident, text="x")["ts"]
        theirs = dana.say("inc-0001", "mine").ts
        ephemeral = client.chat_postEphemeral(channel=incident, user="U0DANA", text="e")["message_ts"]
        assert code(client.chat_update, channel=incident, ts=ts, text="x" * 4_001) == "msg_too_long"
        assert code(client.chat_update, channel=incident, ts=theirs, text="y") == "cant_update_message"
        assert code(client.chat_update, channel=incident, ts=ephemeral, text="y") == "message_not_found"
        assert code(client.chat_update, channel=incident, ts="1.1", text="y") == "message_not_found"


def test_delete_only_ones_own(client: WebClient, incident: str, dana: Person) -> None:
    ts = client.chat_postMessage(channel=incident, text="x")["ts"]
    theirs = dana.say("inc-0001", "mine").ts
    client.chat_delete(channel=incident, ts=ts)
    assert ts not in [one.ts for one in dana.see("inc-0001")]
    assert code(client.chat_delete, channel=incident, ts=ts) == "message_not_found"
    assert code(client.chat_delete, channel=incident, ts=theirs) == "cant_delete_message"


def test_an_ephemeral_message_needs_somebody_in_the_channel(
    client: WebClient, incident: str, dana: Person, sam: Person
) -> None:
    assert code(client.chat_postEphemeral, channel=incident, user="U0SAM", text="x") == "user_not_in_channel"
    client.conversations_invite(channel=incident, users="U0SAM")
    client.chat_postEphemeral(channel=incident, user="U0SAM", text="psst")
    assert sam.wait_for("inc-0001", "psst").only_for == "U0SAM"
    assert not [one for one in dana.see("inc-0001") if one.text == "psst"]


def test_permalink(client: WebClient, incident: str) -> None:
    ts = client.chat_postMessage(channel=incident, text="x")["ts"]
    link = client.chat_getPermalink(channel=incident, message_ts=ts)["permalink"]
    assert link.endswith(f"/archives/{incident}/p{ts.replace('.', '')}")


def test_pins_bookmarks_and_reactions(client: WebClient, incident: str, dana: Person) -> None:
    ts = client.chat_postMessage(channel=incident, text="card")["ts"]
    client.pins_add(channel=incident, timestamp=ts)
    assert code(client.pins_add, channel=incident, timestamp=ts) == "already_pinned"
    assert [one["message"]["ts"] for one in client.pins_list(channel=incident)["items"]] == [ts]
    client.pins_remove(channel=incident, timestamp=ts)
    assert code(client.pins_remove, channel=incident, timestamp=ts) == "no_pin"
    client.bookmarks_add(channel_id=incident, title="Report", type="link", link="https://example.com/r")
    assert [one["title"] for one in client.bookmarks_list(channel_id=incident)["bookmarks"]] == ["Report"]
    assert (
        code(client.bookmarks_add, channel_id=incident, title="R", type="link", link="javascript:alert(1)")
        == "invalid_link"
    )
    client.reactions_add(channel=incident, timestamp=ts, name="eyes")
    assert dana.wait_for("inc-0001", "card").reactions == {"eyes": ["U0S3INCIDENT"]}
    assert code(client.reactions_add, channel=incident, timestamp=ts, name="eyes") == "already_reacted"
    assert code(client.reactions_add, channel=incident, timestamp=ts, name="no such!") == "invalid_name"
