"""Investigating over real HTTP: the fake AWS, its event history and its trail's files."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import time_machine

from bot.aws.access import AwsAccess
from bot.aws.errors import AwsUnavailable
from bot.aws.fact import Fact
from bot.aws.lookup import event_history
from bot.aws.trails import TrailFact, TrailFacts
from bot.config import Settings
from bot.evidence.match_file import InUseError
from bot.evidence.matches import Matches
from bot.evidence.questions import Question
from bot.evidence.sources.plan import LookupPlan
from bot.evidence.vault.vault import Artefact as Stored
from bot.evidence.vault.vault import Vault
from bot.incidents import evidence_sources, jobs
from bot.incidents.evidence_sources import known_trails, trail_prefixes
from bot.incidents.given_up import give_up
from bot.incidents.handlers import handlers
from bot.incidents.headline import investigation_of
from bot.incidents.opening import OpenRequest, open_incident
from bot.incidents.progress import Progress
from bot.store import evidence, incidents, outbox, playbooks
from bot.store.database import Database
from bot.store.jobs import Claim, open_jobs
from tests.aws.account import ACCOUNT, REGION, Account, running
from tests.incidents.doing import Desk

BUCKET = "acme-payroll"
#: What CloudTrail asks of a trail's bucket (CloudTrail user guide, "Amazon S3 bucket policy for CloudTrail").
TRAIL_MAY_WRITE = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": "s3:GetBucketAcl",
            "Resource": "arn:aws:s3:::acme-trail-logs",
        },
        {
            "Effect": "Allow",
            "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::acme-trail-logs/AWSLogs/{ACCOUNT}/*",
            "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}},
        },
    ],
}


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with running() as made:
        made.bucket(BUCKET)
        made.bucket("acme-trail-logs", TRAIL_MAY_WRITE)
        trail = made.client("cloudtrail")
        trail.create_trail(Name="acme-trail", S3BucketName="acme-trail-logs")
        trail.put_event_selectors(
            TrailName="acme-trail",
            EventSelectors=[
                {
                    "ReadWriteType": "All",
                    "IncludeManagementEvents": True,
                    "DataResources": [{"Type": "AWS::S3::Object", "Values": [f"arn:aws:s3:::{BUCKET}/"]}],
                }
            ],
        )
        trail.start_logging(Name="acme-trail")
        thief = made.user("ci-deploy")
        made.of("s3", thief).get_object(Bucket=BUCKET, Key="2026/salaries.csv")
        made.fake.deliver()
        yield made


@pytest.fixture(autouse=True)
def few_lookups(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first three are enough here."""
    monkeypatch.setattr(evidence_sources, "LookupPlan", partial(LookupPlan, most=3))


class Room:
    def __init__(self, database: Database, account: Account, tmp_path: Path, trail_logs: str | None) -> None:
        known = account.settings.accounts[0].model_copy(update={"trail_logs": trail_logs})
        self.settings = Settings(_env_file=None, accounts=(known,), vault_dir=tmp_path / "vault")
        self.database = database
        self.handlers = handlers(database, self.settings, AwsAccess(self.settings))

    def begin(self, bucket: str, account_id: str = ACCOUNT) -> dict[str, Any]:
        """An incident whose playbook has one step, collecting evidence, and the job for it."""
        with self.database.begin() as tx:
            request = OpenRequest(bucket, account_id, REGION, 1, "", "U0DANA")
            incident = open_incident(tx, request).incident
            run = playbooks.start_run(tx, incident.id, "one", {"steps": []}, [("collect", "evidence")])
            step = playbooks.steps(tx, run.id)[0]
            playbooks.move_step(tx, step.id, {"waiting"}, "running", {})
        return {"incident_id": incident.id, "step_id": step.id, "job_id": 1}

    def collect(self, payload: dict[str, Any]) -> None:
        self.handlers[jobs.EVIDENCE_COLLECT](payload)

    def notices(self) -> list[str]:
        with self.database.read() as tx:
            return [m.args["text"] for m in outbox.pending(tx) if m.card == "notice"]


@pytest.fixture
def room(sqlite: Database, account: Account, tmp_path: Path) -> Room:
    return Room(sqlite, account, tmp_path, "s3://acme-trail-logs")


