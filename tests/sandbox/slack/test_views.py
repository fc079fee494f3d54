"""Trigger ids, the stack of modals, hashes, and what stays entered when a view is updated."""

from __future__ import annotations

import pytest
from slack_sdk import WebClient

from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.person import Person
from bot.sandbox.slack.server import FakeSlack
from bot.sandbox.slack.triggers import ResponseUrls, Triggers
from bot.sandbox.slack.view_stack import check_view
from bot.sandbox.slack.workspace import Workspace
from tests.sandbox.slack.conftest import Clock, modal, section, text_input
from tests.sandbox.slack.test_web_api import code


@pytest.fixture
def trigger(slack: FakeSlack) -> str:
    return slack._backend.triggers.make("U0DANA")


class TestTriggers:
    def test_open_a_modal_for_the_one_who_clicked(
        self, client: WebClient, trigger: str, dana: Person, sam: Person
    ) -> None:
        view = client.views_open(trigger_id=trigger, view=modal())["view"]
        assert dana.modal().view.id == view["id"] == view["root_view_id"]
        assert not sam.has_modal()
        assert view["state"]["values"] == {"bucket": {"value": {"type": "plain_text_input", "value": None}}}

    def test_work_once(self, client: WebClient, trigger: str) -> None:
        client.views_open(trigger_id=trigger, view=modal())
        assert code(client.views_open, trigger_id=trigger, view=modal()) == "exchanged_trigger_id"

    def test_expire_after_three_seconds(self, client: WebClient, slack: FakeSlack, clock: Clock) -> None:
        in_time, late = (slack._backend.triggers.make("U0DANA") for _ in range(2))
        clock.now += 2.9
        assert client.views_open(trigger_id=in_time, view=modal())["ok"]
        clock.now += 0.2
        assert code(client.views_open, trigger_id=late, view=modal()) == "expired_trigger_id"

    def test_cannot_be_made_up(self, client: WebClient) -> None:
        assert code(client.views_open, trigger_id="1.2.3", view=modal()) == "invalid_trigger_id"

    def test_are_not_spent_twice_even_when_the_clock_stands_still(self) -> None:
        triggers = Triggers(lambda: 1.0)
        one, other = triggers.make("U1"), triggers.make("U2")
        assert one != other
        assert (triggers.use(other), triggers.use(one)) == ("U2", "U1")


def test_response_urls_have_five_uses_in_thirty_minutes() -> None:
    now = [0.0]
    urls = ResponseUrls(lambda: now[0])
    ticket, old = urls.make("C1", "U1"), urls.make("C1", "U1")
    for _ in range(5):
        assert urls.use(ticket).channel == "C1"
    with pytest.raises(SlackError, match="used_url"):
        urls.use(ticket)
    now[0] = 1801.0
    with pytest.raises(SlackError, match="expired_url"):
        urls.use(old)
    with pytest.raises(SlackError, match="invalid_url"):
        urls.use("made-up")


class TestStack:
    def test_holds_three(self, client: WebClient, slack: FakeSlack, trigger: str, dana: Person) -> None:
        root = client.views_open(trigger_id=trigger, view=modal())["view"]
        make = slack._backend.triggers.make
        second = client.views_push(trigger_id=make("U0DANA"), view=modal())["view"]
        third = client.views_push(trigger_id=make("U0DANA"), view=modal())["view"]
        assert (second["previous_view_id"], third["previous_view_id"]) == (root["id"], second["id"])
        assert third["root_view_id"] == root["id"]
        assert code(client.views_push, trigger_id=make("U0DANA"), view=modal()) == "push_limit_reached"
        dana.close(dana.modal())
        assert dana.modal().view.id == second["id"]

    def test_opening_anew_replaces_what_was_open(
        self, client: WebClient, slack: FakeSlack, trigger: str, dana: Person
    ) -> None:
        client.views_open(trigger_id=trigger, view=modal())
        again = client.views_open(trigger_id=slack._backend.triggers.make("U0DANA"), view=modal())["view"]
        assert dana.modal().view.id == again["id"]
        dana.close(dana.modal())
        assert not dana.has_modal()


class TestUpdate:
    def test_wants_the_newest_hash(self, client: WebClient, trigger: str) -> None:
        view = client.views_open(trigger_id=trigger, view=modal())["view"]
        newer = client.views_update(view_id=view["id"], hash=view["hash"], view=modal(section()))["view"]
        assert newer["hash"] != view["hash"]
        assert (
            code(client.views_update, view_id=view["id"], hash=view["hash"], view=modal()) == "hash_conflict"
        )
        assert client.views_update(view_id=view["id"], view=modal())["ok"]

    def test_finds_a_view_by_external_id(self, client: WebClient, trigger: str) -> None:
        view = client.views_open(trigger_id=trigger, view=modal(external_id="inc-1"))["view"]
        found = client.views_update(external_id="inc-1", view=modal(external_id="inc-1"))["view"]
        assert found["id"] == view["id"]

    def test_external_ids_are_unique(self, client: WebClient, slack: FakeSlack, trigger: str) -> None:
        client.views_open(trigger_id=trigger, view=modal(external_id="inc-1"))
        other = slack._backend.triggers.make("U0SAM")
        call = client.views_open
        assert code(call, trigger_id=other, view=modal(external_id="inc-1")) == "duplicate_external_ids"

    def test_a_closed_view_is_not_found(self, client: WebClient, trigger: str, dana: Person) -> None:
        view = client.views_open(trigger_id=trigger, view=modal())["view"]
        dana.close(dana.modal())
        assert code(client.views_update, view_id=view["id"], view=modal()) == "not_found"

    def test_keeps_what_was_entered_where_the_input_stays(
        self, client: WebClient, slack: FakeSlack, trigger: str, workspace: Workspace
    ) -> None:
        view = client.views_open(trigger_id=trigger, view=modal(text_input("bucket"), text_input("why")))[
            "view"
        ]
        workspace.view(view["id"]).values["bucket"]["value"]["value"] = "acme-payroll"
        values = client.views_update(view_id=view["id"], view=modal(text_input("bucket")))["view"]["state"][
            "values"
        ]
        assert values == {"bucket": {"value": {"type": "plain_text_input", "value": "acme-payroll"}}}


def test_a_bad_view_is_refused_with_its_place(client: WebClient, trigger: str) -> None:
    assert (
        code(client.views_open, trigger_id=trigger, view={**modal(), "submit": None}) == "invalid_arguments"
    )


def test_a_home_is_no_modal(client: WebClient, trigger: str) -> None:
    home = {"type": "home", "blocks": [section()]}
    assert code(client.views_open, trigger_id=trigger, view=home) == "invalid_arguments"
    assert code(client.views_publish, user_id="U0DANA", view=modal()) == "invalid_arguments"


def test_a_view_that_is_too_large_is_refused(workspace: Workspace) -> None:
    huge = modal(*[section("é" * 3000) for _ in range(100)])
    with pytest.raises(SlackError, match="view_too_large"):
        check_view(workspace, huge, "modal")


def test_homes_are_published_and_guarded_by_their_hash(client: WebClient) -> None:
    first = client.views_publish(user_id="U0DANA", view={"type": "home", "blocks": [section("one")]})["view"]
    newer = {"type": "home", "blocks": [section("two")]}
    client.views_publish(user_id="U0DANA", hash=first["hash"], view=newer)
    assert code(client.views_publish, user_id="U0DANA", hash=first["hash"], view=newer) == "hash_conflict"
    assert code(client.views_publish, user_id="U0NOBODY", view=newer) == "user_not_found"
