"""The outbox reaches Slack: once, in order, whatever happens in between."""

from __future__ import annotations

import gzip
from dataclasses import replace

import pytest

from bot.evidence.vault.vault import Vault
from bot.incidents.opening import OpenRequest, open_incident
from bot.slack.cards.kit import Card
from bot.slack.delivery import Delivery
from bot.slack.posting import Posting
from bot.store import outbox
from bot.store.tables.evidence import Artefact
from bot.store.types import utcnow
from tests.slack.house import BUCKET, House

CHANNEL = "inc-0001-acme-payroll"
HOSTILE = "<!channel> <https://evil.example|click> & `x`"


class Killed(BaseException):
    """The process dies here."""


@pytest.fixture
def joined(house: House) -> House:
    """The bot is in #security."""
    house.slack.workspace.channel_named("security").members.append(house.slack.workspace.bot_user)
    return house


def die(*_: object, **__: object) -> None:
    raise Killed


def test_untrusted_text_arrives_harmless(joined):
    joined.say(HOSTILE)
    joined.deliver()
    [text] = joined.texts("security")
    assert "<!channel>" not in text
    assert "&lt;!channel&gt;" in text


def test_an_edit_changes_the_message_in_place(joined):
    joined.say("first")
    joined.deliver()
    joined.say("second")
    joined.deliver()
    assert joined.texts("security") == ["second"]


def test_ten_changes_at_once_are_one_edit(joined, monkeypatch):
    joined.say("0")
    joined.deliver()
    edits = []
    real = Posting.edit
    monkeypatch.setattr(Posting, "edit", lambda *args, **kw: (edits.append(args), real(*args, **kw))[1])
    for number in range(10):
        joined.say(str(number))
    joined.deliver()
    assert len(edits) == 1
    assert joined.texts("security") == ["9"]


def test_killed_after_the_post_it_is_not_posted_twice(joined, monkeypatch):
    joined.say("once")
    with monkeypatch.context() as patch:
        patch.setattr(Delivery, "_delivered", die)
        with pytest.raises(Killed):
            joined.deliver()
    assert joined.texts("security") == ["once"]
    joined.time_passes()
    joined.deliver()
    assert joined.texts("security") == ["once"]
    row = joined.row("say")
    assert (row.state, row.sent) == ("sent", 1)
    joined.say("edited in place")
    joined.deliver()
    assert joined.texts("security") == ["edited in place"]


def test_killed_before_the_post_it_is_posted(joined, monkeypatch):
    joined.say("once")
    with monkeypatch.context() as patch:
        patch.setattr(Posting, "post", die)
        with pytest.raises(Killed):
            joined.deliver()
    assert joined.texts("security") == []
    joined.time_passes()
    joined.deliver()
    assert joined.texts("security") == ["once"]


def test_an_answer_lost_on_the_way_is_looked_for(joined, monkeypatch):
    """Slack took the message, and the connection broke before it said so."""
    real = Posting.post

    def lost(*args, **kw):
        real(*args, **kw)
        raise ConnectionResetError("the line went dead")

    joined.say("once")
    with monkeypatch.context() as patch:
        patch.setattr(Posting, "post", lost)
        joined.deliver()
    assert joined.row("say").state == "pending"
    joined.time_passes()
    joined.deliver()
    assert joined.texts("security") == ["once"]


def test_killed_in_a_thread_it_is_found_there(house, monkeypatch):
    incident = house.open()
    house.say("parent", "parent", incident)
    house.deliver()
    with house.database.begin() as tx:
        outbox.say(tx, "child", outbox.incident_place(incident.id, "parent"), "notice", {"text": "child"})
    with monkeypatch.context() as patch:
        patch.setattr(Delivery, "_delivered", die)
        with pytest.raises(Killed):
            house.deliver()
    house.time_passes()
    house.deliver()
    children = [one for one in house.dana.see(CHANNEL) if one.text == "child"]
    assert [one.thread_ts for one in children] == [house.row("parent").slack_ts]


@pytest.mark.parametrize("status", [500, 503])
def test_an_error_of_slacks_is_waited_out(joined, status):
    joined.slack.faults.fail("chat.postMessage", times=1, status=status)
    joined.say("in the end")
    joined.deliver()
    assert joined.texts("security") == []
    joined.time_passes()
    joined.deliver()
    assert joined.texts("security") == ["in the end"]


def test_however_long_slack_is_down_nothing_is_given_up(joined):
    joined.slack.faults.fail("chat.postMessage", times=30)
    joined.say("in the end")
    for _ in range(31):
        joined.deliver()
        joined.time_passes()
    joined.deliver()
    assert joined.texts("security") == ["in the end"]


def test_a_rate_limit_is_obeyed_and_keeps_the_order(joined):
    joined.slack.faults.rate_limit("chat.postMessage", times=1, retry_after=30)
    for number in range(3):
        joined.say(str(number), f"say-{number}")
    before = utcnow()
    joined.deliver()
    assert joined.texts("security") == []
    assert all((joined.row(f"say-{n}").due_at - before).total_seconds() > 28 for n in range(3))
    joined.time_passes()
    joined.deliver()
    assert joined.texts("security") == ["0", "1", "2"]