def test_evidence_is_collected_kept_and_shown(room: Room) -> None:
    payload = room.begin(BUCKET)
    room.collect(payload)

    with room.database.read() as tx:
        run = evidence.latest_run(tx, 1)
        assert run is not None
        found = investigation_of(run)
        step = playbooks.get_step(tx, payload["step_id"])
        files = evidence.artefacts(tx, 1)
        shown = [(m.key, m.card, m.thread_of) for m in outbox.pending(tx)]
        (job,) = open_jobs(tx, jobs.PLAYBOOK_ADVANCE)
    assert found is not None
    readers = {actor.principal: actor.objects_read for actor in found.actors if actor.objects_read}
    assert readers == {f"arn:aws:iam::{ACCOUNT}:user/ci-deploy": ("2026/salaries.csv",)}
    assert [source.kind for source in found.sources] == ["trail files", "event history"]
    assert next(one for one in found.coverage if one.subject == "object reads").answer != "no"
    assert step is not None
    assert step.state == "done"
    assert job.payload == {"incident_id": 1}
    assert shown == [
        ("incident:1", "control", None),
        ("evidence:1", "evidence", None),
        ("evidence:1:actors", "evidence_detail", "evidence:1"),
        ("evidence:1:timeline", "evidence_detail", "evidence:1"),
        ("evidence:1:answers", "evidence_detail", "evidence:1"),
        ("evidence:1:coverage", "evidence_detail", "evidence:1"),
        ("evidence:1:file", "file", "evidence:1"),
    ]
    assert [one.name for one in files] == [
        "inc-0001-acme-payroll-investigation.json",
        "inc-0001-acme-payroll-events-0001.json",
        "inc-0001-acme-payroll-parts.jsonl",
    ]
    _check_vault(room, files)


def _check_vault(room: Room, files: list[Any]) -> None:
    vault = Vault(room.settings.vault_dir)
    report, events, parts = (Stored(one.path, one.sha256, one.size, one.kind, "") for one in files)
    assert vault.verify(report)
    assert vault.verify(events)
    assert vault.verify(parts)
    assert json.loads(vault.read(report))["bucket"] == BUCKET
    names = {one["eventName"] for one in json.loads(vault.read(events))["Records"]}
    assert "GetObject" in names


def test_the_same_job_again_changes_nothing(room: Room) -> None:
    payload = room.begin(BUCKET)
    room.collect(payload)
    with room.database.read() as tx:
        before = [(m.key, m.wanted) for m in outbox.pending(tx)]
    room.collect(payload)
    with room.database.read() as tx:
        assert [(m.key, m.wanted) for m in outbox.pending(tx)] == before
        assert len(evidence.artefacts(tx, 1)) == 3


def test_a_later_run_reads_only_what_is_new(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[datetime] = []

    def counted(reader: Any) -> Any:
        history = event_history(reader)

        def ask(**query: Any) -> Any:
            asked.append(query["start"])
            return history(**query)

        return ask

    monkeypatch.setattr(evidence_sources, "event_history", counted)
    payload = room.begin(BUCKET)
    room.collect(payload)
    first = len(asked)
    # Event history is asked for whole seconds: what this one holds is seen in the next.
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=2)):
        room.collect({"incident_id": payload["incident_id"]})
    with room.database.read() as tx:
        found = [investigation_of(run) for run in evidence.runs(tx, payload["incident_id"])]
    one, two = (result for result in found if result)
    # Since then the bot itself was at the bucket.
    assert {actor.principal for actor in one.actors} <= {actor.principal for actor in two.actors}
    assert one.totals.set_apart.own < two.totals.set_apart.own
    days, minutes = (datetime.now(UTC) - start for start in (asked[0], asked[first]))
    assert days > timedelta(days=1)
    assert minutes < timedelta(minutes=20)
    (file,) = (room.settings.vault_dir.parent / "matches").iterdir()
    assert (file.name, file.stat().st_mode & 0o777) == ("inc-0001-acme-payroll.sqlite", 0o600)


def test_an_unknown_bucket_is_said_first_and_the_search_goes_on(room: Room) -> None:
    payload = room.begin("acme-no-such-bucket")
    room.collect(payload)
    (said,) = room.notices()
    assert "there is no bucket acme-no-such-bucket" in said
    with room.database.read() as tx:
        assert evidence.latest_run(tx, 1) is not None
        kinds = [entry.kind for entry in incidents.timeline(tx, 1)]
    assert kinds.index("evidence.bucket") < kinds.index("evidence.done")


def test_trail_files_that_cannot_be_read_are_said_and_event_history_does_alone(
    sqlite: Database, account: Account, tmp_path: Path
) -> None:
    room = Room(sqlite, account, tmp_path, "s3://acme-no-such-logs/x")
    room.collect(room.begin(BUCKET))
    (said,) = room.notices()
    assert said.startswith("The trail's files at s3://acme-no-such-logs/x cannot be read")
    with sqlite.read() as tx:
        run = evidence.latest_run(tx, 1)
        assert run is not None
        found = investigation_of(run)
    assert found is not None
    assert [source.kind for source in found.sources] == ["event history"]


def test_an_account_without_settings_fails_with_a_sentence(room: Room) -> None:
    payload = room.begin(BUCKET, "444455556666")
    room.collect(payload)
    (said,) = room.notices()
    assert "444455556666" in said
    with room.database.read() as tx:
        step = playbooks.get_step(tx, payload["step_id"])
        run = evidence.run_of_step(tx, payload["step_id"])
    assert step is not None
    assert step.state == "failed"
    assert run is not None
    assert run.state == "failed"


