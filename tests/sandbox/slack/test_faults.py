"""Faults that can be switched on, met by the real SDK."""

from __future__ import annotations

import time
from typing import Any

import pytest
from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler, ServerErrorRetryHandler

from bot.sandbox.slack.faults import Faults
from bot.sandbox.slack.person import Person
from bot.sandbox.slack.server import FakeSlack
from tests.sandbox.slack.conftest import ACK_SECONDS, Connect, eventually
from tests.sandbox.slack.test_socket_mode import TIMED_OUT


def test_rate_limits_say_how_long(slack: FakeSlack, client: WebClient, incident: str) -> None:
    slack.faults.rate_limit("chat.postMessage", times=1, retry_after=7)
    with pytest.raises(SlackApiError) as refused:
        client.chat_postMessage(channel=incident, text="x")
    answer = refused.value.response
    assert (answer.status_code, answer["error"], answer.headers["Retry-After"]) == (429, "ratelimited", "7")
    assert client.chat_postMessage(channel=incident, text="x")["ok"]


def test_the_sdks_retry_handler_gets_through(slack: FakeSlack, client: WebClient, incident: str) -> None:
    client.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=2))
    slack.faults.rate_limit("chat.postMessage", times=1, retry_after=1)
    started = time.monotonic()
    assert client.chat_postMessage(channel=incident, text="x")["ok"]
    assert time.monotonic() - started >= 1.0
    assert len(client.conversations_history(channel=incident)["messages"]) == 2


def test_an_outage_is_no_json(slack: FakeSlack, client: WebClient) -> None:
    slack.faults.fail("auth.test", times=1, status=503)
    with pytest.raises(SlackApiError) as failed:
        client.auth_test()
    assert failed.value.response.status_code == 503
    client.retry_handlers.append(ServerErrorRetryHandler(max_retry_count=2))
    slack.faults.fail("*", times=1, status=500)
    assert client.auth_test()["ok"]


def test_a_slow_method_does_its_work_and_answers_late(
    slack: FakeSlack, client: WebClient, incident: str, dana: Person
) -> None:
    slack.faults.slow("chat.postMessage", seconds=0.3)
    client.timeout = 0.1  # type: ignore[assignment]
    with pytest.raises(TimeoutError):
        client.chat_postMessage(channel=incident, text="posted all the same")
    assert dana.wait_for("inc-0001", "posted all the same")


def test_a_lost_acknowledgement_shows_as_a_timeout_although_the_app_did_its_work(
    bolt: App, connect: Connect, slack: FakeSlack, dana: Person
) -> None:
    done: list[str] = []

    @bolt.command("/s3incident")
    def take(ack: Any, command: dict[str, Any]) -> None:
        done.append(command["text"])
        ack("done")

    connect()
    slack.faults.lose_ack()
    started = time.monotonic()
    assert dana.command("security", "/s3incident once").error == TIMED_OUT
    assert time.monotonic() - started >= ACK_SECONDS
    assert done == ["once"]
    assert dana.command("security", "/s3incident twice").text == "done"


def test_a_redelivery_brings_the_same_event_again(
    bolt: App, connect: Connect, slack: FakeSlack, incident: str, dana: Person
) -> None:
    heard: list[tuple[str, Any]] = []

    @bolt.event("app_mention")
    def mention(body: dict[str, Any], request: Any) -> None:
        heard.append((body["event_id"], request.headers.get("x-slack-retry-num")))

    connect()
    slack.faults.redeliver()
    dana.say("inc-0001", "hello")
    eventually(lambda: len(slack.deliveries) >= 2)
    slack.faults.redeliver(2)
    dana.say("inc-0001", "@s3incident hello")
    eventually(lambda: len(heard) == 2)
    assert heard[0][0] == heard[1][0]
    assert [retry for _id, retry in heard] == [["0"], ["1"]]


def test_clear_switches_everything_off() -> None:
    faults = Faults()
    faults.rate_limit(times=5)
    faults.lose_ack(3)
    faults.redeliver(3)
    faults.clear()
    assert (faults.next_for("auth.test"), faults.take_lost_ack(), faults.take_redelivery()) == (
        None,
        False,
        False,
    )


def test_faults_are_taken_once_each_and_by_name() -> None:
    faults = Faults()
    faults.fail("chat.update", times=2, status=500)
    assert faults.next_for("chat.postMessage") is None
    assert [faults.next_for("chat.update") is not None for _ in range(3)] == [True, True, False]
