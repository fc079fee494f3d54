"""The evidence in Slack: what was found, from real logs and from hostile ones."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.evidence.investigate import investigate
from bot.evidence.questions import Question
from bot.evidence.sources import LocalFolder
from bot.evidence.vault import Vault
from bot.incidents.headline import summary_of
from bot.slack.cards import deck
from bot.slack.cards.evidence_detail import PARTS
from bot.store import evidence
from bot.store.tables.evidence import Artefact
from bot.store.types import utcnow
from tests.evidence.records import leaked_key
from tests.evidence.story import ask
from tests.slack.validated import taken

LEAKED = ask(leaked_key())
STOLEN = "mordors3stack-s3bucket-llp2yingx64a"
HOSTILE = st.text(st.characters(codec="utf-8") | st.sampled_from("<>&`*_\u202e\n"), min_size=1, max_size=400)
slow_fixture = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def incident(house):
    return house.open()


def stored(house, incident, found):
    """As an investigation leaves it: the summary in the database, the whole in the vault."""
    whole = found.model_dump_json().encode()
    kept = Vault(house.settings.vault_dir).put("investigation.json", whole, "investigation", "all")
    with house.database.begin() as tx:
        run = evidence.start_run(tx, incident.id, None, {})
        evidence.update_run(tx, run.id, state="done", summary=summary_of(found))
        file = {"path": kept.path, "sha256": kept.sha256, "size": kept.size, "kind": kept.kind, "query": {}}
        row = Artefact(
            incident_id=incident.id, evidence_run_id=run.id, name="i.json", created_at=utcnow(), **file
        )
        evidence.add_artefact(tx, row)
        return run.id


def card(house, run_id, part=None):
    name, more = ("evidence_detail", {"part": part}) if part else ("evidence", {})
    with house.database.read() as tx:
        return taken(deck.draw(tx, house.settings, name, {"run_id": run_id} | more))


def test_the_real_theft_reads_as_what_it_was(house, incident, real_data):
    found = investigate(Question(bucket=STOLEN), [LocalFolder(real_data / "otrf_ec2_proxy_s3_exfil", None)])
    run_id = stored(house, incident, found)
    text = card(house, run_id).text
    assert text.startswith("Evidence: 1 suspect")
    assert "Took *1 object* by 2 GetObject calls: 178 bytes." in text
    assert "pedro" not in text.lower()
    assert "AssumeRole" in card(house, run_id, "actors").text


@pytest.mark.parametrize("part", PARTS)
def test_the_details_of_a_leaked_key(house, incident, part):
    text = card(house, stored(house, incident, LEAKED), part).text
    assert {"actors": "ci-deploy", "timeline": "in order", "answers": "E1", "coverage": "Sources"}[
        part
    ] in text


def test_the_timeline_comes_from_the_vault_and_its_loss_is_no_disaster(house, incident, capsys):
    run_id = stored(house, incident, LEAKED)
    text = card(house, run_id, "timeline").text
    assert text.index("PutUserPolicy") < text.index("CreateAccessKey") < text.index("PutBucketPolicy")
    for file in house.settings.vault_dir.glob("*/*.gz"):
        file.unlink()
    assert "in the attached file" in card(house, run_id, "timeline").text
    assert "evidence.file_gone" in capsys.readouterr().out


def test_yes_no_and_cannot_know_are_kept_apart(house, incident):
    text = card(house, stored(house, incident, LEAKED), "answers").text
    assert text.index("*Yes*") < text.index("*Cannot know*") < text.index("*No*")


@slow_fixture
@given(HOSTILE)
def test_hostile_logs_never_break_or_fool(house, incident, hostile):
    found = LEAKED
    actors = tuple(
        one.model_copy(
            update={
                "principal": hostile,
                "user_agents": (hostile,) * 9,
                "source_ips": (hostile,) * 9,
                "reasons": (hostile,) * 9,
                "access_key_ids": (hostile,),
            }
        )
        for one in found.actors
    )
    findings = tuple(
        one.model_copy(update={"title": hostile, "principal": hostile}) for one in found.findings
    )
    answers = tuple(one.model_copy(update={"because": hostile}) for one in found.answers)
    changed = {"actors": actors * 9, "findings": findings * 30, "answers": answers, "verdict": hostile}
    run_id = stored(house, incident, found.model_copy(update=changed))
    card(house, run_id)
    for part in PARTS:
        card(house, run_id, part)


def test_progress_and_failure_are_said(house, incident):
    with house.database.begin() as tx:
        run = evidence.start_run(tx, incident.id, None, {})
        evidence.update_run(tx, run.id, progress="12 of 40 look-ups done")
    assert "12 of 40 look-ups done" in card(house, run.id).text
    with house.database.begin() as tx:
        evidence.update_run(tx, run.id, state="failed", error="AWS refused `LookupEvents` <!here>")
    text = card(house, run.id).text
    assert "could not be collected" in text
    assert "<!here>" not in text
