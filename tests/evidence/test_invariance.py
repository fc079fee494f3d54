"""How the logs happen to lie never changes the answers about a bucket: over logs made up by chance."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.evidence.investigate import investigate
from bot.evidence.questions import Question
from tests.evidence.records import (
    ACCOUNT,
    ALLOW_ALL,
    ATTACKER_IP,
    BUCKET,
    CI_IP,
    PUBLIC_POLICY,
    START,
    Caller,
    Log,
    Record,
    anonymous,
    outsider,
    service,
    session,
    user,
)
from tests.evidence.story import Records
from tests.examples import some_of

ADDRESSES = (CI_IP, ATTACKER_IP, "10.0.0.4", "192.0.2.200")
AGENTS = ("aws-cli/2.31.0 Linux/6.1", "Boto3/1.40.1 os/macos#24", "Mozilla/5.0", "trufflehog")
KEYS = tuple(f"AKIAUSER{number:012d}" for number in range(3)) + tuple(
    f"ASIASESSION{number:09d}" for number in range(4)
)


@st.composite
def callers(draw: st.DrawFn) -> Caller:
    number = draw(st.integers(0, 8))
    place, agent = draw(st.sampled_from(ADDRESSES)), draw(st.sampled_from(AGENTS))
    if number < 3:
        return user(f"user-{number}", KEYS[number], place, agent)
    if number < 7:
        return session(f"role-{number}", "x", KEYS[number], place, agent)
    return (
        anonymous(place)
        if number == 7
        else draw(st.sampled_from([service("config.amazonaws.com"), outsider("444455556666", place)]))
    )


def _bucket(draw: st.DrawFn) -> str:
    return draw(st.sampled_from([BUCKET, "acme-website"]))


def _call(draw: st.DrawFn, log: Log, who: Caller) -> None:
    kind = draw(
        st.sampled_from(["read", "write", "list", "look", "grant", "mint", "key", "open", "trail", "far"])
    )
    name = f"user-{draw(st.integers(0, 2))}"
    if kind in ("read", "write"):
        error = {"errorCode": "AccessDenied"} if draw(st.booleans()) else {}
        key = f"payroll/{draw(st.integers(0, 30))}.csv"
        calls = {"read": "GetObject", "write": draw(st.sampled_from(["PutObject", "DeleteObject"]))}
        log.object(who, calls[kind], key, bucket=_bucket(draw), **error)
    elif kind == "list":
        log.object(who, "ListObjects", None, bucket=_bucket(draw))
    elif kind == "look":
        log.call(who, "s3", draw(st.sampled_from(["ListBuckets", "GetBucketPolicy", "GetCallerIdentity"])))
    elif kind == "grant":
        members = {"userName": name, "policyDocument": ALLOW_ALL}
        log.call(who, "iam", "PutUserPolicy", requestParameters=members)
    elif kind == "mint":
        log.assume(who, f"role-{draw(st.integers(3, 6))}", "x", KEYS[draw(st.integers(3, 6))])
    elif kind == "key":
        log.create_key(who, name, KEYS[draw(st.integers(0, 2))])
    elif kind == "open":
        log.bucket(who, "PutBucketPolicy", bucket=_bucket(draw), bucketPolicy=PUBLIC_POLICY)
    elif kind == "trail":
        log.call(who, "cloudtrail", draw(st.sampled_from(["StopLogging", "StartLogging"])))
    else:
        log.call(who, "ec2", "DescribeInstances")


@st.composite
def logs(draw: st.DrawFn) -> list[Record]:
    log = Log()
    for _ in range(draw(st.integers(1, 25))):
        log.wait(seconds=draw(st.integers(0, 900)))
        _call(draw, log, draw(callers()))
    return log.records


def answers(source: Records, **options: Any) -> dict[str, Any]:
    window = (START - timedelta(hours=1), START + timedelta(hours=8))
    found = investigate(Question(bucket=BUCKET, account_id=ACCOUNT, window=window), [source], **options)
    told = found.to_json()
    # How much was read is what may differ.
    del told["sources"], told["totals"]
    return told


def spread(records: Sequence[Record], over: Sequence[int]) -> dict[str, list[Record]]:
    """Each record into the file with the number given for it."""
    files: dict[str, list[Record]] = {}
    for record, number in zip(records, over, strict=True):
        files.setdefault(f"{number}.json", []).append(record)
    return files


@given(records=logs(), data=st.data())
@settings(max_examples=some_of(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_order_division_and_duplicates_change_nothing(records: list[Record], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(records + data.draw(st.lists(st.sampled_from(records), max_size=5))))
    over = data.draw(st.lists(st.integers(0, 4), min_size=len(shuffled), max_size=len(shuffled)))
    assert answers(Records(files=spread(shuffled, over))) == answers(Records(records))


@given(records=logs(), data=st.data())
@settings(max_examples=some_of(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_log_read_as_it_grew_answers_like_the_whole_read_at_once(
    records: list[Record], data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    matches = tmp_path_factory.mktemp("m") / "matches.sqlite"
    over = data.draw(st.lists(st.integers(0, 3), min_size=len(records), max_size=len(records)))
    files = spread(records, over)
    for count in range(1, len(files)):
        answers(Records(files=dict(list(files.items())[:count])), matches=matches)
    assert answers(Records(files=files), matches=matches) == answers(Records(records))


def about(told: dict[str, Any]) -> dict[str, Any]:
    """What is said about the bucket, and about those who were there."""
    parts = {
        name: told[name] for name in ("verdict", "lineage", "findings", "timeline", "proposals", "people")
    }
    return parts | {"actors": [actor for actor in told["actors"] if actor["bucket_events"]]}


@given(logs(), st.lists(st.tuples(st.integers(0, 25), st.integers(0, 9)), max_size=20))
@settings(max_examples=some_of(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_strangers_do_elsewhere_changes_nothing(
    records: list[Record], strangers: list[tuple[int, int]]
) -> None:
    noise = Log(now=START + timedelta(seconds=7))
    for number, kind in strangers:
        who = user(f"stranger-{number}", f"AKIASTRANGER{number:08d}", "198.51.100.200", "Boto3/1.43.0 Linux")
        noise.wait(seconds=60).object(
            who, ("GetObject", "PutObject")[kind % 2], f"{kind}", bucket="elsewhere"
        )
    mixed = sorted([*records, *noise.records], key=lambda record: record["eventTime"])
    assert about(answers(Records(mixed))) == about(answers(Records(records)))
