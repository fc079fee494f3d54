"""The state of the workspace, the app's manifest, typed text, and transcripts."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.responders import Stage
from bot.sandbox.slack.reading import transcript, words
from bot.sandbox.slack.records import Change
from bot.sandbox.slack.slack_app import ALL_SCOPES, Command, SlackApp
from bot.sandbox.slack.typed_text import escape, rich_text, stored, unescape, with_names
from bot.sandbox.slack.workspace import Workspace
from tests.sandbox.slack.conftest import Clock, actions, button, section

MANIFEST = {
    "display_information": {"name": "S3 Incident"},
    "features": {
        "slash_commands": [{"command": "/s3incident", "usage_hint": "open", "should_escape": True}],
        "shortcuts": [{"name": "Note", "type": "message", "callback_id": "note"}],
    },
    "oauth_config": {"scopes": {"bot": ["chat:write", "commands"]}},
    "settings": {"event_subscriptions": {"bot_events": ["app_home_opened"]}},
}


class TestManifest:
    def test_gives_the_app_exactly_what_it_says(self) -> None:
        app = SlackApp.from_manifest(MANIFEST)
        assert app.scopes == {"chat:write", "commands"}
        assert app.events == {"app_home_opened"}
        assert app.command("/s3incident") == Command("/s3incident", "open", "", should_escape=True)
        assert app.command("/other") is None
        assert app.has_shortcut("note", on_message=True)
        assert not app.has_shortcut("note", on_message=False)

    def test_an_app_without_one_may_do_everything(self) -> None:
        assert SlackApp().scopes == ALL_SCOPES
        assert SlackApp().has_shortcut("anything", on_message=False)

    def test_the_bot_bears_its_name(self) -> None:
        workspace = Workspace(SlackApp.from_manifest(MANIFEST))
        assert workspace.users[workspace.bot_user].name == "S3 Incident"


class TestWorkspace:
    def test_starts_the_same_way_for_the_same_seed(self) -> None:
        one, same, other = Workspace(seed=7), Workspace(seed=7), Workspace(seed=8)
        assert list(one.channels) == list(same.channels) != list(other.channels)

    def test_timestamps_follow_the_clock_and_never_repeat(self, clock: Clock) -> None:
        clock.step = 0.0
        workspace = Workspace(clock=clock)
        stamps = [workspace.new_ts() for _ in range(100)]
        assert stamps == sorted(set(stamps))
        assert all(re.fullmatch(r"1790000000\.\d{6}", one) for one in stamps)
        clock.now -= 3600
        assert workspace.new_ts() > stamps[-1]

    def test_elements_get_the_ids_they_lack(self, workspace: Workspace) -> None:
        bare = {"type": "button", "text": {"type": "plain_text", "text": "x"}}
        message = workspace.post(
            workspace.channel_named("general"),
            workspace.bot_user,
            "x",
            blocks=[{"type": "actions", "elements": [bare, dict(bare)]}, {**section(), "accessory": bare}],
        )
        first, second = (one["action_id"] for one in message.blocks[0]["elements"])
        assert first != second
        assert message.blocks[1]["accessory"]["action_id"]
        assert len({one["block_id"] for one in message.blocks}) == 2

    def test_a_deleted_message_is_unpinned(self, workspace: Workspace) -> None:
        channel = workspace.channel_named("general")
        message = workspace.post(channel, "U0DANA", "x")
        channel.pinned.append(message.ts)
        workspace.delete(message)
        assert channel.pinned == []

    def test_changes_are_announced_after_they_are_in_place(self, workspace: Workspace) -> None:
        channel = workspace.channel_named("security")
        seen: list[bool] = []

        def observe(change: Change) -> None:
            if change.kind == "member_joined":
                seen.append("U0GIL" in channel.members)
            if change.kind == "message" and change.message:
                seen.append(change.message.ts in workspace.messages[channel.id])

        workspace.observers.append(observe)
        workspace.join(channel, "U0GIL")
        assert seen == [True, True]

    def test_names_who_and_what_is_there(self, workspace: Workspace) -> None:
        with pytest.raises(KeyError, match="dana"):
            workspace.person("nobody")
        with pytest.raises(KeyError, match="general"):
            workspace.channel_named("nowhere")


class TestTypedText:
    def test_names_become_ids(self, workspace: Workspace) -> None:
        general = workspace.channel_named("general").id
        typed = "hi @sam, see #general & <this>; not @nobody or a@b.com"
        kept = stored(workspace, typed)
        assert kept == f"hi <@U0SAM>, see <#{general}|general> &amp; &lt;this&gt;; not @nobody or a@b.com"
        [part] = rich_text(kept, "b")["elements"]
        assert part["elements"] == [
            {"type": "text", "text": "hi "},
            {"type": "user", "user_id": "U0SAM"},
            {"type": "text", "text": ", see "},
            {"type": "channel", "channel_id": general},
            {"type": "text", "text": " & <this>; not @nobody or a@b.com"},
        ]
        assert with_names(workspace, "for <@U0SAM>") == "for <@U0SAM|sam>"

    @given(st.text())
    def test_escaping_can_be_undone_and_leaves_no_markup(self, text: str) -> None:
        assert unescape(escape(text)) == text
        assert "<" not in escape(text)
        assert ">" not in escape(text)

    @given(st.text(alphabet=st.characters(exclude_characters="@#"), min_size=1))
    def test_a_typed_text_is_shown_as_it_was_typed(self, text: str) -> None:
        [part] = rich_text(stored(Workspace(), text), "b")["elements"]
        assert part["elements"] == [{"type": "text", "text": text}]


class TestReading:
    def test_what_is_ticked_beforehand_is_read_once(self) -> None:
        option = {"text": {"type": "plain_text", "text": "Approve plan 6"}, "value": "6"}
        boxes = {"type": "checkboxes", "options": [option], "initial_options": [option]}
        assert words([actions(boxes)]) == "Approve plan 6"

    def test_a_terminal_keeps_the_indentation_of_a_diff(self) -> None:
        said: list[str] = []
        stage = Stage(SimpleNamespace(slack=SimpleNamespace(workspace=Workspace())), said.append, *("",) * 3)  # type: ignore[arg-type]
        stage.told("payroll-reports", '-     "Status": "Active"\n' + "x" * 200)
        assert [one.partition(" | ")[2] for one in said] == ['-     "Status": "Active"', "x" * 138 + " …"]
        assert "payroll-reports | " in said[0]

    def test_words_are_all_that_can_be_read(self) -> None:
        confirm = {"title": {"type": "plain_text", "text": "hidden until clicked"}}
        read = words([section("Contain *acme*?"), actions(button(confirm=confirm))])
        assert read == "Contain *acme*?\nApprove"

    def test_a_transcript_tells_who_said_what_to_whom(self, workspace: Workspace) -> None:
        channel = workspace.channel_named("general")
        workspace.post(channel, "U0DANA", "hello")
        workspace.post(channel, workspace.bot_user, "psst", only_for="U0DANA")
        lines = transcript(workspace.seen_by("U0DANA", channel)).splitlines()
        assert lines[0].endswith("U0DANA: hello")
        assert lines[1].endswith("(only for you): psst")
        assert transcript([]) == "(nothing)"
