"""The whole: real logs with known truth, and answers that do not depend on how the logs happen to lie."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.evidence.investigate import investigate
from bot.evidence.questions import Question
from bot.evidence.report import Investigation
from bot.evidence.sources.folder import LocalFolder
from tests.evidence.records import ACCOUNT, BUCKET, LEAKED_KEY, Log, Record, leaked_key, session, user, write
from tests.evidence.story import Records, ask
from tests.examples import some_of

LEAKED = leaked_key().records


def without_totals(result: Investigation) -> dict[str, Any]:
    answers = result.to_json()
    for changing in ("totals", "sources"):
        del answers[changing]
    text = json.dumps(answers)
    # How many files were read is told in sentences, and may differ.
    return json.loads(
        text.replace("2 log files read", "1 log file read").replace("3 log files read", "1 log file read")
    )


EXPECTED = without_totals(ask(LEAKED))


@given(st.randoms(use_true_random=False))
@settings(max_examples=some_of(15), deadline=None)
def test_the_order_of_records_changes_nothing(chance: random.Random) -> None:
    records = list(LEAKED)
    chance.shuffle(records)
    assert without_totals(ask(records)) == EXPECTED


#: Who looks after another bucket is not searched for, and its duplicates are not either.
FOUND = [record for record in LEAKED if record["userIdentity"]["type"] != "AWSService"]


@given(st.lists(st.sampled_from(FOUND), max_size=40))
@settings(max_examples=some_of(15), deadline=None)
def test_duplicates_change_nothing(again: list[Record]) -> None:
    result = ask([*LEAKED, *again])
    assert without_totals(result) == EXPECTED
    assert (result.totals.duplicates, result.totals.unique_events) == (len(again), len(LEAKED))


@given(cuts=st.lists(st.integers(0, len(LEAKED)), min_size=2, max_size=2), swap=st.booleans())
@settings(
    max_examples=some_of(15), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_division_into_files_changes_nothing(
    cuts: list[int], swap: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("logs")
    first, second = sorted(cuts)
    parts = [LEAKED[:first], LEAKED[first:second], LEAKED[second:]]
    for number, part in enumerate(reversed(parts) if swap else parts):
        write(folder, part, name=f"20261123T033{number}Z_x")
    question = Question(bucket=BUCKET, account_id=ACCOUNT)
    assert without_totals(investigate(question, [LocalFolder(folder)])) == EXPECTED


def test_the_division_into_sources_changes_nothing() -> None:
    question = Question(bucket=BUCKET, account_id=ACCOUNT)
    result = investigate(question, [Records(LEAKED[60:]), Records(LEAKED[:70])])
    assert without_totals(result) == EXPECTED
    assert result.totals.duplicates == 10


def test_unrelated_events_change_nothing_about_the_bucket() -> None:
    log = Log(records=list(LEAKED))
    busy = session("other-app", "x", "ASIAOTHER00000000001", "10.0.0.77", "Boto3")
    for number in range(300):
        log.object(busy, "GetObject", f"{number}", bucket="other-bucket")
    result = without_totals(ask(log))
    actors = [actor for actor in result["actors"] if not actor["principal"].endswith("other-app/x")]
    assert actors == EXPECTED["actors"]
    for part in ("findings", "timeline", "proposals", "lineage", "verdict"):
        assert result[part] == EXPECTED[part]


HOSTILE = [
    "`rm -rf /` $(id)",
    "<!channel> <https://evil.example|click>",
    "[bold red]owned[/] \x1b[31mred\x1b[0m \x07",
    "'; DROP TABLE incidents; --",
    "{{ 7*7 }} {% include 'x' %}",
    "\u202etxt.exe \ufffd \x00",
    "x" * 100_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_strings_survive_and_stay_text(text: str) -> None:
    log = Log()
    thief = user("evil", LEAKED_KEY, text, text)
    log.object(thief, "GetObject", text)
    log.bucket(
        thief,
        "PutBucketPolicy",
        bucketPolicy={
            "Statement": {
                "Sid": text,
                "Effect": "Allow",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": text,
            }
        },
    )
    log.call(session(text, text, text, text, text), "iam", "CreateUser", requestParameters={"userName": text})
    result = ask(log)
    actor = next(one for one in result.actors if one.type == "IAMUser")
    assert actor.objects_read == (text,)
    assert actor.user_agents == (text,)
    for sentence in [
        result.verdict,
        *(a.because for a in result.answers),
        *(t.text for t in result.timeline),
    ]:
        assert "\x1b" not in sentence
        assert len(sentence) < 2000


def test_a_key_that_cannot_be_encoded_does_not_stop_the_json() -> None:
    log = Log()
    log.object(user("u", LEAKED_KEY, "1.2.3.4", "x"), "GetObject", "caf\u00e9 \u202e")
    assert "caf\u00e9 \u202e" in json.dumps(ask(log).to_json(), ensure_ascii=False)


def test_bytes_are_unknown_where_no_record_says_and_at_least_where_some_do() -> None:
    caller = user("u", LEAKED_KEY, "1.2.3.4", "x")
    log = Log()
    log.object(caller, "GetObject", "a", size=None)
    (actor,) = ask(log).actors
    assert (actor.bytes_out, actor.get_object_calls) == (None, 1)
    assert "unknown number of bytes" in ask(log).answer("E8").because
    log.object(caller, "GetObject", "b", size=89.0)
    (actor,) = ask(log).actors
    assert (actor.bytes_out, actor.bytes_exact) == (89, False)
    assert "at least 89 bytes" in ask(log).answer("E8").because


def test_the_answers_are_the_catalogues() -> None:
    result = ask(LEAKED)
    assert [answer.id for answer in result.answers] == [f"E{number}" for number in range(1, 31)]
    given = {answer.id: answer.answer for answer in result.answers}
    yes = {"E1", "E2", "E3", "E4", "E5", "E6", "E7", "E8", "E10", "E12", "E13", "E14", "E15", "E25", "E26"}
    no = {"E11", "E17", "E18", "E19", "E20", "E21", "E22", "E23", "E24", "E27", "E30"}
    assert {one for one, answer in given.items() if answer == "yes"} == yes
    assert {one for one, answer in given.items() if answer == "no"} == no


def test_every_event_id_named_is_one_of_the_log() -> None:
    result, ids = ask(LEAKED), {record["eventID"] for record in LEAKED}
    parts = [*result.answers, *result.findings, *result.timeline, *result.proposals]
    assert {one for part in parts for one in part.event_ids} <= ids
    assert {hop.event_id for hop in result.lineage} - {None} <= ids


def test_the_contract_reads_back() -> None:
    result = ask(LEAKED)
    assert Investigation.model_validate(result.to_json()) == result
    assert result.to_json()["schema_version"] == 1


# A bank's web server gave away its role's credentials; publisher masked everybody to one address.


@pytest.fixture(scope="module")
def bank_truth(real_data: Path) -> dict[str, Any]:
    return json.loads((real_data / "otrf_ec2_proxy_s3_exfil" / "truth.json").read_text())


@pytest.fixture(scope="module")
def bank(real_data: Path, bank_truth: dict[str, Any]) -> Investigation:
    question = Question(bucket=bank_truth["question"]["bucket"])
    return investigate(question, [LocalFolder(real_data / "otrf_ec2_proxy_s3_exfil")])


def test_one_suspect_the_session_and_its_key(bank: Investigation, bank_truth: dict[str, Any]) -> None:
    (suspect,) = bank.suspects
    attacker = bank_truth["attacker"]
    assert [suspect.principal] == attacker["principals"]
    assert list(suspect.access_key_ids) == attacker["access_key_ids"]
    assert list(suspect.source_ips) == attacker["ips"]
    assert suspect.events == attacker["events"]
    assert [f"[{agent}]" for agent in suspect.user_agents] == attacker["user_agents"]
    as_text = suspect.model_dump(mode="json")
    assert (as_text["first_seen"], as_text["last_seen"]) == (attacker["first"], attacker["last"])


def test_what_it_got(bank: Investigation, bank_truth: dict[str, Any]) -> None:
    (suspect,) = bank.suspects
    bucket = bank_truth["bucket"]
    assert list(suspect.objects_read) == bucket["objects_read"]
    assert suspect.get_object_calls == bucket["ops"]["GetObject"]
    assert suspect.bytes_out == bucket["bytes_out_getobject"]
    assert suspect.bytes_exact
    assert suspect.denied == bank_truth["denied"]
    reads = [
        entry.model_dump(mode="json")["time"] for entry in bank.timeline if entry.action == "s3:GetObject"
    ]
    assert reads == bucket["get_object_times"]


def test_where_the_credentials_come_from(bank: Investigation, bank_truth: dict[str, Any]) -> None:
    (hop,) = bank.lineage
    (origin,) = bank_truth["credential_origin"]
    assert hop.model_dump(mode="json")["time"] == origin["time"]
    assert hop.minted_by == origin["assumed_by"]
    assert origin["instance"] in hop.origin
    assert hop.event_id == "a3a3dded-7c27-42c0-a42d-891cdd436278"


def test_the_operator_at_the_same_address_is_not_suspect(bank: Investigation) -> None:
    pedro = next(actor for actor in bank.actors if actor.principal.endswith("user/pedro"))
    assert pedro.events == 87
    assert pedro.label == "known"
    assert "It did not touch the bucket." in pedro.reasons


def test_totals_and_answers_of_the_bank(bank: Investigation, bank_truth: dict[str, Any]) -> None:
    assert bank.totals.unique_events == bank_truth["events"]
    assert bank.totals.set_apart.services == 1
    assert bank.account_id == bank_truth["question"]["account"]
    assert bank.answer("E14").answer == "no"
    assert bank.answer("E20").answer == "cannot_know"
    assert bank.answer("E12").event_ids == ("a3a3dded-7c27-42c0-a42d-891cdd436278",)


# 301 probes of a public bucket over two years.


@pytest.fixture(scope="module")
def honey_truth(real_data: Path) -> dict[str, Any]:
    return json.loads((real_data / "otrf_honeybucket" / "truth.json").read_text())


@pytest.fixture(scope="module")
def honey(real_data: Path) -> Investigation:
    return investigate(Question(bucket="microsoft-devtest"), [LocalFolder(real_data / "otrf_honeybucket")])


def test_those_who_wrote_are_suspects_and_the_noise_is_not(
    honey: Investigation, honey_truth: dict[str, Any]
) -> None:
    writers = {f"AWS account {write['who']}" for write in honey_truth["writes"]}
    assert {actor.principal for actor in honey.suspects} == writers
    addresses = {write["ip"] for write in honey_truth["writes"]}
    assert {ip for actor in honey.suspects for ip in actor.source_ips} >= addresses


def test_anonymous_and_foreign_access(honey: Investigation, honey_truth: dict[str, Any]) -> None:
    assert honey.totals.about_bucket == honey_truth["events"]
    assert honey.answer("E10").events == honey_truth["anonymous"]
    assert honey.answer("E11").events == sum(honey_truth["authenticated_foreign_accounts"].values())
    anonymous = [actor for actor in honey.actors if actor.principal == "anonymous"]
    assert sum(actor.events for actor in anonymous) == honey_truth["anonymous"]


def test_management_was_not_recorded_and_is_not_called_no(honey: Investigation) -> None:
    for question in ("E12", "E14", "E15", "E22", "E23"):
        assert honey.answer(question).answer == "cannot_know"
    assert honey.answer("E8").answer == "no"
    assert not honey.proposals


SIGNATURE, TOKEN = "deadbeef" * 8, "IQoJb3JpZ2luX2VjSECRETSECRET"


def with_secrets(record: Record) -> Record:
    """Whatever the attacker or AWS wrote where: presigned URLs and keys, in all the texts that are shown."""
    url = f"https://b.s3.amazonaws.com/k?X-Amz-Signature={SIGNATURE}&X-Amz-Security-Token={TOKEN}"
    text = url + json.dumps({"sessionToken": TOKEN, "secretAccessKey": SIGNATURE})
    parameters = {**(record["requestParameters"] or {}), "X-Amz-Signature": SIGNATURE}
    if "key" in parameters:
        parameters["key"] = text
    return record | {"userAgent": text, "errorMessage": text, "requestParameters": parameters}


def test_no_secret_is_in_the_result_that_people_and_the_database_get() -> None:
    told = json.dumps(ask([with_secrets(record) for record in LEAKED]).to_json())
    assert "X-Amz-Signature=[redacted]" in told
    assert LEAKED_KEY in told
    assert SIGNATURE not in told
    assert TOKEN not in told
