"""The incident's channel: its name, its people, and finding it again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.incidents.jobs import CHANNEL_CREATE, PLAYBOOK_ADVANCE
from bot.incidents.opening import OpenRequest, open_incident
from bot.slack import channel_names, channels
from bot.slack.handlers import handlers
from bot.store import incidents
from bot.store.tables.incidents import Incident
from bot.store.types import utcnow
from tests.slack.house import ACCOUNT, BUCKET


class Killed(BaseException):
    """The process dies here."""


def opened(house, bucket=BUCKET, by="U0DANA"):
    with house.database.begin() as tx:
        return open_incident(tx, OpenRequest(bucket, ACCOUNT, "us-east-1", 1, "odd <!here>", by)).incident


def create(house, incident):
    house.handlers[CHANNEL_CREATE]({"incident_id": incident.id})


def channel_of(house, incident):
    with house.database.read() as tx:
        return house.slack.workspace.channels[incidents.get(tx, incident.id).channel_id]


def test_it_is_private_with_opener_and_approvers(house):
    incident = opened(house)
    create(house, incident)
    channel = channel_of(house, incident)
    assert (channel.name, channel.is_private) == ("inc-0001-acme-payroll", True)
    assert set(channel.members) == {house.slack.workspace.bot_user, "U0DANA", "U0SAM", "U0ANA"}
    assert "SEV1" in channel.topic
    assert "<!here>" not in channel.purpose
    assert [job["incident_id"] for job in house.jobs(PLAYBOOK_ADVANCE)] == [incident.id]


def test_those_who_were_invited_take_part(house):
    incident = opened(house)
    create(house, incident)
    with house.database.read() as tx:
        people = {one.user_id: one.role for one in incidents.participants(tx, incident.id)}
    assert people == {"U0DANA": "opener", "U0SAM": "approver", "U0ANA": "approver"}


@pytest.mark.parametrize("intruder", ["U0GIL", "U0STRANGER", "U0GONE"])
def test_guests_strangers_and_unknown_people_are_never_invited(house, monkeypatch, intruder):
    monkeypatch.setitem(house.settings.__dict__, "approvers", ("S0APPROVE", "S0NOGROUP", intruder))
    house.handlers = handlers(house.database, house.settings)
    incident = opened(house, by="U0GIL")
    create(house, incident)
    assert set(channel_of(house, incident).members) == {house.slack.workspace.bot_user, "U0SAM", "U0ANA"}
    with house.database.read() as tx:
        people = {one.user_id for one in incidents.participants(tx, incident.id)}
    assert people == {"U0GIL", "U0SAM", "U0ANA"}


def test_a_taken_name_gets_a_number(house):
    house.slack.workspace.add_channel("inc-0001-acme-payroll", "U0SAM")
    incident = opened(house)
    create(house, incident)
    assert channel_of(house, incident).name == "inc-0001-acme-payroll-2"


@pytest.mark.parametrize("dies_in", ["_invite", "_describe"])
def test_after_a_crash_there_is_one_channel(house, monkeypatch, dies_in):
    incident = opened(house)
    with monkeypatch.context() as patch:

        def die(*_: object) -> None:
            raise Killed

        patch.setattr(channels.Channels, dies_in, die)
        with pytest.raises(Killed):
            create(house, incident)
    create(house, incident)
    made = [one for one in house.slack.workspace.channels.values() if one.name.startswith("inc-")]
    assert [one.name for one in made] == ["inc-0001-acme-payroll"]
    assert "U0ANA" in made[0].members
    assert "SEV1" in made[0].topic


def test_an_old_channel_of_the_same_name_is_left_alone(house):
    bot = house.slack.workspace.bot_user
    old = house.slack.workspace.add_channel("inc-0001-acme-payroll", bot, is_private=True, members=[bot])
    old.created = int((utcnow() - timedelta(days=30)).timestamp())
    incident = opened(house)
    create(house, incident)
    assert channel_of(house, incident).id != old.id


def test_run_again_it_changes_nothing(house):
    incident = opened(house)
    create(house, incident)
    before = list(house.slack.workspace.channels)
    create(house, incident)
    assert list(house.slack.workspace.channels) == before
    assert len(house.jobs(PLAYBOOK_ADVANCE)) == 1


def test_an_incident_that_is_gone_is_no_reason_to_try_for_ever(house, capsys):
    house.handlers[CHANNEL_CREATE]({"incident_id": 99})
    assert "channel.no_incident" in capsys.readouterr().out


@given(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]", fullmatch=True), st.integers(1, 20))
def test_names_are_always_allowed(bucket, attempt):
    name = channel_names.wanted(Incident(id=7, bucket=bucket), attempt)
    assert len(name) <= 80
    assert name.startswith("inc-0007")
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_")
    assert attempt == 1 or name.endswith(f"-{attempt}")