def test_order_is_kept_when_the_first_stumbles(joined):
    joined.slack.faults.fail("chat.postMessage", times=1)
    for number in range(3):
        joined.say(str(number), f"say-{number}")
    joined.deliver()
    assert joined.texts("security") == []
    joined.time_passes()
    joined.deliver()
    assert joined.texts("security") == ["0", "1", "2"]


def test_messages_wait_for_the_incidents_channel(house):
    with house.database.begin() as tx:
        incident = open_incident(
            tx, OpenRequest(BUCKET, "111122223333", "us-east-1", 2, "", "U0DANA")
        ).incident
    house.say("early", "early", incident)
    house.deliver()
    assert house.row("early").state == "pending"
    house.settle()
    house.time_passes()
    house.deliver()
    control, early = house.texts(CHANNEL)
    assert "Next:" in control
    assert early == "early"


def test_a_message_that_was_deleted_is_posted_anew(joined):
    joined.say("first")
    joined.deliver()
    security = joined.slack.workspace.channel_named("security")
    joined.delivery._slack._client.chat_delete(channel=security.id, ts=joined.row("say").slack_ts)
    joined.say("second")
    joined.deliver()
    assert joined.texts("security") == ["second"]


def test_a_channel_without_the_bot_is_said_in_the_log_and_kept(house, capsys):
    app = house.slack.workspace.app
    house.slack.workspace.app = replace(app, scopes=app.scopes - {"chat:write.public"})
    house.say("nobody hears")
    house.deliver()
    row = house.row("say")
    assert (row.state, row.last_error) == ("failed", "not_in_channel")
    assert "delivery.given_up" in capsys.readouterr().out


def test_an_answer_where_the_bot_is_not_comes_as_a_direct_message(house):
    place = outbox.Place("C0NOWHERE", user_id="U0DANA")
    with house.database.begin() as tx:
        outbox.say(tx, "answer", place, "reply", {"text": "here you are"})
    house.deliver()
    im = [one for one in house.slack.workspace.visible_channels("U0DANA") if one.is_im]
    texts = [message.text for one in im for message in house.slack.workspace.seen_by("U0DANA", one)]
    assert texts == ["here you are"]
    assert house.row("answer").state == "sent"


def test_blocks_that_slack_refuses_arrive_as_text(joined, monkeypatch, capsys):
    monkeypatch.setattr(Card, "payload", lambda _card: [{"type": "no such block"}])
    joined.say("still readable")
    joined.deliver()
    assert joined.texts("security") == ["still readable"]
    assert "delivery.plain_text" in capsys.readouterr().out


def test_a_card_that_cannot_be_drawn_stops_nobody_else(joined, capsys):
    place = outbox.Place(joined.channel("security"))
    with joined.database.begin() as tx:
        outbox.say(tx, "gone", place, "plan", {"plan_id": "nothing"})
        outbox.say(tx, "broken", place, "control", {})
    joined.say("after", "after")
    for _ in range(6):
        joined.deliver()
        joined.time_passes()
    assert joined.texts("security") == ["after"]
    assert joined.row("gone").state == "failed"
    assert "KeyError" in str(joined.row("broken").last_error)
    assert "delivery.failed" in capsys.readouterr().out


def test_links_never_unfold(joined, monkeypatch):
    sent = {}
    client = joined.delivery._slack._client
    real = client.chat_postMessage
    monkeypatch.setattr(client, "chat_postMessage", lambda **kw: (sent.update(kw), real(**kw))[1])
    joined.say("https://evil.example")
    joined.deliver()
    assert (sent["unfurl_links"], sent["unfurl_media"]) == (False, False)


def a_file(house, incident) -> int:
    vault = Vault(house.settings.vault_dir)
    kept = vault.put("investigation.json", b'{"verdict": "somebody"}', "investigation", "all")
    with house.database.begin() as tx:
        row = Artefact(
            incident_id=incident.id,
            evidence_run_id=None,
            name="inc-0001-investigation.json",
            kind=kept.kind,
            path=kept.path,
            sha256=kept.sha256,
            size=kept.size,
            query={},
            created_at=utcnow(),
        )
        tx.add(row)
        tx.flush()
        args = {"artefact_id": row.id, "title": "The whole investigation"}
        outbox.say(tx, "file", outbox.incident_place(incident.id, f"incident:{incident.id}"), "file", args)
        return row.id


def files_in(house):
    shared = [name for message in house.dana.see(CHANNEL) for name in message.files]
    return [house.slack.workspace.files[name] for name in shared]


def test_a_file_is_shared_in_the_thread_once(house, monkeypatch):
    a_file(house, house.open())
    with monkeypatch.context() as patch:
        patch.setattr(Delivery, "_delivered", die)
        with pytest.raises(Killed):
            house.deliver()
    house.time_passes()
    house.deliver()
    [file] = files_in(house)
    assert (file.name, file.title) == ("inc-0001-investigation.json", "The whole investigation")
    assert file.content == b'{"verdict": "somebody"}'
    [message] = [one for one in house.dana.see(CHANNEL) if one.files]
    assert message.thread_ts == house.row("incident:1").slack_ts


def test_a_file_that_was_tampered_with_is_not_shared(house):
    incident = house.open()
    a_file(house, incident)
    [stored] = house.settings.vault_dir.glob("*/*.gz")
    stored.write_bytes(gzip.compress(b'{"verdict": "nobody"}'))
    house.deliver()
    assert files_in(house) == []
    assert "SHA-256 differs" in str(house.row("file").last_error)
