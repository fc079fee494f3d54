from __future__ import annotations

from dataclasses import replace

from bot.evidence.coverage.trails import TrailFact, TrailFacts
from bot.evidence.report import Coverage
from bot.incidents import jobs
from bot.reports.gather import gather
from bot.reports.render import render
from bot.reports.summary import unknown
from bot.store import incidents, ledger
from bot.store.tables.incidents import Task
from tests.evidence.records import BUCKET, LEAKED_KEY, SECOND_KEY, Log, user
from tests.incidents.doing import later
from tests.reports.case import Case, Page
from tests.store.tampering import tamper


def recording(prefix: str = "") -> TrailFacts:
    """A trail that is on, with data events for the bucket's keys under a prefix."""
    resource = {"Type": "AWS::S3::Object", "Values": [f"arn:aws:s3:::{BUCKET}/{prefix}"]}
    selectors = {"EventSelectors": [{"ReadWriteType": "All", "DataResources": [resource]}]}
    return TrailFacts([TrailFact({"Name": "acme-trail"}, {"IsLogging": True}, selectors)], {})


def whats(case: Case) -> str:
    return "\n".join(risk.what for risk in case.gather().risks)


def test_an_incident_that_does_not_exist_has_no_report(case: Case) -> None:
    with case.desk.database.read() as tx:
        assert gather(tx, 99, case.vault) is None


def test_without_evidence_the_report_says_that_it_cannot_say(case: Case) -> None:
    data = case.gather()
    assert data.found is None
    assert data.unknown == (
        "No investigation of the logs was finished, so this report cannot say what happened.",
    )
    assert "nothing can be said about what happened" in case.page().text


def test_the_summary_tells_who_opened_what_was_found_and_that_it_is_not_contained(both: Case) -> None:
    found = both.investigate()
    both.close()
    opened, happened, contained, changed, closed = both.gather().summary
    assert opened == (
        "On 2026-03-01 03:00:00 UTC, U0DANA opened a SEV1 incident for the bucket acme-payroll"
        " in account 111122223333. The suspicion was: a key leaked."
    )
    assert happened == found.verdict
    assert contained.startswith("It was never contained")
    assert changed == "No change to AWS was proposed."
    assert closed == "U0DANA closed it on 2026-03-01 03:00:00 UTC."


def test_containment_is_told_with_its_time_and_its_loss(case: Case) -> None:
    with later(minutes=12), case.desk.database.begin() as tx:
        incidents.mark_contained(tx, 1, contained=True)
        incidents.add_timeline(tx, 1, "s3incident", "incident.contained", "Contained.")
    assert (
        case.gather().summary[2]
        == "It was contained on 2026-03-01 03:12:00 UTC, 12 minutes after it was opened."
    )
    with later(minutes=20), case.desk.database.begin() as tx:
        incidents.mark_contained(tx, 1, contained=False)
        incidents.add_timeline(tx, 1, "s3incident", "incident.not_contained", "No longer contained.")
    assert "but not any more since 2026-03-01 03:20:00 UTC" in case.gather().summary[2]
    assert "The incident is not contained." in whats(case)


def test_bytes_are_at_least_so_much_while_reads_may_be_unrecorded(case: Case) -> None:
    case.investigate(trails=recording("payroll/"))
    thief = case.gather().hauls[0]
    assert thief.actor.principal.endswith("user/ci-deploy")
    assert (thief.objects, thief.calls) == ("at least 35 objects", "at least 36 calls")
    assert thief.size.startswith("at least 36,595 bytes")


def test_bytes_are_exact_once_every_read_is_known_to_be_recorded(case: Case) -> None:
    case.investigate(trails=recording())
    thief = case.gather().hauls[0]
    assert (thief.objects, thief.size) == ("35 objects", "exactly 36,595 bytes (36.6 kB)")


def test_bytes_that_no_record_tells_are_unknown(case: Case) -> None:
    log, thief = Log(), user("ci-deploy", LEAKED_KEY, "203.0.113.66", "curl/8")
    log.object(thief, "GetObject", "payroll/1.csv", size=None)
    case.investigate(log)
    assert [haul.size for haul in case.gather().hauls] == ["unknown: no record says"]


