"""A real Bolt app over a real websocket: commands, clicks, modals, shortcuts, events, and late answers."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

import pytest
from slack_bolt import App
from slack_sdk import WebClient

from bot.sandbox.slack.delivery.courier import Parcel
from bot.sandbox.slack.person import Modal, Person
from bot.sandbox.slack.server import FakeSlack
from tests.sandbox.slack.conftest import (
    ACK_SECONDS,
    Connect,
    actions,
    button,
    eventually,
    modal,
    plain,
    section,
    text_input,
)

TIMED_OUT = '/s3incident failed with the error "operation_timeout"'


class TestCommands:
    def test_the_app_hears_the_command_as_slack_sends_it(
        self, bolt: App, connect: Connect, dana: Person, security: str
    ) -> None:
        heard: list[dict[str, Any]] = []

        @bolt.command("/s3incident")
        def take(ack: Any, command: dict[str, Any]) -> None:
            heard.append(command)
            ack()

        connect()
        assert dana.command("security", "/s3incident open acme-payroll sev1").error is None
        [command] = heard
        assert command["command"] == "/s3incident"
        assert command["text"] == "open acme-payroll sev1"
        assert (command["user_id"], command["user_name"]) == ("U0DANA", "dana")
        assert (command["channel_id"], command["channel_name"]) == (security, "security")

    def test_answers_are_ephemeral_unless_in_channel(
        self, bolt: App, connect: Connect, dana: Person, sam: Person
    ) -> None:
        @bolt.command("/s3incident")
        def take(ack: Any, command: dict[str, Any]) -> None:
            ack(
                text="to all" if command["text"] == "all" else "to you",
                response_type=("in_channel" if command["text"] == "all" else "ephemeral"),
                blocks=[section("block")],
            )

        connect()
        reply = dana.command("security", "/s3incident")
        assert (reply.text, reply.blocks[0]["text"]["text"]) == ("to you", "block")
        dana.command("security", "/s3incident all")
        assert [one.text for one in sam.see("security")] == ["to all"]
        assert [one.text for one in dana.see("security")] == ["to you", "to all"]

    def test_a_late_acknowledgement_shows_slacks_own_error(
        self, bolt: App, connect: Connect, dana: Person, sam: Person
    ) -> None:
        @bolt.command("/s3incident")
        def take(ack: Any) -> None:
            time.sleep(ACK_SECONDS + 0.2)
            ack("too late")

        connect()
        assert dana.command("security", "/s3incident open").error == TIMED_OUT
        shown = dana.wait_for("security", "operation_timeout")
        assert (shown.is_error, shown.username, shown.only_for) == (True, "Slackbot", "U0DANA")
        time.sleep(0.3)
        assert [one.text for one in dana.see("security")] == [TIMED_OUT]
        assert sam.see("security") == []

    def test_an_exception_before_the_acknowledgement_is_a_timeout(
        self, bolt: App, connect: Connect, dana: Person, caplog: pytest.LogCaptureFixture
    ) -> None:
        @bolt.command("/s3incident")
        def take() -> None:
            raise RuntimeError("the app is broken")

        connect()
        assert dana.command("security", "/s3incident open").error == TIMED_OUT
        assert "the app is broken" in caplog.text

    def test_without_a_connection_the_command_fails_at_once(self, dana: Person) -> None:
        error = dana.command("security", "/s3incident open").error
        assert error == '/s3incident failed with the error "dispatch_failed"'

    def test_an_unknown_command_never_reaches_the_app(self, slack: FakeSlack, dana: Person) -> None:
        assert "/shout is not a valid command" in str(dana.command("security", "/shout hello").error)
        assert slack.deliveries == []

    def test_invalid_blocks_in_the_answer_show_as_an_error(
        self, bolt: App, connect: Connect, dana: Person
    ) -> None:
        bolt.command("/s3incident")(lambda ack: ack(blocks=[section("x" * 3001)]))
        connect()
        assert "invalid_command_response" in str(dana.command("security", "/s3incident").error)


class TestClicks:
    @pytest.fixture
    def heard(self, bolt: App, connect: Connect) -> list[dict[str, Any]]:
        heard: list[dict[str, Any]] = []

        def take(ack: Any, body: dict[str, Any]) -> None:
            heard.append(body)
            ack()

        for action_id in ("approve", "pick", "more", "who"):
            bolt.action(action_id)(take)
        connect()
        return heard

    def post(self, client: WebClient, channel: str, *elements: dict[str, Any]) -> str:
        return str(client.chat_postMessage(channel=channel, text="card", blocks=[actions(*elements)])["ts"])

    def test_a_button_carries_its_value_and_its_message(
        self, client: WebClient, incident: str, dana: Person, heard: list[dict[str, Any]]
    ) -> None:
        ts = self.post(client, incident, button(style="primary"))
        assert dana.click(dana.wait_for("inc-0001", "card"), "Approve").error is None
        [body] = heard
        [action] = body["actions"]
        assert (action["action_id"], action["value"], action["style"]) == ("approve", "plan-1", "primary")
        assert action["text"] == plain("Approve")
        assert body["container"] == {
            "type": "message",
            "message_ts": ts,
            "channel_id": incident,
            "is_ephemeral": False,
        }
        assert body["message"]["ts"] == ts
        assert body["channel"] == {"id": incident, "name": "privategroup"}
        assert body["user"]["id"] == "U0DANA"

    def test_menus_carry_what_was_picked_and_the_state(
        self, client: WebClient, incident: str, dana: Person, heard: list[dict[str, Any]]
    ) -> None:
        options = [{"text": plain("One"), "value": "1"}, {"text": plain("Two"), "value": "2"}]
        self.post(
            client,
            incident,
            {"type": "static_select", "action_id": "pick", "options": options},
            {"type": "overflow", "action_id": "more", "options": options},
            {"type": "users_select", "action_id": "who"},
        )
        card = dana.wait_for("inc-0001", "card")
        dana.click(card, "pick", value="Two")
        dana.click(card, "more", value="1")
        dana.click(card, "who", value="sam")
        assert [one["actions"][0].get("selected_option") for one in heard] == [options[1], options[0], None]
        assert heard[2]["actions"][0]["selected_user"] == "U0SAM"
        state = heard[2]["state"]["values"]["decide"]
        assert state["pick"]["selected_option"] == options[1]
        assert state["who"]["selected_user"] == "U0SAM"
        assert "more" not in state

    def test_an_option_that_is_not_there_is_not_sent(
        self, slack: FakeSlack, client: WebClient, incident: str, dana: Person, heard: list[dict[str, Any]]
    ) -> None:
        options = [{"text": plain("One"), "value": "1"}]
        ts = self.post(client, incident, {"type": "static_select", "action_id": "pick", "options": options})
        wish = {"kind": "action", "channel": incident, "ts": ts, "block_id": "decide", "action_id": "pick"}
        forged = {**wish, "selected_option": {"text": plain("Root"), "value": "root"}}
        outcome = slack.run(slack._doing.do("U0DANA", forged))
        assert "'root' is not among the options" in str(outcome.error)
        assert heard == []

    def test_a_declined_confirmation_sends_nothing(
        self, client: WebClient, incident: str, dana: Person, heard: list[dict[str, Any]]
    ) -> None:
        confirm = {
            "title": plain("Sure?"),
            "text": plain("It runs"),
            "confirm": plain("Yes"),
            "deny": plain("No"),
        }
        self.post(client, incident, button(confirm=confirm))
        card = dana.wait_for("inc-0001", "card")
        dana.click(card, "approve", confirm=False)
        assert heard == []
        dana.click(card, "approve", confirm=True)
        assert len(heard) == 1

    def test_a_button_that_an_edit_removed_cannot_be_clicked_except_late(
        self, client: WebClient, incident: str, dana: Person, heard: list[dict[str, Any]]
    ) -> None:
        ts = self.post(client, incident, button())
        card = dana.wait_for("inc-0001", "card")
        client.chat_update(channel=incident, ts=ts, text="done", blocks=[])
        assert "not there any more" in str(dana.click(card, "approve").error)
        assert heard == []
        assert dana.click(card, "approve", late=True).error is None
        assert heard[0]["actions"][0]["value"] == "plan-1"
        assert "blocks" not in heard[0]["message"]

    def test_a_late_click_carries_the_value_that_was_on_the_screen(
        self, client: WebClient, incident: str, dana: Person, heard: list[dict[str, Any]]
    ) -> None:
        ts = self.post(client, incident, button(value="plan-1"))
        old = dana.wait_for("inc-0001", "card")
        newer = [actions(button(value="plan-2"))]
        client.chat_update(channel=incident, ts=ts, text="card", blocks=newer)
        dana.click(old, "approve", late=True)
        dana.click(dana.see("inc-0001")[-1], "approve")
        assert [one["actions"][0]["value"] for one in heard] == ["plan-1", "plan-2"]

    def test_who_cannot_see_the_message_cannot_click_it(
        self, client: WebClient, incident: str, dana: Person, sam: Person, heard: list[dict[str, Any]]
    ) -> None:
        self.post(client, incident, button())
        card = dana.wait_for("inc-0001", "card")
        assert sam.click(card, "approve").error == "channel_not_found"
        assert heard == []

    def test_an_ephemeral_message_is_not_sent_along(
        self, client: WebClient, incident: str, dana: Person, heard: list[dict[str, Any]]
    ) -> None:
        client.chat_postEphemeral(channel=incident, user="U0DANA", text="psst", blocks=[actions(button())])
        dana.click(dana.wait_for("inc-0001", "psst"), "approve")
        assert "message" not in heard[0]
        assert heard[0]["container"]["is_ephemeral"] is True

    def test_no_acknowledgement_is_told_beside_the_button(
        self, bolt: App, client: WebClient, incident: str, dana: Person, connect: Connect
    ) -> None:
        bolt.action("slow")(lambda ack: time.sleep(ACK_SECONDS + 0.2))
        connect()
        self.post(client, incident, button("slow"))
        error = dana.click(dana.wait_for("inc-0001", "card"), "slow").error
        assert error == (
            "s3incident did not respond (operation_timeout). Nothing tells whether your click arrived."
        )


class TestResponseUrls:
    def test_replace_and_delete_the_original(
        self, bolt: App, connect: Connect, client: WebClient, incident: str, dana: Person
    ) -> None:
        @bolt.action("approve")
        def take(ack: Any, respond: Any) -> None:
            ack()
            respond(text="replaced", replace_original=True, blocks=[actions(button("remove"))])

        @bolt.action("remove")
        def remove(ack: Any, respond: Any) -> None:
            ack()
            respond(delete_original=True)

        connect()
        client.chat_postMessage(channel=incident, text="card", blocks=[actions(button())])
        dana.click(dana.wait_for("inc-0001", "card"), "approve")
        replaced = dana.wait_for("inc-0001", "replaced")
        dana.click(replaced, "remove")
        eventually(lambda: replaced.ts not in [one.ts for one in dana.see("inc-0001")])

    def test_a_sixth_use_is_refused(
        self, bolt: App, connect: Connect, slack: FakeSlack, dana: Person
    ) -> None:
        statuses: list[tuple[int, str]] = []

        @bolt.command("/s3incident")
        def take(ack: Any, respond: Any) -> None:
            ack()
            for index in range(6):
                answer = respond(f"answer {index}")
                statuses.append((answer.status_code, answer.body))

        connect()
        dana.command("security", "/s3incident")
        eventually(lambda: len(statuses) == 6)
        assert [status for status, _body in statuses] == [200] * 5 + [404]
        assert "used_url" in statuses[-1][1]
        assert [one.text for one in dana.see("security")] == [f"answer {index}" for index in range(5)]
        assert ("response_url", "used_url") in [(one.method, one.code) for one in slack.refusals]

    def test_bad_blocks_are_refused(self, bolt: App, connect: Connect, dana: Person) -> None:
        answers: list[Any] = []

        @bolt.command("/s3incident")
        def take(ack: Any, respond: Any) -> None:
            ack()
            answers.append(respond(blocks=[section("")]))

        connect()
        dana.command("security", "/s3incident")
        eventually(lambda: answers)
        assert answers[0].status_code == 400
        assert "json-pointer:/blocks/0/text/text" in answers[0].body


class TestModals:
    @pytest.fixture
    def opened(self, bolt: App, connect: Connect, dana: Person) -> Modal:
        """A modal opened by a command; what it answers depends on what is entered."""

        @bolt.command("/s3incident")
        def take(ack: Any, command: dict[str, Any], client: WebClient) -> None:
            ack()
            client.views_open(trigger_id=command["trigger_id"], view=modal(notify_on_close=True))

        @bolt.view("open")
        def submitted(ack: Any, view: dict[str, Any]) -> None:
            entered = view["state"]["values"]["bucket"]["value"]["value"]
            answers: dict[str, dict[str, Any]] = {
                "missing": {"response_action": "errors", "errors": {"bucket": "There is no such bucket."}},
                "elsewhere": {"response_action": "errors", "errors": {"nowhere": "?"}},
                "update": {"response_action": "update", "view": modal(section("updated"), submit=None)},
                "push": {"response_action": "push", "view": modal(section("pushed"), submit=None)},
                "invalid": {"response_action": "update", "view": modal(section(""))},
                "clear": {"response_action": "clear"},
            }
            ack(**answers.get(entered, {}))

        self.closed: list[dict[str, Any]] = []

        @bolt.view_closed("open")
        def closed(ack: Any, body: dict[str, Any]) -> None:
            self.closed.append(body)
            ack()

        connect()
        dana.command("security", "/s3incident open")
        return dana.modal()

    def test_no_answer_closes_it(self, opened: Modal, dana: Person) -> None:
        assert dana.submit(dana.fill(opened, Bucket_name="acme-payroll")) is None
        assert not dana.has_modal()

    def test_slack_itself_asks_for_what_is_required(
        self, slack: FakeSlack, opened: Modal, dana: Person
    ) -> None:
        before = len(slack.deliveries)
        assert dana.submit(opened) == {"bucket": "Please complete this required field."}
        assert len(slack.deliveries) == before

    def test_the_apps_errors_stand_under_the_inputs(self, opened: Modal, dana: Person) -> None:
        assert dana.submit(dana.fill(opened, bucket="missing")) == {"bucket": "There is no such bucket."}
        assert dana.has_modal()

    @pytest.mark.parametrize("entered", ["elsewhere", "invalid"])
    def test_answers_that_slack_cannot_follow_show_slacks_own_error(
        self, opened: Modal, dana: Person, entered: str
    ) -> None:
        assert dana.submit(dana.fill(opened, bucket=entered)) == {
            "": "We had some trouble connecting. Try again?"
        }
        assert dana.has_modal()

    def test_update_replaces_and_push_stacks(self, opened: Modal, dana: Person) -> None:
        dana.submit(dana.fill(opened, bucket="push"))
        pushed = dana.modal(containing="pushed")
        assert pushed.view.previous_id == opened.view.id
        dana.close(pushed)
        dana.submit(dana.fill(dana.modal(), bucket="update"))
        assert dana.modal(containing="updated").view.id == opened.view.id

    def test_clear_closes_the_stack(self, opened: Modal, dana: Person) -> None:
        dana.submit(dana.fill(opened, bucket="clear"))
        assert not dana.has_modal()

    def test_closing_is_told_when_the_view_asks_for_it(self, opened: Modal, dana: Person) -> None:
        dana.close(opened)
        assert not dana.has_modal()
        [body] = self.closed
        assert (body["type"], body["view"]["id"], body["is_cleared"]) == (
            "view_closed",
            opened.view.id,
            False,
        )

    def test_nobody_submits_the_modal_of_another(self, opened: Modal, sam: Person) -> None:
        assert sam.submit(opened) == {"": "not_found"}


def test_actions_in_a_modal_carry_the_view_and_what_is_entered(
    bolt: App, connect: Connect, dana: Person
) -> None:
    heard: list[dict[str, Any]] = []

    @bolt.shortcut("open_incident")
    def take(ack: Any, shortcut: dict[str, Any], client: WebClient) -> None:
        ack()
        client.views_open(
            trigger_id=shortcut["trigger_id"], view=modal(text_input(), actions(button("check")))
        )

    @bolt.action("check")
    def check(ack: Any, body: dict[str, Any], client: WebClient) -> None:
        heard.append(body)
        ack()
        view = body["view"]
        client.views_update(
            view_id=view["id"], hash=view["hash"], view=modal(text_input(), section("It is there."))
        )

    connect()
    assert dana.shortcut("open_incident").error is None
    dana.click_in(dana.fill(dana.modal(), bucket="acme"), "check")
    assert heard[0]["container"] == {"type": "view", "view_id": heard[0]["view"]["id"]}
    assert heard[0]["view"]["state"]["values"]["bucket"]["value"]["value"] == "acme"
    updated = dana.modal(containing="It is there.")
    assert updated.view.values["bucket"]["value"]["value"] == "acme"


def test_a_message_shortcut_carries_the_message(bolt: App, connect: Connect, dana: Person) -> None:
    heard: list[dict[str, Any]] = []

    @bolt.shortcut("add_to_timeline")
    def take(ack: Any, shortcut: dict[str, Any]) -> None:
        heard.append(shortcut)
        ack()

    connect()
    said = dana.say("security", "look at this @sam")
    dana.shortcut("add_to_timeline", said)
    assert (heard[0]["type"], heard[0]["message_ts"]) == ("message_action", said.ts)
    assert heard[0]["message"]["text"] == "look at this <@U0SAM>"


def test_an_external_select_asks_the_app_for_options(
    bolt: App, connect: Connect, slack: FakeSlack, client: WebClient, incident: str
) -> None:
    @bolt.options("bucket")
    def suggest(ack: Any, payload: dict[str, Any]) -> None:
        ack(options=[{"text": plain(payload["value"] + "-payroll"), "value": "1"}])

    connect()
    blocks = [actions({"type": "external_select", "action_id": "bucket"})]
    ts = client.chat_postMessage(channel=incident, text="which?", blocks=blocks)["ts"]
    wish = {"channel": incident, "ts": ts, "block_id": "decide", "action_id": "bucket", "value": "acme"}
    outcome = slack.run(slack._doing.do("U0DANA", {"kind": "options", **wish}))
    assert [one["text"]["text"] for one in outcome.options] == ["acme-payroll"]


class TestEvents:
    def test_home_opened_mentions_and_joins(
        self, bolt: App, connect: Connect, client: WebClient, incident: str, dana: Person
    ) -> None:
        heard: list[dict[str, Any]] = []

        @bolt.event("app_home_opened")
        def home(event: dict[str, Any], client: WebClient) -> None:
            client.views_publish(
                user_id=event["user"], view={"type": "home", "blocks": [section("Your incidents")]}
            )

        @bolt.event("app_mention")
        def mention(event: dict[str, Any]) -> None:
            heard.append(event)

        connect()
        assert dana.home(containing="Your incidents").definition["type"] == "home"
        dana.say("inc-0001", "@s3incident help")
        eventually(lambda: heard)
        assert (heard[0]["text"], heard[0]["channel"]) == ("<@U0S3INCIDENT> help", incident)

    def test_the_app_hears_nothing_of_channels_it_is_not_in(
        self, connect: Connect, slack: FakeSlack, dana: Person
    ) -> None:
        connect()
        dana.say("security", "not for the bot")
        assert slack.deliveries == []

    def test_an_event_without_acknowledgement_comes_again_three_times(
        self, connect: Connect, slack: FakeSlack, incident: str, dana: Person
    ) -> None:
        connect()  # this app has no listener for mentions, so Bolt does not acknowledge them
        dana.say("inc-0001", "@s3incident hello")

        def mentions() -> list[Parcel]:
            return [one.parcel for one in slack.deliveries if _event_type(one.parcel) == "app_mention"]

        eventually(lambda: len(mentions()) == 4)
        assert [(one.attempt, one.reason) for one in mentions()] == [
            (0, ""),
            (1, "http_timeout"),
            (2, "http_timeout"),
            (3, "http_timeout"),
        ]
        assert len({one.payload["event_id"] for one in mentions()}) == 1


def _event_type(parcel: Parcel) -> str:
    return str(parcel.payload.get("event", {}).get("type"))


class TestConnections:
    def test_envelopes_go_to_any_of_them(
        self, bolt: App, connect: Connect, slack: FakeSlack, dana: Person
    ) -> None:
        bolt.command("/s3incident")(lambda ack: ack("ok"))
        taken: Counter[int] = Counter()
        for index in range(2):
            handler = connect()
            handler.client.message_listeners.append(
                lambda _client, message, _raw, index=index: (
                    taken.update([index]) if message.get("type") == "slash_commands" else None
                )
            )
        for _ in range(20):
            assert dana.command("security", "/s3incident").text == "ok"
        assert set(taken) == {0, 1}
        assert sum(taken.values()) == 20

    @pytest.mark.parametrize("warned", [True, False])
    def test_the_app_comes_back_after_a_drop(
        self, bolt: App, connect: Connect, slack: FakeSlack, dana: Person, warned: bool
    ) -> None:
        bolt.command("/s3incident")(lambda ack: ack("ok"))
        connect()
        slack.faults.drop_socket(warned=warned)
        eventually(lambda: slack.connections == 0)
        eventually(lambda: slack.connections == 1, timeout=15)
        eventually(lambda: dana.command("security", "/s3incident").text == "ok")

    def test_a_connection_needs_a_fresh_ticket(self, slack: FakeSlack) -> None:
        by_app = WebClient(token=slack.app_token, base_url=slack.api_url)
        one, other = (by_app.api_call("apps.connections.open")["url"] for _ in range(2))
        assert one != other
