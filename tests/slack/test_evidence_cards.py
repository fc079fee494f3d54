"""The evidence in Slack: what was found, from real logs and from hostile ones."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.evidence.investigate import investigate
from bot.evidence.questions import Question
from bot.evidence.report import Coverage, Reason
from bot.evidence.sources.folder import LocalFolder
from bot.evidence.vault.vault import Vault
from bot.evidence.wording import NO_SIGN
from bot.incidents.headline import summary_of
from bot.slack.cards import deck
from bot.slack.cards import evidence_words as words
from bot.slack.cards.evidence import because
from bot.slack.cards.evidence_detail import PARTS
from bot.slack.cards.evidence_words import coverage_line, short
from bot.slack.cards.text import told
from bot.store import evidence
from bot.store.tables.evidence import Artefact
from bot.store.types import utcnow
from tests.evidence.records import leaked_key
from tests.evidence.story import ask
from tests.examples import some_of
from tests.reports.shown import complete, person
from tests.slack.validated import taken

LEAKED = ask(leaked_key())
STOLEN = "mordors3stack-s3bucket-llp2yingx64a"
HOSTILE = st.text(st.characters(codec="utf-8") | st.sampled_from("<>&`*_\u202e\n"), min_size=1, max_size=400)
slow_fixture = settings(
    max_examples=some_of(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
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


def test_the_card_is_short_and_the_thread_has_the_rest(house, incident):
    run_id = stored(house, incident, LEAKED)
    suspect, *_ = LEAKED.suspects
    text, actors = card(house, run_id).text, card(house, run_id, "actors").text
    assert text.splitlines()[1] == told(LEAKED.verdict, 1500)
    assert f"*Suspect:* `user/ci-deploy` (score {LEAKED.people[0].score}) from " in text
    assert suspect.principal not in text
    assert suspect.principal in actors
    assert all(key in actors and f"`{key}`" not in text for key in suspect.access_key_ids)
    given = [answer.answer for answer in LEAKED.answers]
    counts = (
        f"{given.count('yes')} yes, {given.count('no')} no, {given.count('cannot_know')} cannot be known."
    )
    assert f"*Answers:* {counts}" in text
    assert len(LEAKED.findings) > 3
    assert f"… {len(LEAKED.findings) - 3} more in the thread." in text
    assert all(f"({one.rule})" not in text for one in LEAKED.findings)


def test_the_score_is_explained_in_the_thread(house, incident):
    found = complete()
    run_id = stored(house, incident, found)
    text = card(house, run_id, "actors").text
    assert "*Suspect user ci-deploy: score 90*" in text
    assert "• +110 A place it was never seen at\n• -20 Signed in with MFA\n" in text
    assert "• One person: Its key issued the other one" in text
    assert "Because: a place it was never seen at." in card(house, run_id).text


def test_what_others_say_what_is_not_known_and_what_to_do_are_on_the_card(house, incident):
    steps = tuple(f"Do this {n}." for n in range(5))
    run_id = stored(house, incident, complete(next_steps=steps))
    text = card(house, run_id).text
    assert "• *High, GuardDuty:* Exfiltration:S3/AnomalousBehavior, <!date^" in text
    assert "*Not known*\n• Whether the objects were copied on is not known: ask the data owner." in text
    assert "*What to do next*\n• Do this 0.\n• Do this 1.\n• … 3 more in the thread." in text
    coverage = card(house, run_id, "coverage").text
    assert all(step in coverage for step in steps)
    assert "An unusual amount" not in text


def test_what_several_principals_of_one_took_is_counted_once():
    (actor,) = complete().actors
    again = actor.model_copy(update={"principal": "session", "bytes_out": 22, "bytes_exact": False})
    assert words.taken(actor, whole=True) == "Took *2 objects* by 2 GetObject calls: 178 bytes."
    assert (
        words.taken(actor, again, whole=True) == "Took *2 objects* by 4 GetObject calls: at least 200 bytes."
    )
    many = again.model_copy(update={"distinct_objects": 50_000, "bytes_out": None})
    said = words.taken(actor, many, whole=True)
    assert said == "Took *at least 50,000 objects* by 4 GetObject calls: at least 178 bytes."


def test_user_agents_are_shown_by_their_product(house, incident):
    agents = ("aws-cli/2.31.5 md/awscrt#0.27.6 ua/2.1 os/linux", "aws-cli/2.31.5 md/other", "curl/8")
    suspect, *_ = LEAKED.suspects
    changed = {"actors": (suspect.model_copy(update={"user_agents": agents}),)}
    run_id = stored(house, incident, LEAKED.model_copy(update=changed))
    assert "with `aws-cli/2.31.5` and `curl/8`\n" in card(house, run_id).text
    assert "md/awscrt#0.27.6" in card(house, run_id, "actors").text


def test_a_line_only_for_what_could_not_be_seen(house, incident):
    def seen(subject, answer):
        return Coverage(subject=subject, answer=answer, because="It is so.", turn_on="Switch it on.")

    coverage = (seen("management events", "yes"), seen("object writes", "yes"), seen("object reads", "no"))
    run_id = stored(house, incident, LEAKED.model_copy(update={"coverage": coverage}))
    said = card(house, run_id).text.partition("*What could be seen:* ")[2].splitlines()
    assert said[0] == "management events and object writes."
    assert said[1] == "• Object reads: *No.* It is so. To change that: Switch it on."
    assert said[2].startswith("*Suspect:*")
    none = LEAKED.model_copy(update={"coverage": (seen("object reads", "cannot_know"),)})
    assert "*What could be seen:* nothing for certain.\n" in card(house, stored(house, incident, none)).text


@pytest.mark.parametrize(
    ("reasons", "made"),
    [
        ((), "no reason is recorded."),
        (("Was refused X, and then it worked",), "was refused X, and then it worked."),
        (
            ("Read it.", "AWS found its key", "A client of attackers"),
            "read it; AWS found its key; a client of attackers.",
        ),
        (("Read " + "x" * 150, "Wrote " + "y" * 60, "Fled"), f"read {'x' * 150}, and 2 more reasons."),
        (("Read " + "x" * 400,), f"read {'x' * 194}…."),
    ],
)
def test_why_somebody_is_suspected_is_one_short_sentence(reasons, made):
    assert because(reasons) == made
    assert len(made) <= 225


def test_a_suspect_of_another_account_is_shown_with_it():
    theirs = "arn:aws:iam::999988887777:user/them"
    assert short(theirs, "111122223333") == "`user/them` of account `999988887777`"
    assert short(theirs, "999988887777") == short(theirs) == "`user/them`"
    assert short("anonymous", "111122223333") == "`anonymous`"
    assert short("arn:odd", "111122223333") == "`arn:odd`"


def test_the_thread_ends_its_sentences_once_and_tells_one_time(house, incident):
    unsure = LEAKED.actors[0].model_copy(update={"reasons": (NO_SIGN, "Refused calls alone are no sign.")})
    found = LEAKED.model_copy(update={"actors": (unsure, *LEAKED.actors[1:])})
    texts = [card(house, stored(house, incident, found), part).text for part in PARTS]
    assert not [text for text in texts if ".;" in text or "complete. \n" in text or text.endswith(" ")]
    actors, coverage = (texts[list(PARTS).index(part)] for part in ("actors", "coverage"))
    assert "nothing clears it either; refused calls alone are no sign.\n" in actors
    source = LEAKED.sources[0]
    assert f"• {source.kind[:1].upper()}{source.kind[1:]} `{source.where}`: complete" in coverage
    known = Coverage(subject="IAM", answer="yes", because="The report is of 2026-11-23 22:33:36 UTC.")
    assert coverage_line(known).startswith("IAM: *Yes.* The report is of <!date^1795473216^")


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
    reason = Reason(points=3, text=hostile)
    told_of = {"name": hostile, "reasons": (reason,) * 9, "joined": (hostile,), "principals": (hostile,) * 3}
    clue = complete().clues[0].model_copy(update={"title": hostile, "text": hostile})
    changed = {
        "actors": actors * 9,
        "people": (person(**told_of),) * 9,
        "clues": (clue,) * 9,
        "unknown": (hostile,) * 9,
        "next_steps": (hostile,) * 9,
        "findings": findings * 30,
        "answers": answers,
        "verdict": hostile,
    }
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
