"""Why a step is proposed: each reason once, and no door closed on those who were let in before."""

from tests.evidence.records import ATTACKER_IP, BUCKET, LEAKED_KEY, Log, outsider, user
from tests.evidence.stories import LINUX, OTHER_ACCOUNT, lets_in
from tests.evidence.story import ask

THIEF = user("ops", LEAKED_KEY, ATTACKER_IP, LINUX)
PARTNER = "111122220000"


def test_many_acts_of_one_kind_are_told_in_one_sentence() -> None:
    log = Log()
    log.object(THIEF, "PutObject", "HOW_TO_RECOVER.txt")
    first = log.wait(minutes=1).object(THIEF, "DeleteObjects", None)
    for _ in range(8):
        last = log.wait(seconds=2).object(THIEF, "DeleteObjects", None)
    (step,) = [one for one in ask(log).proposals if one.remediation == "R44"]
    times = [str(record["eventTime"]).replace("T", " ").replace("Z", " UTC") for record in (first, last)]
    assert step.why.startswith(
        f"User ops called DeleteObjects from {times[0]} to {times[1]}. Keep every version"
    )
    assert step.why.count("DeleteObjects") == step.why.count("Keep every version") == 1
    assert len(step.event_ids) == 9


def test_a_partner_of_long_standing_is_not_named_in_what_to_take_out_of_the_policy() -> None:
    log = Log()
    log.object(outsider(PARTNER, "198.51.100.44"), "GetObject", "shared.csv")
    policy = lets_in(PARTNER)
    log.wait(hours=1).bucket(THIEF, "PutBucketPolicy", bucketPolicy=policy)
    assert not [one for one in ask(log).proposals if one.remediation == "R18"]
    policy["Statement"] += lets_in(OTHER_ACCOUNT)["Statement"]
    log.wait(hours=1).bucket(THIEF, "PutBucketPolicy", bucketPolicy=policy)
    (step,) = [one for one in ask(log).proposals if one.remediation == "R18"]
    assert step.target == {"bucket": BUCKET}
    assert OTHER_ACCOUNT in step.why
    assert PARTNER not in step.why
