"""Answers that tell the suspects' acts from those of others."""

from tests.evidence.records import ATTACKER_IP, BUCKET, LEAKED_KEY, Log, session, user
from tests.evidence.stories import BOTO, LINUX, role_arn
from tests.evidence.story import ask

THIEF = user("ops", LEAKED_KEY, ATTACKER_IP, LINUX)
CLEANER = session("cleanup", "nightly", "ASIACLEANER000000001", "10.0.0.4", BOTO)


def test_a_suspects_deletes_come_before_the_nightly_cleaning() -> None:
    log = Log()
    for number in range(9):
        log.wait(seconds=5).object(CLEANER, "DeleteObject", f"tmp/{number}")
    assert (
        ask(log)
        .answer("E20")
        .because.startswith("DeleteObject by session nightly of role cleanup (9 times).")
    )
    log.wait(minutes=5).object(THIEF, "DeleteObjects", None)
    log.object(THIEF, "PutObject", "HOW_TO_RECOVER.txt")
    assert (
        ask(log)
        .answer("E20")
        .because.startswith(
            "By suspects: DeleteObjects by user ops; "
            "by others: DeleteObject by session nightly of role cleanup (9 times)."
        )
    )


def test_the_role_of_a_batch_job_is_no_destination() -> None:
    log = Log()
    log.object(THIEF, "GetObject", "a")
    job = {"accountId": "111122223333", "CreateJobRequest": {"RoleArn": role_arn("mover"), "Priority": 1}}
    log.call(THIEF, "s3", "CreateJob", requestParameters=job)
    assert ask(log).answer("E17").because.startswith("CreateJob by user ops. Replication copies")


def selectors(*resources: str) -> dict[str, object]:
    data = [{"type": "AWS::S3::Object", "values": list(resources)}] if resources else []
    return {"readWriteType": "All", "includeManagementEvents": True, "dataResources": data}


def test_selectors_that_leave_the_bucket_out_are_evasion_by_a_suspect_only() -> None:
    def narrowed(log: Log, *resources: str) -> str:
        change = {"trailName": "main", "eventSelectors": [selectors(*resources)]}
        log.wait(minutes=5).call(THIEF, "cloudtrail", "PutEventSelectors", requestParameters=change)
        return ask(log).answer("E23").because

    ransom = Log()
    ransom.object(THIEF, "PutObject", "HOW_TO_RECOVER.txt")
    assert "Trail main records less since 2026-11-23 02:05:00 UTC." in narrowed(ransom)
    assert "PutEventSelectors" not in narrowed(Log())
    wider = Log()
    wider.object(THIEF, "PutObject", "HOW_TO_RECOVER.txt")
    assert "PutEventSelectors" not in narrowed(wider, "arn:aws:s3", f"arn:aws:s3:::{BUCKET}/")