def test_silence_of_aws_is_tried_again_and_given_up_aloud(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    payload = room.begin(BUCKET)
    with monkeypatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        patch.setenv("AWS_MAX_ATTEMPTS", "1")
        offline = handlers(room.database, room.settings, AwsAccess(room.settings))
        with pytest.raises(AwsUnavailable):
            offline[jobs.EVIDENCE_COLLECT](payload)
    with room.database.begin() as tx:
        give_up(tx, Claim(3, jobs.EVIDENCE_COLLECT, payload, 8, "me"), "no connection")
        step = playbooks.get_step(tx, payload["step_id"])
        assert step is not None
        assert step.state == "failed"
    assert "no connection" in room.notices()[0]


def test_progress_is_told_at_most_once_a_second(desk: Desk) -> None:
    desk.open()
    clock = iter([0.0, 0.2, 0.9, 1.0, 1.5]).__next__
    with desk.database.begin() as tx:
        run = evidence.start_run(tx, 1, None, {})
        outbox.show(tx, f"evidence:{run.id}", outbox.incident_place(1), "evidence", {})
    progress = Progress(desk.database, run.id, clock)
    for number in range(5):
        progress(f"{number} of 5")
    with desk.database.read() as tx:
        current = evidence.get_run(tx, run.id)
        assert current is not None
        assert current.progress == "3 of 5"
    assert desk.wanted(f"evidence:{run.id}") == 3


@pytest.mark.parametrize(
    ("url", "first"),
    [
        ("s3://logs", "AWSLogs/111122223333/CloudTrail/eu-west-1/"),
        ("s3://logs/prefix", "AWSLogs/111122223333/CloudTrail/eu-west-1/"),
        ("s3://logs/AWSLogs/o-abc", "111122223333/CloudTrail/eu-west-1/"),
    ],
)
def test_where_a_trail_writes(url: str, first: str) -> None:
    assert trail_prefixes(url, ACCOUNT, ("eu-west-1",)) == (first, first.replace("eu-west-1", "us-east-1"))


def test_what_cannot_be_read_about_trails_is_never_taken_for_off() -> None:
    no: Fact[Any] = Fact(unknown="not permitted")
    unknown = TrailFacts(ACCOUNT, BUCKET, Fact(REGION), no, no)
    assert known_trails(unknown) is None
    trail = {"Name": "t", "TrailARN": "arn", "HomeRegion": REGION}
    part = known_trails(TrailFacts(ACCOUNT, BUCKET, Fact(REGION), no, Fact((TrailFact(trail, no, no),))))
    assert part is not None
    assert part.trails == ()
    assert part.access_logging() is None
    on: Fact[Any] = Fact({"IsLogging": True})
    seen = known_trails(TrailFacts(ACCOUNT, BUCKET, Fact(REGION), no, Fact((TrailFact(trail, on, no),))))
    assert seen is not None
    assert seen.objects(BUCKET, reads=True) == (None, "t")
    assert not seen.trails[0].management()
    off = known_trails(TrailFacts(ACCOUNT, BUCKET, Fact(REGION), Fact({}), Fact(())))
    assert off is not None
    assert off.access_logging() is False


def test_damaged_matches_are_set_aside_and_everything_is_read_anew(room: Room) -> None:
    payload = room.begin(BUCKET)
    folder = room.settings.vault_dir.parent / "matches"
    folder.mkdir(parents=True)
    (folder / f"inc-0001-{BUCKET}.sqlite").write_text("damaged" * 1000)
    room.collect(payload)
    (said,) = room.notices()
    assert "cannot be used: file is not a database" in said
    assert "inc-0001-acme-payroll.unusable-1.sqlite" in said
    with room.database.read() as tx:
        run = evidence.latest_run(tx, 1)
    assert run is not None
    assert (run.state, {one.name for one in folder.iterdir()}) == (
        "done",
        {f"inc-0001-{BUCKET}.sqlite", f"inc-0001-{BUCKET}.unusable-1.sqlite"},
    )


def test_matches_in_use_by_another_worker_are_waited_for(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    payload = room.begin(BUCKET)
    path = room.settings.vault_dir.parent / "matches" / f"inc-0001-{BUCKET}.sqlite"
    connect = sqlite3.connect
    with Matches.open(path, Question(bucket=BUCKET)), monkeypatch.context() as patch:
        # SQLite would wait five seconds for the other.
        patch.setattr(sqlite3, "connect", lambda path, **more: connect(path, **more | {"timeout": 0}))
        with pytest.raises(InUseError):
            room.collect(payload)
    with room.database.read() as tx:
        step = playbooks.get_step(tx, payload["step_id"])
        assert step is not None
        assert step.state == "running"
    room.collect(payload)
    assert room.notices() == []


def test_own_detections_that_do_not_load_are_said(
    sqlite: Database, account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("S3INCIDENT_DETECTIONS_DIR", str(tmp_path / "gone"))
    room = Room(sqlite, account, tmp_path, None)
    room.collect(room.begin(BUCKET))
    (said,) = room.notices()
    assert said.startswith("Not all of the team's own detections are in force")
    assert "There is no such folder" in said
