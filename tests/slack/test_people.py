"""Who somebody is, as Slack says."""

from __future__ import annotations

import pytest

from bot.slack.identity import Myself, web_client
from bot.slack.people import People, may_join, names


@pytest.fixture
def people(listening):
    client = web_client(listening.settings)
    return People(client, listening.settings, Myself(client))


def test_somebody_of_another_company_with_whom_we_share_a_channel_is_a_stranger(listening, people):
    """Slack's is_stranger is false then: it means that the bot shares no channel with that person."""
    listening.slack.workspace.users["U0STRANGER"].is_stranger = False
    listening.slack.workspace.groups["S0APPROVE"].users.append("U0STRANGER")
    stella = people.person("U0STRANGER")
    assert stella.stranger
    assert not may_join(stella)


def test_an_approver_of_this_workspace_is_none(people):
    sam = people.person("U0SAM")
    assert (sam.stranger, sam.approver, sam.active, sam.guest) == (False, True, True, False)
    assert may_join(sam)


def test_whom_slack_does_not_know_can_nothing(people):
    nobody = people.person("U0NOBODY")
    assert (nobody.active, nobody.approver) == (False, False)


def test_the_name_that_slack_shows_or_none_where_it_shows_none(listening):
    name_of = names(web_client(listening.settings))
    assert name_of("U0SAM") == listening.slack.workspace.users["U0SAM"].real_name
    assert name_of("U0NOBODY") is None


def test_without_slack_nobody_has_a_name(listening):
    gone = listening.settings.model_copy(update={"slack_api_url": "http://127.0.0.1:9/"})
    assert names(web_client(gone))("U0SAM") is None