def test_the_objects_of_the_suspects_are_listed_once(case: Case) -> None:
    case.investigate()
    keys = case.gather().keys
    assert len(keys) == len(set(keys)) == 35
    assert "payroll/34.csv" in case.page().text


def test_what_is_not_known_names_what_was_not_recorded_and_the_open_questions(case: Case) -> None:
    case.investigate()
    *_, questions = case.gather().unknown
    assert "questions could not be answered from these logs (E" in questions
    assert "Nobody looked: server access logs" in case.page().text


def test_services_keep_their_names_spelling(case: Case) -> None:
    case.investigate()
    data = case.gather()
    assert data.found is not None
    row = Coverage(subject="GuardDuty findings", answer="no", because="Off in us-east-1.")
    source = data.found.sources[0].model_copy(update={"note": "asked for the bucket only"})
    found = data.found.model_copy(update={"coverage": (row,), "sources": (source,)})
    assert unknown(found)[0] == "GuardDuty findings were not recorded. Off in us-east-1."
    text = Page.of(render(replace(data, found=found))).text
    assert "GuardDuty findings" in text.partition("What could be seen")[2]
    assert "Asked for the bucket only." in text


def test_proposals_that_nobody_planned_are_risks(case: Case) -> None:
    case.investigate()
    case.desk.propose(case.incident)  # R2 on ci-deploy
    said = whats(case)
    assert f"R1 on ci-deploy, {LEAKED_KEY} was suggested by the evidence and never planned." in said
    assert f"R1 on ci-deploy, {SECOND_KEY} was suggested" in said
    assert "R2 on ci-deploy was suggested" not in said


def test_a_change_that_failed_or_was_refused_is_a_risk_and_one_in_force_is_not(case: Case) -> None:
    row = case.desk.propose(case.incident)
    case.desk.approve(row)
    case.desk.handle(jobs.PLAN_EXECUTE, plan_id=row.id)
    assert "Plan 1" not in whats(case)
    refused = case.desk.propose(
        case.incident, remediation="R1", target={"user": "ci-deploy", "access_key_id": "AKIAEXAMPLE000000001"}
    )
    case.desk.reject(refused)
    assert "Plan 2, " in whats(case)
    assert "is rejected. Nothing was called." in whats(case)


def test_open_and_done_tasks_are_listed(case: Case) -> None:
    with case.desk.database.begin() as tx:
        incidents.add_task(tx, Task(incident_id=1, title="Ask the data owner", state="open"))
        done = incidents.add_task(tx, Task(incident_id=1, title="Rotate the key", state="open"))
        incidents.finish_task(tx, done.id, "U0ANA")
    duties = case.gather().duties
    assert [(duty.title, duty.open, duty.done_by) for duty in duties] == [
        ("Ask the data owner", True, None),
        ("Rotate the key", False, "U0ANA"),
    ]


def test_evidence_files_are_hashed_again(case: Case) -> None:
    case.investigate()
    exhibits = case.gather().exhibits
    assert [(one.kind, one.whole) for one in exhibits] == [("investigation", True), ("events", True)]
    assert all(one.sha256 in case.page().text for one in exhibits)
    lost = case.vault.root / exhibits[1].sha256[:2] / f"{exhibits[1].sha256}.gz"
    lost.write_bytes(b"something else")
    assert [one.whole for one in case.gather().exhibits] == [True, False]
    assert "events-0001.json is missing from the vault or was changed" in whats(case)


def test_the_ledger_is_checked_and_its_head_published(both: Case) -> None:
    both.close()
    with both.desk.database.read() as tx:
        head = ledger.head(tx)
    chain = both.gather().chain
    assert (chain.seq, chain.hash, chain.broken) == (head.seq, head.hash, None)
    assert head.hash in both.page().text
    tamper(both.desk.database, "UPDATE ledger SET actor = 'nobody' WHERE seq = 1")
    assert both.gather().chain.broken == 1
    assert "The chain is broken at entry 1." in both.page().text
    assert both.gather().risks[0].what == "The ledger's chain breaks at entry 1."
