"""What is to be restored: to the moment of the first destruction, below the folder that all keys share."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evidence.proposing.restoring import shared_prefix
from bot.remediation.catalogue import remediation
from tests.evidence.records import ATTACKER_IP, BUCKET, LEAKED_KEY, Log, user
from tests.evidence.stories import LINUX
from tests.evidence.story import ask

THIEF = user("ops", LEAKED_KEY, ATTACKER_IP, LINUX)
_SSE_C = "x-amz-server-side-encryption-customer-algorithm"


def proposed(log: Log) -> dict[str, str]:
    (step,) = [one for one in ask(log).proposals if one.remediation == "R44"]
    return dict(step.target)


def test_it_goes_back_to_just_before_the_first_act() -> None:
    log = Log()
    log.object(THIEF, "PutObject", "HOW_TO_RECOVER.txt")
    key = "pay/2026/a.csv"
    under_own_key = {"bucketName": BUCKET, "key": key, _SSE_C: "AES256"}
    first = log.wait(minutes=1).object(THIEF, "PutObject", key, requestParameters=under_own_key)
    for number in range(9):
        log.wait(seconds=2).object(THIEF, "DeleteObject", f"pay/2025/{number}.csv")
    (step,) = [one for one in ask(log).proposals if one.remediation == "R44"]
    assert step.why.count("Keep every version") == 1
    assert step.why.index("DeleteObject") < step.why.index("Keep every version")
    target = proposed(log)
    moment = str(first["eventTime"]).replace("Z", "+00:00")
    assert target == {"bucket": BUCKET, "before": moment, "prefix": "pay/"}
    assert remediation("R44").target("111122223333", "us-east-1", target).params["before"] == moment


def test_where_an_act_names_no_key_all_is_looked_through() -> None:
    log = Log()
    log.object(THIEF, "PutObject", "HOW_TO_RECOVER.txt")
    log.object(THIEF, "DeleteObject", "pay/a.csv")
    for _ in range(9):
        log.wait(seconds=2).object(THIEF, "DeleteObjects", None)
    assert "prefix" not in proposed(log)


@pytest.mark.parametrize(
    ("keys", "prefix"),
    [
        ([], ""),
        (["a/b"], "a/"),
        (["a"], ""),
        (["a/b/c", "a/b/d/e"], "a/b/"),
        (["a/b", "a/bc"], "a/"),
        (["ab/c", "ac/d"], ""),
        (["a/b", None], ""),
    ],
)
def test_the_folder_that_keys_share(keys: list[str | None], prefix: str) -> None:
    assert shared_prefix(keys) == prefix


@given(st.lists(st.text("ab/", min_size=1), min_size=1))
def test_every_key_is_in_it(keys: list[str]) -> None:
    prefix = shared_prefix([*keys])
    assert all(key.startswith(prefix) for key in keys)
    assert prefix == "" or prefix.endswith("/")
