"""The manifest says what is registered, and asks for what is used: no more, no less."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from slack_sdk import WebClient

import bot.slack
from bot.slack.listeners.register import registry
from bot.slack.manifest import SCOPES, manifest, scopes
from bot.store import outbox

SOURCES = sorted(Path(bot.slack.__file__).parent.rglob("*.py"))


def methods_in_use() -> set[str]:
    """The Web API methods that the room's sources call on a client."""
    called = {name for source in SOURCES for name in re.findall(r"client\.(\w+?_\w+)\b", source.read_text())}
    return {name for name in called if callable(getattr(WebClient, name, None))}


def test_the_table_of_scopes_is_complete_and_has_nothing_unused():
    assert methods_in_use() == set(SCOPES)


def test_no_scope_is_asked_for_without_a_method():
    asked = manifest()["oauth_config"]["scopes"]["bot"]
    assert asked == scopes()
    assert set(asked) - {"commands"} == {one for needed in SCOPES.values() for one in needed}


def test_every_listener_is_in_it():
    listeners = registry()
    made = manifest()
    features = made["features"]
    assert [one["command"] for one in features["slash_commands"]] == list(listeners.commands)
    assert {one["callback_id"] for one in features["shortcuts"]} == set(listeners.shortcuts)
    assert made["settings"]["event_subscriptions"]["bot_events"] == sorted(listeners.events)


def test_socket_mode_needs_no_address():
    made = manifest()
    assert made["settings"]["socket_mode_enabled"] is True
    assert "url" not in str(made)


def test_http_mode_names_the_address_everywhere():
    made = manifest("https://bot.example.com")
    url = "https://bot.example.com/slack/events"
    assert made["settings"]["socket_mode_enabled"] is False
    assert made["settings"]["interactivity"]["request_url"] == url
    assert made["settings"]["event_subscriptions"]["request_url"] == url
    assert [one["url"] for one in made["features"]["slash_commands"]] == [url]


def test_it_keeps_slacks_limits():
    """https://docs.slack.dev/reference/app-manifest: lengths of names and descriptions."""
    made = manifest()
    assert len(made["display_information"]["name"]) <= 35
    assert len(made["display_information"]["description"]) <= 140
    for shortcut in made["features"]["shortcuts"]:
        assert len(shortcut["name"]) <= 24
        assert len(shortcut["description"]) <= 150
    for command in made["features"]["slash_commands"]:
        assert len(command["command"]) <= 32
        assert len(command["description"]) <= 2000
        assert len(command["usage_hint"]) <= 1000


def test_the_scopes_suffice_for_everything_the_tests_do(house):
    """The fake Slack refuses a call for want of a scope, as Slack does."""
    workspace = house.slack.workspace
    workspace.app = replace(workspace.app, scopes=frozenset(scopes()))
    row = house.propose(house.open())
    house.time_passes()
    with house.database.begin() as tx:
        outbox.refresh(tx, f"plan:{row.id}")
    house.deliver()
    assert [one for one in house.slack.refusals if one.code == "missing_scope"] == []
    assert house.row(f"plan:{row.id}").sent == 2
